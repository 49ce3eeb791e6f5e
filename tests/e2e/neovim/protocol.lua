-- Through Neovim's client by the protocol: type a comment, ask, resolve, apply, write.
-- DOWSE_FILE is opened, DOWSE_COMMENT set before its first `return`, and DOWSE_REPORT gets what
-- was seen.
local PATIENCE = 120000

local function client_of_buffer()
  local client
  local found = vim.wait(PATIENCE, function()
    client = vim.lsp.get_clients({ bufnr = 0, name = "dowse" })[1]
    return client ~= nil and client.initialized
  end, 20)
  assert(found, "the server did not start")
  return client
end

local function ask(client, method, params)
  local answer = client:request_sync(method, params, PATIENCE, 0)
  assert(answer, method .. " was not answered")
  assert(not answer.err, vim.inspect(answer.err))
  return answer.result
end

local function wait_for_index(client)
  local indexed = vim.wait(PATIENCE, function()
    local status = ask(client, "workspace/executeCommand", { command = "dowse.status" })
    return status.files > 0 and not status.indexing
  end, 20)
  assert(indexed, "the index did not come")
end

local function type_comment()
  local line = vim.fn.search("^    return ", "w")
  assert(line > 0, "there is no return in the file")
  vim.api.nvim_buf_set_lines(0, line - 1, line - 1, true, { vim.env.DOWSE_COMMENT })
  vim.api.nvim_win_set_cursor(0, { line, #vim.env.DOWSE_COMMENT })
end

local function titles(actions)
  return vim.tbl_map(function(action) return action.title end, actions)
end

local function run()
  vim.o.fixendofline = false
  vim.lsp.config("dowse", { settings = { dowse = { vectors = false, maxResults = 3 } } })
  vim.lsp.enable("dowse")
  vim.cmd.edit(vim.fn.fnameescape(vim.env.DOWSE_FILE))
  local client = client_of_buffer()
  type_comment()
  wait_for_index(client)
  local encoding = client.offset_encoding
  local params = vim.lsp.util.make_range_params(0, encoding)
  params.context = { diagnostics = {} }
  local actions = ask(client, "textDocument/codeAction", params)
  local action = ask(client, "codeAction/resolve", actions[1])
  vim.lsp.util.apply_workspace_edit(action.edit, encoding)
  vim.cmd.write()
  local report = { titles = titles(actions), encoding = encoding }
  vim.fn.writefile({ vim.json.encode(report) }, vim.env.DOWSE_REPORT)
end

local done, problem = xpcall(run, debug.traceback)
if not done then
  io.stderr:write(problem .. "\n")
  vim.cmd("cquit 1")
end
vim.cmd("qall!")
