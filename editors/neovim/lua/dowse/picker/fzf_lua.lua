--- The picker through fzf-lua, by its documented interface. Not run in dowse's own tests.

local card = require("dowse.card")

local M = {}

--- A line of fzf: the number finds the hit again and is not shown.
---@param index integer
---@param hit dowse.Hit
local function line(index, hit) return ("%d\t%s  %s"):format(index, hit.symbol, hit.location) end

---@param spec dowse.PickerSpec
function M.open(spec)
  local fzf = require("fzf-lua")
  local hits = spec.answer and spec.answer.hits or {}
  local cancel = function() end

  local function hit_of(chosen) return chosen[1] and hits[tonumber(chosen[1]:match("^%d+"))] end

  local function taking(act)
    return function(chosen)
      local hit = hit_of(chosen)
      if hit then vim.schedule(function() act(hit) end) end
    end
  end

  local options = {
    prompt = spec.title .. "> ",
    query = spec.words,
    fzf_opts = { ["--delimiter"] = "\t", ["--with-nth"] = "2..", ["--no-sort"] = "" },
    preview = function(chosen)
      local hit = hit_of(chosen)
      if not hit then return "" end
      local shown = vim.list_extend({ hit.location }, card.reasons(hit))
      return table.concat(vim.list_extend(vim.list_extend(shown, { "" }), card.code(hit)), "\n")
    end,
    actions = { default = taking(spec.insert), ["ctrl-o"] = taking(spec.open) },
  }
  if spec.answer then
    local lines = {}
    for index, hit in ipairs(hits) do
      lines[index] = line(index, hit)
    end
    return fzf.fzf_exec(lines, options)
  end
  fzf.fzf_live(function(query)
    local words = type(query) == "table" and query[1] or query
    return function(add)
      cancel()
      if vim.trim(words or "") == "" then return add() end
      cancel = spec.search(words, function(_, answer)
        hits = answer and answer.hits or {}
        for index, hit in ipairs(hits) do
          add(line(index, hit))
        end
        add()
      end)
    end
  end, options)
end

return M
