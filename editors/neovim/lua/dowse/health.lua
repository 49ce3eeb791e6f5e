--- `:checkhealth dowse`

local M = {}

local health = vim.health

local function neovim()
  health.start("Neovim")
  if vim.fn.has("nvim-0.10") == 0 then
    return health.error("Neovim is too old", { "dowse needs Neovim 0.10 or later" })
  end
  local version = tostring(vim.version())
  local modern = require("dowse.client").modern
  health.ok(
    ("Neovim %s, started by %s"):format(version, modern and "vim.lsp.enable" or "vim.lsp.start")
  )
  local native = vim.lsp.inline_completion ~= nil
  health.info(
    "ghost text by " .. (native and "vim.lsp.inline_completion" or "dowse's own extmarks")
  )
end

local function options()
  health.start("vim.g.dowse")
  local resolved, problems = require("dowse.options").resolve()
  for _, problem in ipairs(problems) do
    health.error(problem, { "the default is used; :help vim.g.dowse tells what it may be" })
  end
  if #problems == 0 then health.ok("every option can be used") end
  if require("dowse.picker").is_installed(resolved.picker) then
    return health.ok("hits are shown by " .. resolved.picker)
  end
  local advice = "install it, or set vim.g.dowse.picker to window or select"
  health.error(("the picker %s is not installed"):format(resolved.picker), { advice })
end

---@param cmd string[]
---@return string? version
local function version_of(cmd)
  local command = vim.list_slice(cmd, 1, #cmd - 1)
  if cmd[#cmd] ~= "serve" then return nil end
  table.insert(command, "--version")
  local done, ran = pcall(function() return vim.system(command, { text = true }):wait(10000) end)
  if done and ran.code == 0 then return vim.trim(ran.stdout) end
end

---@param client vim.lsp.Client
local function running(client)
  local params = { command = "dowse.status" }
  local call = require("dowse.client").call
  local answer = call(client, "request_sync", "workspace/executeCommand", params, 5000, 0)
  if not (answer and answer.result) then
    return health.error("the server does not answer", { ":Dowse restart", ":Dowse log" })
  end
  health.ok("the server runs")
  for _, line in ipairs(require("dowse.status").lines(answer.result)) do
    health.info(line)
  end
end

local function server()
  health.start("Server")
  local client = require("dowse.client")
  local problem = client.problem()
  if problem then
    return health.error(problem, {
      "install dowse",
      'or name its place: vim.g.dowse = { cmd = { "/path/to/dowse", "serve" } }',
    })
  end
  local cmd = require("dowse.options").get().cmd
  health.ok(("%s (%s)"):format(version_of(cmd) or "found", table.concat(cmd, " ")))
  local one = client.get()
  if one then return running(one) end
  health.warn("the server does not run", { "open a file that has a type, or :Dowse start" })
end

function M.check()
  neovim()
  options()
  server()
end

return M
