--- What happens when the server starts, stops or dies: who waits for it is served, and a server
--- that died is started again, each time later, until it dies too often.

local M = {}

local MOST = 3
local WITHIN_SECONDS = 180
local FIRST_DELAY = 500

local is_starting = false
---@type "stop"|"restart"|nil
local asked_for
---@type integer[] when the server died
local deaths = {}
---@type dowse.Callback[] who waits until the server runs
local waiting = {}

local function serve(problem)
  local served = waiting
  waiting = {}
  for _, callback in ipairs(served) do
    callback(problem)
  end
end

--- Call back once the server runs, which is started if need be.
---@param callback fun(problem?: string)
function M.when_running(callback)
  local client = require("dowse.client")
  if client.get() then return callback() end
  local problem = client.problem()
  if problem then return callback(problem) end
  table.insert(waiting, callback)
  if is_starting then return end
  is_starting = true
  client.start_for_search()
end

function M.starting()
  is_starting, asked_for = true, nil
end

function M.started()
  is_starting = false
  vim.schedule(serve)
end

function M.stopping() asked_for = "stop" end

--- Stop the server, if it runs, and start it with the options as they are now.
function M.restart()
  local client = require("dowse.client")
  require("dowse.options").reset()
  deaths, is_starting = {}, false
  if not client.get() then return client.enable() end
  client.stop()
  asked_for = "restart"
end

---@return integer deaths within the time that counts
local function died()
  local now = vim.uv.now()
  table.insert(deaths, now)
  deaths = vim.tbl_filter(function(at) return now - at < WITHIN_SECONDS * 1000 end, deaths)
  return #deaths
end

--- Keep Neovim from telling it too: its message is so long that it waits for Enter and hides ours.
---@param tell fun()
local function in_place_of_neovim(tell)
  local notify = vim.notify
  vim.notify = function(text, ...) -- luacheck: ignore 122
    if not vim.startswith(text, "Client dowse quit with exit code ") then notify(text, ...) end
  end
  vim.schedule(function()
    vim.notify = notify -- luacheck: ignore 122
    tell()
  end)
end

local function recover(how)
  local count = died()
  local message = require("dowse.message")
  if count > MOST then
    serve("the server does not run")
    local told = ("the server stopped %d times; :Dowse log, :Dowse restart"):format(count)
    return in_place_of_neovim(function() message.error(told) end)
  end
  local told = ("the server stopped (%s) and is started again"):format(how)
  in_place_of_neovim(function() message.warn(told) end)
  vim.defer_fn(require("dowse.client").enable, FIRST_DELAY * 2 ^ (count - 1))
end

---@param code integer
---@param signal integer
function M.exited(code, signal)
  local how = signal ~= 0 and ("signal %d"):format(signal) or ("exit code %d"):format(code)
  vim.schedule(function()
    if vim.v.exiting ~= vim.NIL then return end
    is_starting = false
    require("dowse.request").fail_all("the server stopped; ask again in a moment")
    require("dowse.status").told(nil)
    local asked = asked_for
    asked_for = nil
    if asked == "restart" then return require("dowse.client").enable() end
    if not asked and (code ~= 0 or signal ~= 0) then recover(how) end
  end)
end

return M
