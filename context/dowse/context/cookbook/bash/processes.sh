# SPDX-License-Identifier: CC0-1.0
# shellcheck shell=bash

# Retry a command with exponential backoff: `retry ATTEMPTS DELAY COMMAND...`.
retry() {
  local attempts=$1 delay=$2 attempt status=0
  shift 2
  for ((attempt = 1; attempt <= attempts; attempt++)); do
    "$@" && return 0
    status=$?
    ((attempt < attempts)) && sleep "$(awk "BEGIN { print $delay * 2 ^ ($attempt - 1) }")"
  done
  return "$status"
}

# Run a command for many items in parallel, a limited number at once; items come one a line.
run_parallel() {
  local jobs=$1
  shift
  tr '\n' '\0' | xargs -0 -r -n 1 -P "$jobs" -- "$@"
}

# Start background jobs, wait for all of them and fail if one of them failed.
wait_for_all() {
  local command pid pids=() status=0
  for command in "$@"; do
    bash -c "$command" &
    pids+=("$!")
  done
  for pid in "${pids[@]}"; do
    wait "$pid" || status=1
  done
  return "$status"
}

# Run a command with a time limit and kill it if it does not stop by itself (status 124).
with_timeout() {
  local seconds=$1
  shift
  timeout --kill-after=5 "$seconds" "$@"
}

# Wait until a command succeeds, for instance until a server is up, or fail after some seconds.
wait_until() {
  local end=$((SECONDS + $1))
  shift
  until "$@"; do
    ((SECONDS < end)) || return 1
    sleep 0.1
  done
}

# Check whether a TCP port of a host accepts connections, with bash alone.
port_is_open() {
  timeout 2 bash -c 'exec 3<>"/dev/tcp/$0/$1"' "$1" "$2" 2>/dev/null
}

# Measure how long a command takes, in seconds, and keep its exit status.
measure() {
  local start=$EPOCHREALTIME status=0
  "$@" || status=$?
  awk "BEGIN { printf \"%.3f s\n\", $EPOCHREALTIME - $start }" >&2
  return "$status"
}

# Run a command and keep its output, its errors and its exit status in variables.
capture() {
  local errors_file
  errors_file=$(mktemp) || return
  status=0
  output=$("$@" 2>"$errors_file") || status=$?
  errors=$(<"$errors_file")
  rm -f -- "$errors_file"
}

# Run a clean-up command when the script exits, in addition to those given before.
on_exit() {
  exit_commands+=("$1")
  trap 'for exit_command in "${exit_commands[@]}"; do eval "$exit_command"; done' EXIT
}

# Download a file with curl: fail on HTTP errors, retry, and keep no half file.
download() {
  curl --fail --silent --show-error --location --retry 3 --max-time 300 \
    --output "$2.part" -- "$1" && mv -f -- "$2.part" "$2"
}

# Stop a process gracefully and kill it if it is still there after some seconds.
stop_process() {
  local pid=$1 tenths=$((${2:-5} * 10))
  kill -TERM "$pid" 2>/dev/null || return 0
  while ((tenths-- > 0)); do
    kill -0 "$pid" 2>/dev/null || return 0
    sleep 0.1
  done
  kill -KILL "$pid" 2>/dev/null
}
