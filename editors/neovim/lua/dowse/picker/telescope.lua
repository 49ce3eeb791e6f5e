--- The picker through telescope.nvim, by its documented interface. Not run in dowse's own tests.

local card = require("dowse.card")

local M = {}

local function entry(hit)
  return {
    value = hit,
    display = ("%s  %s"):format(hit.symbol, hit.location),
    ordinal = hit.symbol .. " " .. hit.location,
  }
end

--- Reasons as comments above the code would be parsed as code; they follow it.
local function previewer()
  return require("telescope.previewers").new_buffer_previewer({
    title = "Code and why",
    define_preview = function(self, chosen)
      local hit = chosen.value
      local lines = vim.list_extend(card.code(hit), { "", hit.location })
      vim.list_extend(lines, card.reasons(hit))
      vim.api.nvim_buf_set_lines(self.state.bufnr, 0, -1, false, lines)
      card.highlight(self.state.bufnr, hit.language)
    end,
  })
end

--- Hits that were found already, or a search for each prompt in telescope's own coroutine.
---@param spec dowse.PickerSpec
local function finder(spec)
  local finders = require("telescope.finders")
  if spec.answer then
    return finders.new_table({ results = spec.answer.hits, entry_maker = entry })
  end
  local cancel = function() end
  return finders.new_dynamic({
    entry_maker = entry,
    fn = function(prompt)
      if vim.trim(prompt or "") == "" then return {} end
      local send, receive = require("plenary.async.control").channel.oneshot()
      cancel()
      cancel = spec.search(prompt, function(_, answer) send(answer and answer.hits or {}) end)
      return receive()
    end,
  })
end

---@param spec dowse.PickerSpec
function M.open(spec)
  local actions, state = require("telescope.actions"), require("telescope.actions.state")
  local function taking(act, prompt)
    return function()
      local chosen = state.get_selected_entry()
      actions.close(prompt)
      if chosen then act(chosen.value) end
    end
  end
  local sorters = require("telescope.sorters")
  require("telescope.pickers")
    .new({}, {
      prompt_title = spec.title,
      default_text = spec.words,
      finder = finder(spec),
      -- the server has put the hits in order
      sorter = spec.answer and require("telescope.config").values.generic_sorter({})
        or sorters.empty(),
      previewer = previewer(),
      attach_mappings = function(prompt, map)
        actions.select_default:replace(taking(spec.insert, prompt))
        map({ "i", "n" }, "<C-o>", taking(spec.open, prompt))
        return true
      end,
    })
    :find()
end

return M
