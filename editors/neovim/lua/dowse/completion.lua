--- Code of several lines from Neovim's own completion menu, which inserts its first word only.

local M = {}

local group = vim.api.nvim_create_augroup("dowse.completion", {})

--- The chosen item, if it is one of dowse's and Neovim has left its code out.
---@param bufnr integer
---@return lsp.CompletionItem?
local function chosen(bufnr)
  if (vim.v.event.reason or "accept") ~= "accept" then return nil end -- Neovim 0.10 gives no reason
  local item = vim.tbl_get(vim.v.completed_item, "user_data", "nvim", "lsp", "completion_item")
  local ours = item and vim.tbl_get(item, "data", "token") and require("dowse.client").get(bufnr)
  if ours and item.textEdit and item.textEdit.newText:find("\n") then return item end
end

--- Take back the word that Neovim inserted, and insert the code.
---@param item lsp.CompletionItem
---@param word string
---@param bufnr integer
local function insert(item, word, bufnr)
  local client = require("dowse.client").get(bufnr)
  if not client then return end
  local row, column = unpack(vim.api.nvim_win_get_cursor(0))
  if word ~= "" then
    vim.api.nvim_buf_set_text(bufnr, row - 1, column - #word, row - 1, column, {})
  end
  require("dowse.edit").apply(0, item.textEdit, client.offset_encoding)
end

---@param bufnr integer
function M.attach(bufnr)
  vim.api.nvim_clear_autocmds({ group = group, buffer = bufnr })
  vim.api.nvim_create_autocmd("CompleteDone", {
    group = group,
    buffer = bufnr,
    callback = function()
      local item = chosen(bufnr)
      local word = vim.v.completed_item.word
      -- later, so that what Neovim does to end the completion is not part of the undo step
      if item then vim.schedule(function() insert(item, word, bufnr) end) end
    end,
  })
end

return M
