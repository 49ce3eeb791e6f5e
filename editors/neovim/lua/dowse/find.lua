--- From a question to a picker, and from a chosen hit to the buffer or to its source.

local edit = require("dowse.edit")
local message = require("dowse.message")
local request = require("dowse.request")

local M = {}

local LIMIT = 20

local namespace = vim.api.nvim_create_namespace("dowse.find")

--- Where the code of a chosen hit goes: what was under the cursor when dowse was asked.
---@class dowse.Target
---@field window integer
---@field bufnr integer
---@field line integer counted from 0

---@return dowse.Target
local function target()
  local window = vim.api.nvim_get_current_win()
  return {
    window = window,
    bufnr = vim.api.nvim_win_get_buf(window),
    line = vim.api.nvim_win_get_cursor(window)[1] - 1,
  }
end

---@param place dowse.Target
---@param hit dowse.Hit
local function insert(place, hit)
  if not require("dowse.client").get(place.bufnr) then
    return message.warn("this buffer has no type, so no code can be laid out for it")
  end
  local argument = { uri = vim.uri_from_bufnr(place.bufnr), line = place.line, hit = hit }
  request.execute("insertion", argument, function(problem, workspace_edit)
    if problem then return message.warn(problem) end
    if not vim.api.nvim_win_is_valid(place.window) then return end
    local client = require("dowse.client").get(place.bufnr)
    edit.apply(
      place.window,
      edit.only(workspace_edit),
      client and client.offset_encoding or "utf-8"
    )
  end, place.bufnr)
end

---@param place dowse.Target
---@param hit dowse.Hit
local function open(place, hit)
  vim.api.nvim_set_current_win(place.window)
  vim.cmd("normal! m'")
  vim.cmd.edit(vim.fn.fnameescape(vim.uri_to_fname(hit.uri)))
  vim.api.nvim_win_set_cursor(0, { hit.startLine + 1, 0 })
  vim.cmd("normal! zvzt")
end

---@param place dowse.Target
---@param spec dowse.PickerSpec
local function pick(place, spec)
  spec.insert = function(hit) insert(place, hit) end
  spec.open = function(hit) open(place, hit) end
  require("dowse.picker").open(spec)
end

---@param opts? { any_language?: boolean }
---@return string? language the file's, whose family is searched
local function language(opts)
  local filetype = vim.bo.filetype
  return not (opts and opts.any_language) and filetype ~= "" and filetype or nil
end

---@param words? string
---@param opts? { any_language?: boolean }
function M.find(words, opts)
  local spoken = language(opts)
  require("dowse.recovery").when_running(function() end) -- while words are typed
  pick(target(), {
    title = "Find code",
    words = words,
    search = function(typed, callback)
      local argument = { words = typed, limit = LIMIT, language = spoken }
      return request.execute("search", argument, callback)
    end,
  })
end

---@param first integer
---@param last integer
---@param opts? { any_language?: boolean }
function M.like(first, last, opts)
  local place = target()
  local code = table.concat(vim.api.nvim_buf_get_lines(0, first - 1, last, false), "\n")
  if vim.trim(code) == "" then return message.warn("select the code that others are to be like") end
  local at = { uri = vim.uri_from_bufnr(place.bufnr), line = first - 1 }
  local argument = { like = code, at = at, limit = LIMIT, language = language(opts) }
  place.line = last - 1
  request.execute("search", argument, function(problem, answer)
    if problem then return message.warn(problem) end
    if #answer.hits == 0 then return message.info("no code like this was found") end
    pick(place, { title = "Code like this", answer = answer })
  end)
end

local function nothing_here()
  local word = require("dowse.options").get().settings.word or "find"
  local comment = vim.bo.commentstring:gsub("%%s", word .. ": parse an ISO date")
  message.info(("no %s comment is here; write one: %s"):format(word, vim.trim(comment)))
end

--- Ask for the hits of the comment at the cursor.
---@param place dowse.Target
---@param callback fun(answer: dowse.Answer)
local function ask(place, callback)
  local argument = { uri = vim.uri_from_bufnr(place.bufnr), line = place.line }
  request.execute("candidates", argument, function(problem, answer)
    if problem then return message.warn(problem) end
    if not answer or answer == vim.NIL then return nothing_here() end
    if #answer.hits == 0 then
      return message.info(("nothing found for “%s”"):format(answer.words))
    end
    callback(answer)
  end, place.bufnr)
end

function M.candidates()
  local place = target()
  ask(place, function(answer) pick(place, { title = answer.words, answer = answer }) end)
end

function M.explain()
  ask(target(), function(answer)
    local lines, highlights = require("dowse.card").page(answer)
    local bufnr = vim.lsp.util.open_floating_preview(lines, "", {
      border = "rounded",
      title = (" found by %s "):format(require("dowse.status").TIERS[answer.tier]),
      focus_id = "dowse.explain",
      max_height = math.floor(vim.o.lines * 0.6),
      max_width = 100,
    })
    for row, highlight in pairs(highlights) do
      vim.api.nvim_buf_set_extmark(bufnr, namespace, row, 0, { line_hl_group = highlight })
    end
  end)
end

return M
