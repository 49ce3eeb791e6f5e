--- Where the windows of dowse's own picker stand.

local M = {}

local KEYS = " <CR> insert · <C-o> source · <Esc> close "
local WHY_ROWS = 6
local WIDE = 100 -- columns from which list and code stand side by side

---@class dowse.Windows
---@field prompt? integer
---@field list integer
---@field code integer
---@field why integer
---@field focus integer the window that has the keys

---@class dowse.Box
---@field row integer
---@field column integer
---@field width integer the border not counted
---@field height integer

---@param height integer
---@param width integer
---@param live boolean
---@return table<string, dowse.Box>
local function side_by_side(height, width, live)
  local left = math.floor(width * 0.42)
  local prompt = live and 3 or 0
  local right = { column = left + 2, width = width - left - 4 }
  local code = height - WHY_ROWS - 4
  return {
    prompt = { row = 0, column = 0, width = left, height = 1 },
    list = { row = prompt, column = 0, width = left, height = height - prompt - 2 },
    code = { row = 0, column = right.column, width = right.width, height = code },
    why = { row = code + 2, column = right.column, width = right.width, height = WHY_ROWS },
  }
end

---@param height integer
---@param width integer
---@param live boolean
---@return table<string, dowse.Box>
local function stacked(height, width, live)
  local prompt, why = live and 3 or 0, math.min(WHY_ROWS, math.floor(height / 5))
  local list = math.floor((height - prompt) / 3) - 2
  local code = height - prompt - list - why - 6
  local inner = width - 2
  return {
    prompt = { row = 0, column = 0, width = inner, height = 1 },
    list = { row = prompt, column = 0, width = inner, height = list },
    code = { row = prompt + list + 2, column = 0, width = inner, height = code },
    why = { row = prompt + list + code + 4, column = 0, width = inner, height = why },
  }
end

---@param live boolean
---@param wanted number
---@return table<string, dowse.Box>
local function boxes(live, wanted)
  local rows = vim.o.lines - vim.o.cmdheight
  local height = math.min(rows - 2, 36, wanted + WHY_ROWS + 4)
  local width = math.min(vim.o.columns - 4, 160)
  local placed = (width >= WIDE and side_by_side or stacked)(height, width, live)
  local top, left = math.floor((rows - height) / 2), math.floor((vim.o.columns - width) / 2)
  for _, box in pairs(placed) do
    box.row, box.column = box.row + top, box.column + left
    box.width, box.height = math.max(1, box.width), math.max(1, box.height)
  end
  return placed
end

---@param box dowse.Box
---@param title string
---@param focus boolean
---@return integer window
local function open(box, title, focus)
  local bufnr = vim.api.nvim_create_buf(false, true)
  vim.bo[bufnr].bufhidden = "wipe"
  return vim.api.nvim_open_win(bufnr, focus, {
    relative = "editor",
    row = box.row,
    col = box.column,
    width = box.width,
    height = box.height,
    border = "rounded",
    style = "minimal",
    title = (" %s "):format(title),
    zindex = 60,
  })
end

---@param window integer
---@param wrap boolean
local function dress(window, wrap)
  local wo = vim.wo[window]
  wo.statuscolumn = " "
  wo.wrap, wo.linebreak, wo.breakindent = wrap, wrap, wrap
  wo.winhighlight = "NormalFloat:Normal,CursorLine:Visual"
end

---@param title string
---@param live boolean with a line for words
---@param wanted number rows for code
---@return dowse.Windows
function M.open(title, live, wanted)
  local placed = boxes(live, wanted)
  local windows = {
    code = open(placed.code, "Code", false),
    why = open(placed.why, "Why", false),
    list = open(placed.list, title, not live),
  }
  windows.prompt = live and open(placed.prompt, title, true) or nil
  windows.focus = windows.prompt or windows.list
  vim.api.nvim_win_set_config(windows.list, { footer = KEYS, footer_pos = "right" })
  for _, window in pairs(windows) do
    dress(window, window == windows.why)
  end
  vim.wo[windows.list].cursorline = true
  return windows
end

---@param windows dowse.Windows
function M.close(windows)
  for _, name in ipairs({ "prompt", "list", "code", "why" }) do
    local window = windows[name]
    if window and vim.api.nvim_win_is_valid(window) then vim.api.nvim_win_close(window, true) end
  end
end

return M
