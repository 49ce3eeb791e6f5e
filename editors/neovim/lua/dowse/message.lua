--- Messages to the person.

local M = {}

-- later, because what an autocommand says is overwritten by what the command says that caused it
local function notify(text, level)
  vim.schedule(function() vim.notify("dowse: " .. text, level, { title = "dowse" }) end)
end

---@param text string
function M.info(text) notify(text, vim.log.levels.INFO) end

---@param text string
function M.warn(text) notify(text, vim.log.levels.WARN) end

---@param text string
function M.error(text) notify(text, vim.log.levels.ERROR) end

return M
