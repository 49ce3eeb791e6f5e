--- The picker through snacks.nvim.

local card = require("dowse.card")

local M = {}

---@param hit dowse.Hit
local function item(hit)
  local code = table.concat(card.code(hit), "\n")
  local reasons = "- " .. table.concat(card.reasons(hit), "\n- ")
  return {
    text = hit.symbol .. " " .. hit.location,
    hit = hit,
    preview = {
      ft = "markdown",
      text = ("%s\n\n```%s\n%s\n```"):format(reasons, hit.language, code),
    },
  }
end

---@param spec dowse.PickerSpec
local function finder(spec)
  if spec.answer then
    return function() return vim.tbl_map(item, spec.answer.hits) end
  end
  return function(_, context)
    local words = context.filter.search
    if vim.trim(words) == "" then return {} end
    return function(add)
      local running, hits = context.async, nil
      local cancel = function() end
      -- it runs in a callback of libuv, in which a request cannot be sent
      vim.schedule(function()
        cancel = spec.search(words, function(_, answer)
          hits = answer and answer.hits or {}
          running:resume()
        end)
      end)
      running:on("abort", vim.schedule_wrap(function() cancel() end))
      running:suspend()
      vim.iter(hits or {}):map(item):each(add)
    end
  end
end

---@param spec dowse.PickerSpec
function M.open(spec)
  local function taking(act)
    return function(picker, chosen)
      picker:close()
      if chosen then vim.schedule(function() act(chosen.hit) end) end
    end
  end
  require("snacks").picker.pick({
    title = spec.title,
    search = spec.words,
    live = spec.search ~= nil,
    finder = finder(spec),
    format = function(chosen)
      return { { chosen.hit.symbol }, { "  " .. chosen.hit.location, "Comment" } }
    end,
    preview = "preview",
    confirm = taking(spec.insert),
    actions = { dowse_open = taking(spec.open) },
    win = { input = { keys = { ["<C-o>"] = { "dowse_open", mode = { "n", "i" } } } } },
  })
end

return M
