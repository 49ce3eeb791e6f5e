--- Edits of the server as one undo step each, with the cursor where one goes on typing.

local M = {}

--- End an undo step, so that what follows is taken back alone.
function M.undo_break() vim.cmd("let &g:undolevels = &g:undolevels") end

--- The byte of a line that the server calls a character.
---@param line string
---@param character integer
---@param encoding string
---@return integer
function M.byte(line, character, encoding)
  if encoding == "utf-8" then return math.min(character, #line) end
  if require("dowse.client").modern then
    return vim.str_byteindex(line, encoding, character, false)
  end
  local points, units = vim.str_utfindex(line)
  local is_utf16 = encoding == "utf-16"
  return vim.str_byteindex(line, math.min(character, is_utf16 and units or points), is_utf16)
end

--- Put the cursor behind the text that an edit has brought.
---@param window integer
---@param edit lsp.TextEdit
local function follow(window, edit)
  local text = edit.newText:gsub("\r\n?", "\n"):gsub("\n$", "")
  local _, breaks = text:gsub("\n", "")
  local row = edit.range.start.line + breaks
  local bufnr = vim.api.nvim_win_get_buf(window)
  local line = vim.api.nvim_buf_get_lines(bufnr, row, row + 1, false)[1] or ""
  vim.api.nvim_win_set_cursor(window, { row + 1, #line })
end

--- Apply an edit whose text ends with a line, and put the cursor there.
---@param window integer
---@param edit lsp.TextEdit
---@param encoding string
function M.apply(window, edit, encoding)
  M.undo_break()
  vim.lsp.util.apply_text_edits({ edit }, vim.api.nvim_win_get_buf(window), encoding)
  follow(window, edit)
  M.undo_break()
end

--- The only edit of a `WorkspaceEdit` that changes one place of one document.
---@param edit lsp.WorkspaceEdit
---@return lsp.TextEdit
function M.only(edit)
  if edit.documentChanges then return edit.documentChanges[1].edits[1] end
  local _, edits = next(edit.changes)
  return edits[1]
end

return M
