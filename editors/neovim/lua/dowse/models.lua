--- Which model answers, with which adapter, and how another model is fetched.

local message = require("dowse.message")
local request = require("dowse.request")

local M = {}

---@class dowse.Model
---@field name string
---@field path string
---@field bytes integer
---@field license string
---@field dimensions integer
---@field chosen boolean

---@param model dowse.Model
local function line(model)
  local megabytes = model.bytes / 1000000
  local mark = model.chosen and "  (chosen)" or ""
  return ("%s  %.0f MB  %s%s"):format(model.name, megabytes, model.license, mark)
end

local function use(name)
  require("dowse.client").change_settings({ model = name })
  message.info(("the model %s is loaded; vim.g.dowse.settings.model keeps the choice"):format(name))
end

--- Choose the model; ask which if no name is given.
---@param name? string name or path
function M.model(name)
  if name then return use(name) end
  request.execute("models", nil, function(problem, models)
    if problem then return message.warn(problem) end
    local opts = { prompt = "Model:", kind = "dowse.model", format_item = line }
    vim.ui.select(models, opts, function(model)
      if model then use(model.name) end
    end)
  end)
end

--- Download a model. The server shows how far it is; `:Dowse model` makes it answer.
---@param repository string owner/name
---@param file string
---@param revision? string
function M.pull(repository, file, revision)
  local argument = { repository = repository, file = file, revision = revision }
  request.execute("pullModel", argument, function(problem, model)
    if problem then return message.error(problem) end
    message.info(("pulled %s; :Dowse model %s makes it answer"):format(model.name, model.name))
  end)
end

---@return string
local function present()
  local client = require("dowse.client").get()
  local adapter = client and vim.tbl_get(client.settings, "dowse", "adapter")
  return adapter and adapter ~= "" and adapter or "none"
end

--- Run the model with an adapter of one's own, or say which one it runs with.
---@param path? string of a GGUF file; `none` for the model alone
function M.adapter(path)
  if not path then return message.info("adapter: " .. present()) end
  if path ~= "none" then
    path = vim.fn.fnamemodify(vim.fn.expand(path), ":p")
    if vim.fn.filereadable(path) == 0 then return message.warn("there is no file " .. path) end
  end
  require("dowse.client").change_settings({ adapter = path == "none" and "" or path })
  message.info("adapter: " .. path)
end

return M
