-- luacheck 1.1 or later: `luacheck .` in this folder
std = "luajit"
read_globals = { "vim" }
globals = { "vim.b", "vim.bo", "vim.g", "vim.o", "vim.v", "vim.wo" }
max_line_length = 100
