--- How a hit reads: its code as it would stand at the margin, and what speaks for it.

local M = {}

-- where the server's name of a language is not Neovim's name of the file type
local FILETYPES = { bash = "sh", csharp = "cs", tsx = "typescriptreact", latex = "tex" }

---@param language string
---@return string
function M.filetype(language) return FILETYPES[language] or language end

--- The code without the indentation that it has in its file.
---@param hit dowse.Hit
---@return string[]
function M.code(hit)
  local lines = vim.split(hit.text:gsub("\r\n?", "\n"), "\n", { plain = true })
  for index, line in ipairs(lines) do
    if vim.startswith(line, hit.indentation) then lines[index] = line:sub(#hit.indentation + 1) end
  end
  return lines
end

--- Source and licence, then one reason a line.
---@param hit dowse.Hit
---@return string[]
function M.reasons(hit)
  local license = hit.license
  if not license or license == vim.NIL then license = "no licence stated" end
  return vim.list_extend({ ("%s · %s"):format(hit.source, license) }, hit.why)
end

--- Where a hit comes from, as short as a list has room for.
---@param hit dowse.Hit
---@return string
function M.origin(hit)
  if hit.source == "cookbook" then return "cookbook" end
  if hit.package and hit.package ~= vim.NIL then return hit.package end
  return ("%s:%d"):format(vim.fs.basename(hit.path), hit.startLine + 1)
end

--- Every hit with its reasons, one below the other, and how the lines look.
---@param answer dowse.Answer
---@return string[] lines
---@return table<integer, string> highlights by line, counted from 0
function M.page(answer)
  local lines, highlights = {}, {}
  local function add(line, highlight)
    highlights[#lines] = highlight
    table.insert(lines, line)
  end
  for index, hit in ipairs(answer.hits) do
    if index > 1 then add("") end
    add(hit.symbol, "Title")
    add("  " .. hit.location, "Directory")
    for _, reason in ipairs(M.reasons(hit)) do
      add("  " .. reason)
    end
  end
  return lines, highlights
end

--- Colour a buffer as code of a language: by tree-sitter where it has a parser, else by syntax.
---@param bufnr integer
---@param language string
function M.highlight(bufnr, language)
  local filetype = M.filetype(language)
  local parser = vim.treesitter.language.get_lang(filetype) or filetype
  pcall(vim.treesitter.stop, bufnr)
  vim.bo[bufnr].syntax = ""
  if not pcall(vim.treesitter.start, bufnr, parser) then vim.bo[bufnr].syntax = filetype end
end

return M
