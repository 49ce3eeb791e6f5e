" dowse for Vim with ALE 3.3 or later; see editors/README.md.
" g:dowse_command names the program, g:dowse_settings holds settings of the server.
if exists('g:loaded_dowse')
  finish
endif
let g:loaded_dowse = 1

let s:markers = ['.git', '.hg', 'pyproject.toml', 'package.json', 'go.mod', 'Cargo.toml']

function! s:Program(...) abort
  return expand(get(g:, 'dowse_command', 'dowse'))
endfunction

" The nearest folder above the file that holds one of the markers.
function! s:Root(buffer) abort
  let l:folder = fnamemodify(bufname(a:buffer), ':p:h')
  while empty(filter(copy(s:markers), 'getftype(l:folder . "/" . v:val) isnot# ""'))
    if fnamemodify(l:folder, ':h') is# l:folder
      return fnamemodify(bufname(a:buffer), ':p:h')
    endif
    let l:folder = fnamemodify(l:folder, ':h')
  endwhile
  return l:folder
endfunction

" ALE takes linters for one type of file each, and runs some of them by default: dowse is added.
function! s:Add(type) abort
  if empty(a:type) || !exists('g:loaded_ale')
    return
  endif
  let l:others = map(ale#linter#Get(a:type), 'v:val.name')
  call ale#linter#Define(a:type, {
  \   'name': 'dowse',
  \   'lsp': 'stdio',
  \   'language': a:type,
  \   'executable': function('s:Program'),
  \   'command': '%e serve',
  \   'project_root': function('s:Root'),
  \   'initialization_options': {-> get(g:, 'dowse_settings', {})},
  \})
  let b:ale_linters = l:others + ['dowse']
endfunction

augroup dowse
  autocmd!
  autocmd FileType * call s:Add(expand('<amatch>'))
augroup END
