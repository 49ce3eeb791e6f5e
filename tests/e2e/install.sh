#!/usr/bin/env bash
# Installs the editors that the tests drive: Emacs with eglot, Vim with ALE, Neovim and what checks its
# Lua, Microsoft's protocol types, and VS Code.
# What is there already stays. VENV names the virtual environment of the tests.
set -euo pipefail
cd "$(dirname "$0")"
VENV=${VENV:-../../.venv}

has_eglot() { emacs --batch --eval "(progn (package-initialize) (require 'eglot))" >/dev/null 2>&1; }

if ! has_eglot || ! [ -d /usr/share/vim-ale ] || ! command -v luacheck >/dev/null; then
    as_root=()
    if [ "$(id -u)" -ne 0 ]; then as_root=(sudo); fi
    "${as_root[@]}" apt-get update -qq
    DEBIAN_FRONTEND=noninteractive "${as_root[@]}" apt-get install -y -qq \
        --no-install-recommends emacs-nox elpa-eglot vim vim-ale lua-check
fi

"$VENV/bin/python" -m pip install --quiet --require-hashes --no-deps -r requirements.txt
"$VENV/bin/python" -m pip install --quiet pynvim==0.6.0

npm ci --prefix jsonrpc --silent --no-audit --no-fund
npm ci --prefix stylua --silent --no-audit --no-fund --ignore-scripts

VENV="$(realpath "$VENV")" vscode/install.sh
