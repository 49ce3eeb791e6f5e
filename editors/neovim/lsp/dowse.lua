-- What `vim.lsp.enable("dowse")` reads in Neovim 0.11 and later; `vim.lsp.config("dowse", {...})`
-- overrides it.
return require("dowse.client").config()
