--- What shows hits: dowse's own windows, or what |vim.g.dowse| names.

local M = {}

-- the module of a picker, and the one that has to be installed for it
local PICKERS = {
  window = { "dowse.picker.window" },
  select = { "dowse.picker.select" },
  telescope = { "dowse.picker.telescope", needs = "telescope" },
  ["fzf-lua"] = { "dowse.picker.fzf_lua", needs = "fzf-lua" },
  snacks = { "dowse.picker.snacks", needs = "snacks" },
}

--- Whether a picker can be used here.
---@param name dowse.PickerName
---@return boolean
function M.is_installed(name)
  local needs = PICKERS[name].needs
  return not needs or pcall(require, needs)
end

---@param spec dowse.PickerSpec
function M.open(spec)
  local name = require("dowse.options").get().picker
  if not M.is_installed(name) then
    local told = "the picker %s is not installed; dowse's own is shown"
    require("dowse.message").warn(told:format(name))
    name = "window"
  end
  require(PICKERS[name][1]).open(spec)
end

return M
