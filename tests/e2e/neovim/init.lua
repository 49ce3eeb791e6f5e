-- The `init.lua` of the person in the tests. DOWSE_PLUGIN is the folder of the plugin,
-- DOWSE_OPTIONS what `vim.g.dowse` holds as JSON; with DOWSE_BRANCH=start Neovim has of the
-- functions that start a server what 0.10 has and no more.
vim.opt.runtimepath:prepend(vim.env.DOWSE_PLUGIN)
vim.o.hidden = true
vim.o.fixendofline = false
vim.o.autoindent = false -- the tests type every blank themselves
vim.cmd("filetype indent off")
vim.o.completeopt = "menuone,noselect"

local options = vim.json.decode(vim.env.DOWSE_OPTIONS or "null", { luanil = { object = true } })
if options ~= vim.NIL then vim.g.dowse = options end

if vim.env.DOWSE_BRANCH == "start" then
  vim.lsp.config, vim.lsp.enable = nil, nil -- luacheck: ignore 122
end

vim.keymap.set("i", "<C-l>", "<Plug>(dowse-accept)")
vim.keymap.set("i", "<C-j>", "<Plug>(dowse-next)")
vim.keymap.set("i", "<C-k>", "<Plug>(dowse-previous)")
vim.keymap.set("n", "<Space>f", "<Plug>(dowse-find)")
vim.keymap.set("x", "<Space>l", "<Plug>(dowse-like)")
vim.keymap.set("n", "<Space>c", "<Plug>(dowse-candidates)")
vim.keymap.set("n", "<Space>e", "<Plug>(dowse-explain)")
