--- The state of the server: what a status line shows, and the page behind `:Dowse status`.

local M = {}

---@type dowse.Status?
local status

-- what an answer rests on, in a few words
M.TIERS = { lexical = "words only", partial = "meaning in part", full = "words and meaning" }

--- Take what the server says of itself; nil once it has stopped.
---@param told? dowse.Status
function M.told(told)
  status = told
  vim.api.nvim_exec_autocmds("User", { pattern = "DowseStatus", modeline = false })
  vim.cmd.redrawstatus()
end

--- What a status line shows: how far the work is, or that words alone decide.
---@return string
function M.line()
  if not status then return "" end
  if status.work then return ("dowse %d/%d"):format(status.work.done, status.work.total) end
  if status.indexing or status.cookbookWaits then return "dowse …" end
  return status.tier == "full" and "dowse" or ("dowse (%s)"):format(M.TIERS[status.tier])
end

--- A number of things, with commas between the thousands.
---@param number integer
---@param thing string
local function count(number, thing)
  local reversed = tostring(number):reverse():gsub("(%d%d%d)", "%1,")
  local grouped = reversed:reverse():gsub("^,", "")
  return ("%s %s%s"):format(grouped, thing, number == 1 and "" or "s")
end

-- what stands in place of a model's name while there is none
local NO_MODEL = {
  off = "off: words alone decide",
  loading = "is being loaded",
  failed = "could not be loaded: :Dowse log says why",
}

---@param told dowse.Status
local function model(told)
  local backend = told.backend
  if not backend then return NO_MODEL[told.model] or told.model end
  local devices = next(backend.devices) and ", " .. table.concat(backend.devices, ", ") or ""
  return ("%s (%s on %s%s)"):format(told.model, backend.format, backend.name, devices)
end

---@param told dowse.Status
---@return { [1]: string, [2]: string }[]
local function rows(told)
  local cookbook = told.cookbookWaits and "soon the cookbook" or "the cookbook"
  local all = {
    { "answers", "found by " .. M.TIERS[told.tier] },
    { "model", model(told) },
    { "index", count(told.snippets, "snippet") .. " in " .. count(told.files, "file") },
    { "beside", ("%s, %s"):format(count(told.packages, "package"), cookbook) },
  }
  if told.vectors then
    local vectors = told.vectors
    local shown = ("%d of %s"):format(vectors.done, count(vectors.total, "passage"))
    table.insert(all, { "vectors", shown })
  end
  for _, folder in ipairs(told.folders) do
    table.insert(all, { "folder", vim.fn.fnamemodify(folder, ":~") })
  end
  if told.work then
    local work = told.work
    local title = work.title:gsub("^dowse: ", "")
    local shown = "%s: %d of %d %s"
    table.insert(all, { "work", shown:format(title, work.done, work.total, work.unit) })
  end
  return all
end

---@param told dowse.Status
---@return string[]
function M.lines(told)
  return vim
    .iter(rows(told))
    :map(function(row) return ("%-8s %s"):format(row[1], row[2]) end)
    :totable()
end

--- Show the state in a floating window.
function M.show()
  require("dowse.request").execute("status", nil, function(problem, told)
    if problem then return require("dowse.message").warn(problem) end
    vim.lsp.util.open_floating_preview(M.lines(told), "", {
      border = "rounded",
      title = " dowse ",
      focus_id = "dowse.status",
    })
  end)
end

return M
