-- dowse for Neovim 0.11 or later. With the folder above `lsp` on the runtime path,
-- `vim.lsp.enable("dowse")` starts it for every file; see editors/README.md.
return {
  cmd = { "dowse", "serve" },
  root_markers = { ".git", ".hg", "pyproject.toml", "package.json", "go.mod", "Cargo.toml" },
  settings = { dowse = vim.empty_dict() },
}
