#!/usr/bin/env bash
# Installs VS Code as the npm package code-server carries it, Chromium, and packages the extension.
# Nothing is compiled and nothing but npm, apt and pip is asked. What is there already stays.
set -euo pipefail
cd "$(dirname "$0")"
VENV=${VENV:-../../../.venv}
EXTENSION=../../../editors/vscode

# `npm ci` deletes and fetches everything anew; it runs only when the lock file has changed.
install() {
    local folder=$1 mark=$1/node_modules/.installed
    shift
    cmp --silent "$folder/package-lock.json" "$mark" && return
    npm ci --prefix "$folder" --ignore-scripts --silent --no-audit --no-fund "$@"
    [ "$#" -eq 0 ] || finish_code_server
    cp "$folder/package-lock.json" "$mark"
}

# Its own libraries are listed in a lock file that `npm ci` refuses.
finish_code_server() {
    local workbench=node_modules/code-server/lib/vscode
    npm install --prefix "$workbench" --no-save --omit=dev --ignore-scripts --silent --no-audit --no-fund
    ln -sfn node_modules "$workbench/node_modules.asar"
}

if ! command -v chromium >/dev/null; then
    as_root=()
    if [ "$(id -u)" -ne 0 ]; then as_root=(sudo); fi
    "${as_root[@]}" apt-get update -qq
    DEBIAN_FRONTEND=noninteractive "${as_root[@]}" apt-get install -y -qq \
        --no-install-recommends chromium fonts-dejavu-core
fi

install . --force # it asks for another version of Node than it needs
install "$EXTENSION"
rm -rf "$EXTENSION/dist"
"$VENV/bin/python" -m pip wheel --quiet --no-deps --wheel-dir "$EXTENSION/dist/server" ../../..
npm run --prefix "$EXTENSION" --silent build
npm run --prefix "$EXTENSION" --silent package >/dev/null
