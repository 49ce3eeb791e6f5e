--- Requests to the server that can be cancelled, and that never stay without an answer.

local client_of = require("dowse.client")

local M = {}

local CANCELLED = { [-32800] = true, [-32802] = true }

---@type table<integer, dowse.Callback>
local pending = {}
local last = 0

local function nothing() end

---@param id integer
---@param problem? string
---@param result any
local function answer(id, problem, result)
  local callback = pending[id]
  pending[id] = nil
  if callback then callback(problem, result) end
end

--- Send a request.
---@param client vim.lsp.Client
---@param method string
---@param params table
---@param callback dowse.Callback not called once the request is cancelled
---@param bufnr? integer the buffer whose latest text the server must know
---@return fun() cancel
function M.send(client, method, params, callback, bufnr)
  last = last + 1
  local id = last
  pending[id] = callback
  local sent, request = client_of.call(client, "request", method, params, function(problem, result)
    if problem and CANCELLED[problem.code] then
      pending[id] = nil
      return
    end
    answer(id, problem and problem.message, result)
  end, bufnr or vim.api.nvim_get_current_buf())
  if not sent then vim.schedule(function() answer(id, "the server does not run") end) end
  return function()
    if not pending[id] then return end
    pending[id] = nil
    if request then client_of.call(client, "cancel_request", request) end
  end
end

--- Run a command of the server, which is started if it does not run.
---@param name string without the leading `dowse.`
---@param argument? table
---@param callback dowse.Callback
---@param bufnr? integer
---@return fun() cancel
function M.execute(name, argument, callback, bufnr)
  local cancel, cancelled = nothing, false
  require("dowse.recovery").when_running(function(problem)
    if cancelled then return end
    local client = client_of.get()
    if not client then return callback(problem or "the server does not run") end
    local params = { command = "dowse." .. name, arguments = argument and { argument } }
    cancel = M.send(client, "workspace/executeCommand", params, callback, bufnr)
  end)
  return function()
    cancelled = true
    cancel()
  end
end

--- Answer everybody who waits: the server is gone and will not.
---@param problem string
function M.fail_all(problem)
  for _, id in ipairs(vim.tbl_keys(pending)) do
    answer(id, problem)
  end
end

return M
