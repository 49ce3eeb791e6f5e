--- `:Dowse` and its subcommands.

local M = {}

---@class dowse.Subcommand
---@field run fun(args: vim.api.keyset.create_user_command.command_args, words: string[])
---@field complete? fun(lead: string): string[]
---@field least? integer words that it needs
---@field usage? string what they are

---@param lead string
local function adapters(lead)
  local found = vim.fn.getcompletion(lead, "file")
  local fitting = vim.tbl_filter(
    function(path) return path:match("%.gguf$") or path:match("/$") end,
    found
  )
  if vim.startswith("none", lead) then table.insert(fitting, 1, "none") end
  return fitting
end

local function log()
  local path = vim.lsp.log and vim.lsp.log.get_filename and vim.lsp.log.get_filename()
    or vim.lsp.get_log_path()
  vim.cmd.tabedit(vim.fn.fnameescape(path))
  vim.cmd("silent! normal! G")
end

---@type table<string, dowse.Subcommand>
local SUBCOMMANDS = {
  accept = {
    run = function()
      if not require("dowse").accept() then
        require("dowse.message").info("there is no ghost text; it shows in insert mode")
      end
    end,
  },
  adapter = {
    run = function(_, words) require("dowse.models").adapter(words[1]) end,
    complete = adapters,
  },
  candidates = { run = function() require("dowse").candidates() end },
  explain = { run = function() require("dowse").explain() end },
  find = {
    run = function(args, words)
      local typed = #words > 0 and table.concat(words, " ") or nil
      require("dowse").find(typed, { any_language = args.bang })
    end,
  },
  like = {
    run = function(args)
      require("dowse").like(args.line1, args.line2, { any_language = args.bang })
    end,
  },
  log = { run = log },
  model = { run = function(_, words) require("dowse.models").model(words[1]) end },
  pull = {
    run = function(_, words) require("dowse.models").pull(words[1], words[2], words[3]) end,
    least = 2,
    usage = "owner/name file.gguf [revision]",
  },
  restart = { run = function() require("dowse.recovery").restart() end },
  start = { run = function() require("dowse.client").enable() end },
  status = { run = function() require("dowse.status").show() end },
  stop = { run = function() require("dowse.client").stop() end },
}

local function names() return vim.fn.sort(vim.tbl_keys(SUBCOMMANDS)) end

---@param args vim.api.keyset.create_user_command.command_args
function M.run(args)
  local words = vim.deepcopy(args.fargs)
  local name = table.remove(words, 1) or "find"
  local subcommand = SUBCOMMANDS[name]
  local message = require("dowse.message")
  if not subcommand then
    return message.error(("there is no :Dowse %s; :Dowse <Tab> lists what there is"):format(name))
  end
  if #words < (subcommand.least or 0) then
    return message.error((":Dowse %s %s"):format(name, subcommand.usage))
  end
  subcommand.run(args, words)
end

---@param list string[]
---@param lead string
local function starting(list, lead)
  return vim.tbl_filter(function(name) return vim.startswith(name, lead) end, list)
end

---@param lead string the word that is completed
---@param line string
---@return string[]
function M.complete(lead, line)
  local name = line:match("Dowse!?%s+(%S+)%s")
  if not name then return starting(names(), lead) end
  local subcommand = SUBCOMMANDS[name]
  return subcommand and subcommand.complete and subcommand.complete(lead) or {}
end

return M
