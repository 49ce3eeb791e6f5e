--- The picker through |vim.ui.select|: choose a hit there, then look at it before it is inserted.

local M = {}

---@param hit dowse.Hit
local function line(hit) return ("%s  %s"):format(hit.symbol, hit.location) end

---@param spec dowse.PickerSpec
---@param answer dowse.Answer
local function choose(spec, answer)
  if #answer.hits == 0 then return require("dowse.message").info("nothing found") end
  vim.ui.select(answer.hits, {
    prompt = ("%s: %s"):format(spec.title, answer.state),
    kind = "dowse",
    format_item = line,
  }, function(hit)
    if not hit then return end
    local looked_at = vim.tbl_extend("force", answer, { hits = { hit } })
    local one = { title = spec.title, answer = looked_at, insert = spec.insert, open = spec.open }
    require("dowse.picker.window").open(one)
  end)
end

---@param spec dowse.PickerSpec
---@param words? string
local function ask(spec, words)
  if not words or vim.trim(words) == "" then return end
  spec.search(words, function(problem, answer)
    if problem then return require("dowse.message").warn(problem) end
    choose(spec, answer)
  end)
end

---@param spec dowse.PickerSpec
function M.open(spec)
  if spec.answer then return choose(spec, spec.answer) end
  if spec.words then return ask(spec, spec.words) end
  vim.ui.input({ prompt = spec.title .. ": " }, function(words) ask(spec, words) end)
end

return M
