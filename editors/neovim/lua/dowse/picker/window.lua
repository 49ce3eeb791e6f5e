--- dowse's own picker: a list of hits, the code of the one under the cursor, and why it was found.

local card = require("dowse.card")
local layout = require("dowse.picker.layout")
local TIERS = require("dowse.status").TIERS

local M = {}

local DELAY = 150 -- milliseconds without a key before words are searched
local namespace = vim.api.nvim_create_namespace("dowse.picker")

---@class dowse.Picker
---@field spec dowse.PickerSpec
---@field hits dowse.Hit[]
---@field index integer
---@field windows dowse.Windows
---@field timer uv.uv_timer_t
---@field cancel fun()
local Picker = {}
Picker.__index = Picker

---@param window integer
---@param lines string[]
local function write(window, lines)
  local bufnr = vim.api.nvim_win_get_buf(window)
  vim.bo[bufnr].modifiable = true
  vim.api.nvim_buf_set_lines(bufnr, 0, -1, false, lines)
  vim.bo[bufnr].modifiable = false
end

---@param window integer
---@param title string shortened from the left, so that the end of a path stays
local function entitle(window, title)
  local excess = vim.fn.strdisplaywidth(title) - vim.api.nvim_win_get_width(window) + 4
  if excess > 0 then title = "…" .. vim.fn.strcharpart(title, excess) end
  vim.api.nvim_win_set_config(window, { title = (" %s "):format(title), title_pos = "left" })
end

---@return dowse.Hit?
function Picker:hit() return self.hits[self.index] end

function Picker:show_hit()
  local windows, hit = self.windows, self:hit()
  write(windows.code, hit and card.code(hit) or {})
  write(windows.why, hit and card.reasons(hit) or {})
  entitle(windows.code, hit and hit.location or "Code")
  if not hit then return end
  card.highlight(vim.api.nvim_win_get_buf(windows.code), hit.language)
  vim.api.nvim_win_set_cursor(windows.code, { 1, 0 })
  vim.api.nvim_win_set_cursor(windows.list, { self.index, 0 })
end

--- The names of the hits, and at the right where they come from.
function Picker:show_list()
  local list = self.windows.list
  local bufnr = vim.api.nvim_win_get_buf(list)
  write(list, vim.tbl_map(function(hit) return hit.symbol end, self.hits))
  for row, hit in ipairs(self.hits) do
    vim.api.nvim_buf_set_extmark(bufnr, namespace, row - 1, 0, {
      virt_text = { { " " .. card.origin(hit) .. " ", "Comment" } },
      virt_text_pos = "right_align",
      hl_mode = "combine",
    })
  end
end

--- Say something in place of hits.
---@param text string
function Picker:tell(text)
  local list = self.windows.list
  self.hits = {}
  write(list, { text })
  entitle(list, "Hits")
  local bufnr = vim.api.nvim_win_get_buf(list)
  vim.api.nvim_buf_set_extmark(bufnr, namespace, 0, 0, { end_row = 1, hl_group = "Comment" })
  self:show_hit()
end

---@param answer dowse.Answer
function Picker:show(answer)
  self.hits, self.index = answer.hits, 1
  if #answer.hits == 0 then return self:tell("Nothing found.") end
  local count = #answer.hits == 1 and "1 hit" or ("%d hits"):format(#answer.hits)
  entitle(self.windows.list, ("%s by %s"):format(count, TIERS[answer.tier]))
  self:show_list()
  self:show_hit()
end

---@param step integer
function Picker:move(step)
  if #self.hits == 0 then return end
  self.index = (self.index - 1 + step) % #self.hits + 1
  self:show_hit()
end

function Picker:close()
  if not self.timer:is_closing() then self.timer:close() end
  self.cancel()
  if self.windows.prompt then vim.cmd.stopinsert() end
  layout.close(self.windows)
  vim.api.nvim_echo({ { "" } }, false, {}) -- the ruler of the floating windows would stay
end

---@param act "insert"|"open"
function Picker:take(act)
  local hit = self:hit()
  if not hit then return end
  self:close()
  vim.schedule(function() self.spec[act](hit) end)
