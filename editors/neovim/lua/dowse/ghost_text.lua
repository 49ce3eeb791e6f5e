--- The best snippet in grey, below the comment that asks for it, until it is accepted.
---
--- Neovim 0.12 shows inline completions itself; below it, extmarks do. What is shown stays until
--- the next answer comes, so that the lines below do not jump while words are typed.

local M = {}

local AUTOMATIC = 2 -- InlineCompletionTriggerKind of LSP 3.18

local namespace = vim.api.nvim_create_namespace("dowse.ghost_text")
local group = vim.api.nvim_create_augroup("dowse.ghost_text", {})

---@class dowse.Shown
---@field bufnr integer
---@field row integer where the cursor was, counted from 0
---@field column integer
---@field tick integer version of the text that was asked about
---@field encoding string
---@field items lsp.InlineCompletionItem[]
---@field index integer

---@type dowse.Shown?
local shown
local timer = assert(vim.uv.new_timer())
local function cancel() end

local function hide()
  if shown and vim.api.nvim_buf_is_valid(shown.bufnr) then
    vim.api.nvim_buf_clear_namespace(shown.bufnr, namespace, 0, -1)
  end
  shown = nil
end

---@return integer row
---@return integer column
local function cursor()
  local row, column = unpack(vim.api.nvim_win_get_cursor(0))
  return row - 1, column
end

local function is_inserting() return vim.api.nvim_get_mode().mode:sub(1, 1) == "i" end

---@param text string
---@param bufnr integer
---@return string[]
local function lines_of(text, bufnr)
  local tab = (" "):rep(vim.bo[bufnr].tabstop)
  local unix = text:gsub("\r\n?", "\n"):gsub("\t", tab)
  return vim.split(unix, "\n", { plain = true })
end

--- What the first line of an item brings beside what stands in the buffer.
---@param state dowse.Shown
---@param first string
local function rest_of_line(state, first)
  local line = vim.api.nvim_buf_get_lines(state.bufnr, state.row, state.row + 1, true)[1]
  local range = state.items[state.index].range
  local from = require("dowse.edit").byte(line, range.start.character, state.encoding)
  if vim.startswith(first, line:sub(from + 1)) then return first:sub(#line - from + 1) end
  return first
end

---@param lines string[]
---@return table[] virtual lines
local function virtual(lines)
  local most = require("dowse.options").get().ghost_text.max_lines
  local drawn = vim.list_slice(lines, 1, most)
  if #lines > most then table.insert(drawn, ("… %d more lines"):format(#lines - most)) end
  return vim.tbl_map(function(line) return { { line, "DowseGhostText" } } end, drawn)
end

---@param state dowse.Shown
local function draw(state)
  vim.api.nvim_buf_clear_namespace(state.bufnr, namespace, 0, -1)
  local lines = lines_of(state.items[state.index].insertText, state.bufnr)
  local first = rest_of_line(state, table.remove(lines, 1))
  local count = state.cycled and ("  %d/%d"):format(state.index, #state.items) or ""
  vim.api.nvim_buf_set_extmark(state.bufnr, namespace, state.row, state.column, {
    virt_text = { { first, "DowseGhostText" }, { count, "DowseGhostTextCount" } },
    virt_text_pos = "inline",
    virt_lines = virtual(lines),
  })
end

--- Whether the text and the cursor are still as the shown item found them.
local function is_fresh()
  if not shown or shown.bufnr ~= vim.api.nvim_get_current_buf() or not is_inserting() then
    return false
  end
  local row, column = cursor()
  return row == shown.row
    and column == shown.column
    and vim.api.nvim_buf_get_changedtick(shown.bufnr) == shown.tick
end

---@param client vim.lsp.Client
---@param bufnr integer
local function ask(client, bufnr)
  local params = vim.lsp.util.make_position_params(0, client.offset_encoding)
  params.context = { triggerKind = AUTOMATIC }
  local row, column = cursor()
  local state = {
    bufnr = bufnr,
    row = row,
    column = column,
    tick = vim.api.nvim_buf_get_changedtick(bufnr),
    encoding = client.offset_encoding,
    index = 1,
  }
  local method = "textDocument/inlineCompletion"
  cancel = require("dowse.request").send(client, method, params, function(_, items)
    hide()
    state.items, shown = items or {}, state
    if #state.items > 0 and is_fresh() then return draw(state) end
    shown = nil
  end, bufnr)
end

--- Ask once no key has come for a while.
local function ask_soon(bufnr)
  cancel()
  if shown and (cursor()) ~= shown.row then hide() end
  timer:start(require("dowse.options").get().ghost_text.delay, 0, function()
    vim.schedule(function()
      local client = require("dowse.client").get(bufnr)
      local here = bufnr == vim.api.nvim_get_current_buf()
      if client and here and is_inserting() and vim.fn.pumvisible() == 0 then ask(client, bufnr) end
    end)
  end)
end

local function leave()
  cancel()
  timer:stop()
  hide()
end

local function is_native() return vim.lsp.inline_completion ~= nil end

---@param bufnr integer
local function watch(bufnr)
  vim.api.nvim_clear_autocmds({ group = group, buffer = bufnr })
  vim.api.nvim_create_autocmd({ "InsertEnter", "TextChangedI", "CursorMovedI" }, {
    group = group,
    buffer = bufnr,
    callback = function() ask_soon(bufnr) end,
  })
  vim.api.nvim_create_autocmd({ "InsertLeave", "BufLeave", "CompleteChanged", "LspDetach" }, {
    group = group,
    buffer = bufnr,
    callback = leave,
  })
end

--- Show ghost text in a buffer from now on.
---@param client vim.lsp.Client
---@param bufnr integer
function M.attach(client, bufnr)
  if not require("dowse.options").get().ghost_text.enabled then return end
  vim.api.nvim_set_hl(0, "DowseGhostText", { link = "NonText", default = true })
  vim.api.nvim_set_hl(0, "DowseGhostTextCount", { link = "MoreMsg", default = true })
  if is_native() then return vim.lsp.inline_completion.enable(true, { client_id = client.id }) end
  watch(bufnr)
end

--- Accept what is shown; the text changes a moment later, as expression maps need it.
---@return boolean accepted
function M.accept()
  if is_native() then
    local accepted = vim.lsp.inline_completion.get()
    if accepted then vim.schedule(require("dowse.edit").undo_break) end
    return accepted
  end
  if not is_fresh() then return false end
  local item, encoding = shown.items[shown.index], shown.encoding
  local window = vim.api.nvim_get_current_win()
  vim.schedule(function()
    leave()
    local edit = { range = item.range, newText = item.insertText }
    require("dowse.edit").apply(window, edit, encoding)
  end)
  return true
end

--- Show another item.
---@param count integer
function M.cycle(count)
  if is_native() then return vim.lsp.inline_completion.select({ count = count }) end
  if not is_fresh() then return end
  shown.index = (shown.index - 1 + count) % #shown.items + 1
  shown.cycled = true
  draw(shown)
end

return M
