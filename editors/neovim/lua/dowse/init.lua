--- Find code from a sentence: what maps, commands and status lines call.
---
--- Nothing has to be set up; |vim.g.dowse| changes what is not as one likes it.

local M = {}

--- Search while typing, and insert what is chosen at the cursor.
---@param words? string what the search starts with
---@param opts? { any_language?: boolean } look at code of every language
function M.find(words, opts) require("dowse.find").find(words, opts) end

--- Find code like some lines of the current buffer.
---@param first integer the first line, counted from 1
---@param last integer
---@param opts? { any_language?: boolean }
function M.like(first, last, opts) require("dowse.find").like(first, last, opts) end

--- Look at what was found for the comment under the cursor before anything is inserted.
function M.candidates() require("dowse.find").candidates() end

--- Show why each hit of the comment under the cursor was found.
function M.explain() require("dowse.find").explain() end

--- Accept the ghost text. May be called in an expression map.
---@return boolean accepted false where no ghost text is shown
function M.accept() return require("dowse.ghost_text").accept() end

--- Show another ghost text.
---@param count integer how many to go on, or back if negative
function M.cycle(count) require("dowse.ghost_text").cycle(count) end

--- What a status line shows: empty while dowse does not run.
---@return string
function M.status() return require("dowse.status").line() end

--- Set |vim.g.dowse|; here for those whose plugin manager calls it.
---@param opts? dowse.Opts
function M.setup(opts) vim.g.dowse = opts or {} end

return M
