--- The language server as Neovim's client sees it: how it is configured, started and reached.
---
--- Neovim 0.11 brings `vim.lsp.config` and `vim.lsp.enable`; below it, `vim.lsp.start` is called
--- for each buffer. One server answers for all folders, so that the model is in memory once.

local M = {}

M.NAME = "dowse"

local ROOT_MARKERS = { ".git", ".hg", "pyproject.toml", "package.json", "go.mod", "Cargo.toml" }

local STOP_PATIENCE = 3000 -- milliseconds until a server that does not stop is killed

M.modern = vim.lsp.config ~= nil and vim.lsp.enable ~= nil

local group = vim.api.nvim_create_augroup("dowse", {})

--- The folder that a buffer belongs to.
---@param bufnr integer
---@return string?
function M.root(bufnr) return vim.fs.root(bufnr, ROOT_MARKERS) end

---@param bufnr integer
local function has_code(bufnr)
  return vim.api.nvim_buf_is_loaded(bufnr)
    and vim.bo[bufnr].buftype == ""
    and vim.bo[bufnr].filetype ~= ""
end

local function capabilities()
  local own = { experimental = { dowseStatus = true } }
  return vim.tbl_deep_extend("force", vim.lsp.protocol.make_client_capabilities(), own)
end

---@param it vim.lsp.Client
local function is_alive(it) return it.name == M.NAME and not M.call(it, "is_stopped") end

--- What `lsp/dowse.lua` returns and `vim.lsp.start` takes.
function M.config()
  local options = require("dowse.options").get()
  local recovery = require("dowse.recovery")
  return {
    name = M.NAME,
    cmd = options.cmd,
    capabilities = capabilities(),
    settings = { dowse = next(options.settings) and options.settings or vim.empty_dict() },
    -- an empty buffer has no type yet: a server for it would index the working directory
    root_dir = function(bufnr, start)
      if vim.bo[bufnr].filetype ~= "" then start(M.root(bufnr)) end
    end,
    reuse_client = is_alive,
    handlers = {
      ["dowse/status"] = function(_, status) require("dowse.status").told(status) end,
    },
    before_init = recovery.starting,
    on_init = recovery.started,
    on_exit = recovery.exited,
  }
end

--- The configuration with what `vim.lsp.config("dowse", …)` made of it.
local function resolved() return M.modern and vim.lsp.config[M.NAME] or M.config() end

--- Why the server cannot be started, if it cannot.
---@return string? problem
function M.problem()
  local cmd = resolved().cmd
  if type(cmd) == "table" and vim.fn.executable(cmd[1]) == 0 then
    return ("there is no program %s (:help dowse-install)"):format(cmd[1])
  end
end

--- Call a method of a client; Neovim 0.11 made them methods, before they were functions.
---@param client vim.lsp.Client
---@param name string
function M.call(client, name, ...)
  if M.modern then return client[name](client, ...) end
  return client[name](...)
end

--- The running server: that of a buffer, or any.
---@param bufnr? integer
---@return vim.lsp.Client?
function M.get(bufnr)
  local here = vim.lsp.get_clients({ name = M.NAME, bufnr = bufnr or 0 })
  return vim.iter(here):find(is_alive)
    or (not bufnr and vim.iter(vim.lsp.get_clients({ name = M.NAME })):find(is_alive))
    or nil
end

---@param bufnr integer
local function start(bufnr)
  if not has_code(bufnr) then return end
  local config = resolved()
  config.root_dir = M.root(bufnr)
  vim.lsp.start(config, { bufnr = bufnr, reuse_client = config.reuse_client })
end

--- Tell a server that is running of one more folder, unless it has it.
---@param client vim.lsp.Client
---@param bufnr integer
local function add_folder(client, bufnr)
  local root = M.root(bufnr)
  if not root then return end
  local folders = client.workspace_folders or {}
  for _, folder in ipairs(folders) do
    if vim.startswith(root .. "/", vim.uri_to_fname(folder.uri) .. "/") then return end
  end
  local folder = { uri = vim.uri_from_fname(root), name = root }
  client.workspace_folders = vim.list_extend(folders, { folder })
  local event = { added = { folder }, removed = {} }
  M.call(client, "notify", "workspace/didChangeWorkspaceFolders", { event = event })
end

local function attached(args)
  local client = vim.lsp.get_client_by_id(args.data.client_id)
  if not client or client.name ~= M.NAME then return end
  add_folder(client, args.buf)
  require("dowse.ghost_text").attach(client, args.buf)
  require("dowse.completion").attach(args.buf)
end

local function enable_now()
  if M.modern then vim.lsp.config(M.NAME, {}) end -- forgets what older options said
  local problem = M.problem()
  if problem then return require("dowse.message").warn(problem) end
  if M.modern then return vim.lsp.enable(M.NAME) end
  vim.api.nvim_create_autocmd("FileType", {
    group = group,
    callback = function(args) start(args.buf) end,
  })
  vim.iter(vim.api.nvim_list_bufs()):each(start)
end

--- Start the server for every file that is open or will be opened.
function M.enable()
  vim.api.nvim_clear_autocmds({ group = group })
  vim.api.nvim_create_autocmd("LspAttach", { group = group, callback = attached })
  if vim.v.vim_did_enter == 1 then return enable_now() end
  vim.api.nvim_create_autocmd("VimEnter", { group = group, once = true, callback = enable_now })
end

--- Start the server for a search: for the current buffer, or where it holds no code without one,
--- in the folder that is worked in.
function M.start_for_search()
  M.enable()
  if has_code(0) then return end
  local config = vim.deepcopy(resolved())
  config.root_dir = M.root(0)
  if M.modern then return vim.lsp.start(config, { attach = false, reuse_client = is_alive }) end
  return vim.lsp.start_client(config)
end

---@param client vim.lsp.Client
local function stop(client)
  M.call(client, "stop")
  vim.defer_fn(function()
    if is_alive(client) then M.call(client, "stop", true) end
  end, STOP_PATIENCE)
end

--- Stop the server, and start it for no other file.
function M.stop()
  require("dowse.recovery").stopping()
  vim.api.nvim_clear_autocmds({ group = group })
  local clients = vim.lsp.get_clients({ name = M.NAME })
  if M.modern then vim.lsp.enable(M.NAME, false) end
  vim.iter(clients):filter(is_alive):each(stop)
end

--- Give the server other settings.
---@param changed table<string, any>
function M.change_settings(changed)
  for _, client in ipairs(vim.lsp.get_clients({ name = M.NAME })) do
    local settings = vim.tbl_extend("force", client.settings.dowse or {}, changed)
    client.settings.dowse = settings
    M.call(
      client,
      "notify",
      "workspace/didChangeConfiguration",
      { settings = { dowse = settings } }
    )
  end
end

return M
