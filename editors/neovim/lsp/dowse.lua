-- dowse for Neovim 0.11 or later. With the folder above `lsp` on the runtime path,
-- `vim.lsp.enable("dowse")` starts it for files of every type; see editors/README.md.
local root_markers = { ".git", ".hg", "pyproject.toml", "package.json", "go.mod", "Cargo.toml" }

return {
  cmd = { "dowse", "serve" },
  -- An empty buffer has no type yet: a server for it would index the working directory.
  root_dir = function(buffer, start)
    if vim.bo[buffer].filetype ~= "" then start(vim.fs.root(buffer, root_markers)) end
  end,
  settings = { dowse = vim.empty_dict() },
}
