--- |vim.g.dowse|: read once, checked, and completed by the defaults.

local M = {}

---@type dowse.Options
local DEFAULTS = {
  cmd = { "dowse", "serve" },
  autostart = true,
  ghost_text = { enabled = true, delay = 75, max_lines = 12 },
  picker = "window",
  settings = {},
}

M.PICKERS = { "window", "select", "telescope", "fzf-lua", "snacks" }

---@class dowse.Check
---@field expected string
---@field accepts fun(value: any): boolean

---@param kind string
---@param expected string
---@return dowse.Check
local function of_type(kind, expected)
  return { expected = expected, accepts = function(value) return type(value) == kind end }
end

local function is_command(value)
  if type(value) ~= "table" or #value == 0 then return false end
  return vim.iter(value):all(function(part) return type(part) == "string" end)
end

---@param least integer
---@return dowse.Check
local function whole(least)
  local function is_whole(value) return type(value) == "number" and value % 1 == 0 end
  return {
    expected = ("a whole number from %d"):format(least),
    accepts = function(value) return is_whole(value) and value >= least end,
  }
end

---@type table<string, dowse.Check>
local CHECKS = {
  cmd = { expected = 'a list such as { "dowse", "serve" }', accepts = is_command },
  autostart = of_type("boolean", "true or false"),
  picker = {
    expected = "one of " .. table.concat(M.PICKERS, ", "),
    accepts = function(value) return vim.tbl_contains(M.PICKERS, value) end,
  },
  settings = of_type("table", "a table of server settings"),
}

---@type table<string, dowse.Check>
local GHOST_TEXT_CHECKS = {
  enabled = of_type("boolean", "true or false"),
  delay = whole(0),
  max_lines = whole(1),
}

---@param given table
---@param defaults table
---@param checks table<string, dowse.Check>
---@param prefix string
---@param problems string[]
---@return table
local function checked(given, defaults, checks, prefix, problems)
  local options = vim.deepcopy(defaults)
  for name, value in vim.spairs(given) do
    local check = checks[name]
    if not check then
      local known = table.concat(vim.fn.sort(vim.tbl_keys(defaults)), ", ")
      table.insert(problems, ("there is no %s.%s; there are %s"):format(prefix, name, known))
    elseif check.accepts(value) then
      options[name] = value
    else
      local told = "%s.%s must be %s, not %s"
      table.insert(problems, told:format(prefix, name, check.expected, vim.inspect(value)))
    end
  end
  return options
end

local function ghost_text(given, problems)
  if given == nil then return vim.deepcopy(DEFAULTS.ghost_text) end
  if type(given) == "boolean" then given = { enabled = given } end
  if type(given) ~= "table" then
    local told = "vim.g.dowse.ghost_text must be true, false or a table, not %s"
    table.insert(problems, told:format(vim.inspect(given)))
    given = {}
  end
  local prefix = "vim.g.dowse.ghost_text"
  return checked(given, DEFAULTS.ghost_text, GHOST_TEXT_CHECKS, prefix, problems)
end

---@return any given
---@return string? problem
local function read()
  local given = vim.g.dowse
  if not vim.is_callable(given) then return given end
  local done, result = pcall(given)
  if done then return result end
  return nil, ("the function in vim.g.dowse failed: %s"):format(result)
end

--- Complete and check what |vim.g.dowse| holds.
---@return dowse.Options
---@return string[] problems a sentence for every part that could not be used
function M.resolve()
  local given, problem = read()
  local problems = { problem }
  if given ~= nil and type(given) ~= "table" then
    local told = "vim.g.dowse must be a table or a function, not %s"
    table.insert(problems, told:format(vim.inspect(given)))
    given = nil
  end
  given = vim.deepcopy(given or {})
  local ghost = ghost_text(given.ghost_text, problems)
  given.ghost_text = nil
  local options = checked(given, DEFAULTS, CHECKS, "vim.g.dowse", problems)
  options.ghost_text = ghost
  return options, problems
end

---@param problems string[]
local function tell(problems)
  local more = #problems > 1 and ("%d more, "):format(#problems - 1) or ""
  require("dowse.message").error(("%s (%s:checkhealth dowse)"):format(problems[1], more))
end

---@type dowse.Options?
local resolved

--- The options in use. What is wrong with them is told once.
---@return dowse.Options
function M.get()
  if not resolved then
    local problems
    resolved, problems = M.resolve()
    if #problems > 0 then tell(problems) end
  end
  return resolved
end

--- Read |vim.g.dowse| anew at the next use.
function M.reset() resolved = nil end

return M
