-- What Neovim loads at start: a command, the <Plug> maps and one autocommand. The rest is loaded
-- when the first file with a type is opened, or when dowse is asked for something.
if vim.g.loaded_dowse then return end
vim.g.loaded_dowse = true

vim.api.nvim_create_user_command("Dowse", function(args) require("dowse.command").run(args) end, {
  nargs = "*",
  range = true,
  bang = true,
  desc = "Find code from a sentence",
  complete = function(...) return require("dowse.command").complete(...) end,
})

local function map(mode, name, call, desc)
  vim.keymap.set(mode, ("<Plug>(dowse-%s)"):format(name), call, { desc = "dowse: " .. desc })
end

map("n", "find", function() require("dowse").find() end, "find code")
map("x", "like", ":Dowse like<CR>", "find code like the selection")
map("n", "candidates", function() require("dowse").candidates() end, "look at the candidates")
map("n", "explain", function() require("dowse").explain() end, "explain what was found")
map("i", "accept", function() require("dowse").accept() end, "accept the ghost text")
map("i", "next", function() require("dowse").cycle(1) end, "show the next ghost text")
map("i", "previous", function() require("dowse").cycle(-1) end, "show the previous ghost text")

vim.api.nvim_create_autocmd("FileType", {
  group = vim.api.nvim_create_augroup("dowse.start", {}),
  desc = "Start dowse with the first file",
  once = true,
  callback = function()
    if require("dowse.options").get().autostart then require("dowse.client").enable() end
  end,
})