end

---@param lines integer
function Picker:scroll(lines)
  local key = vim.keycode(lines > 0 and "<C-e>" or "<C-y>")
  vim.api.nvim_win_call(
    self.windows.code,
    function() vim.cmd(("normal! %d%s"):format(math.abs(lines), key)) end
  )
end

---@param words string
function Picker:search(words)
  self.cancel()
  if vim.trim(words) == "" then return self:tell("Say what the code does.") end
  if #self.hits == 0 then self:tell("Searching …") end
  self.cancel = self.spec.search(words, function(problem, answer)
    if not vim.api.nvim_win_is_valid(self.windows.list) then return end
    if problem then return self:tell(problem) end
    self:show(answer)
  end)
end

function Picker:search_soon()
  self.timer:start(DELAY, 0, function()
    vim.schedule(function()
      if not vim.api.nvim_win_is_valid(self.windows.prompt) then return end
      local prompt = vim.api.nvim_win_get_buf(self.windows.prompt)
      self:search(vim.api.nvim_buf_get_lines(prompt, 0, 1, false)[1] or "")
    end)
  end)
end

---@param keys string[]
---@param call fun()
function Picker:map(keys, call)
  local bufnr = vim.api.nvim_win_get_buf(self.windows.focus)
  for _, key in ipairs(keys) do
    vim.keymap.set({ "n", "i" }, key, call, { buffer = bufnr, nowait = true })
  end
end

function Picker:map_keys()
  local half = math.floor(vim.api.nvim_win_get_height(self.windows.code) / 2)
  local live = self.windows.prompt ~= nil
  self:map({ "<CR>" }, function() self:take("insert") end)
  self:map({ "<C-o>", not live and "o" or nil }, function() self:take("open") end)
  self:map({ "<Esc>", "<C-c>", not live and "q" or nil }, function() self:close() end)
  self:map({ "<C-n>", "<Down>", "<Tab>" }, function() self:move(1) end)
  self:map({ "<C-p>", "<Up>", "<S-Tab>" }, function() self:move(-1) end)
  self:map({ "<C-d>", "<PageDown>" }, function() self:scroll(half) end)
  self:map({ "<C-u>", "<PageUp>" }, function() self:scroll(-half) end)
end

--- Follow the cursor in the list, the words in the prompt, and leave when the windows are left.
function Picker:watch()
  local bufnr = vim.api.nvim_win_get_buf(self.windows.focus)
  local function on(events, call)
    vim.api.nvim_create_autocmd(events, { buffer = bufnr, callback = call })
  end
  on("WinLeave", function()
    vim.schedule(function() self:close() end)
  end)
  if self.windows.prompt then
    return on({ "TextChanged", "TextChangedI" }, function() self:search_soon() end)
  end
  on("CursorMoved", function()
    local row = vim.api.nvim_win_get_cursor(self.windows.list)[1]
    if row ~= self.index then self:move(row - self.index) end
  end)
end

---@param words? string
function Picker:start(words)
  if self.spec.answer then return self:show(self.spec.answer) end
  local prompt = vim.api.nvim_win_get_buf(self.windows.prompt)
  vim.api.nvim_buf_set_lines(prompt, 0, -1, false, { words or "" })
  vim.cmd.startinsert({ bang = true })
  self:search(words or "")
end

--- Rows that the longest code needs; as many as there are where hits come while one types.
---@param answer? dowse.Answer
local function wanted_rows(answer)
  if not answer then return math.huge end
  return vim
    .iter(answer.hits)
    :fold(#answer.hits, function(most, hit) return math.max(most, #card.code(hit)) end)
end

---@param spec dowse.PickerSpec
function M.open(spec)
  local picker = setmetatable({
    spec = spec,
    hits = {},
    index = 1,
    windows = layout.open(spec.title, spec.search ~= nil, wanted_rows(spec.answer)),
    timer = assert(vim.uv.new_timer()),
    cancel = function() end,
  }, Picker)
  picker:map_keys()
  picker:watch()
  picker:start(spec.words)
end

return M
