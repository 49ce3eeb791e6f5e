# SPDX-License-Identifier: CC0-1.0
# shellcheck shell=bash

# Safe script header (strict mode): stop at errors, unset variables and failed pipes, and say where.
# Call it first in a script; a command after `if`, `||` or `&&` may still fail.
strict_mode() {
  set -o errexit -o errtrace -o nounset -o pipefail
  shopt -s inherit_errexit
  trap 'echo "${BASH_SOURCE[0]}:$LINENO: \"$BASH_COMMAND\" failed with status $?" >&2' ERR
}

# Print an error message to stderr and exit with status 1.
die() {
  printf '%s: %s\n' "${0##*/}" "$*" >&2
  exit 1
}

# Log a message with date, time and level to stderr.
log() {
  local level=$1
  shift
  printf '%(%Y-%m-%dT%H:%M:%S%z)T %-5s %s\n' -1 "$level" "$*" >&2
}

# Parse command-line options: a flag, an option with value, `--` and the remaining arguments.
parse_options() {
  verbose=false output=- arguments=()
  while (($# > 0)); do
    case $1 in
      -v | --verbose) verbose=true ;;
      -o | --output)
        (($# > 1)) || { echo "option $1 needs a value" >&2 && return 2; }
        output=$2
        shift
        ;;
      --output=*) output=${1#*=} ;;
      --)
        arguments+=("${@:2}")
        break
        ;;
      -?*) echo "unknown option $1" >&2 && return 2 ;;
      *) arguments+=("$1") ;;
    esac
    shift
  done
}

# Parse short options such as -v and -o FILE with getopts.
parse_short_options() {
  local OPTIND=1 option
  verbose=false output=-
  while getopts ':vo:' option; do
    case $option in
      v) verbose=true ;;
      o) output=$OPTARG ;;
      :) echo "option -$OPTARG needs a value" >&2 && return 2 ;;
      *) echo "unknown option -$OPTARG" >&2 && return 2 ;;
    esac
  done
  arguments=("${@:OPTIND}")
}

# Print the usage of a script from a here-document.
usage() {
  cat <<END
Usage: ${0##*/} [-v] [-o FILE] INPUT...

  -v, --verbose      say what is done
  -o, --output FILE  write to FILE instead of stdout
END
}

# Ask a yes/no question on the terminal; Enter means no.
confirm() {
  local answer
  read -r -p "$1 [y/N] " answer
  [[ $answer =~ ^[Yy]([Ee][Ss])?$ ]]
}

# Check that all programs that a script needs are installed.
require_commands() {
  local name missing=()
  for name in "$@"; do
    command -v -- "$name" >/dev/null || missing+=("$name")
  done
  ((${#missing[@]} == 0)) || {
    echo "not installed: ${missing[*]}" >&2
    return 1
  }
}

# Check that environment variables are set and not empty.
require_variables() {
  local name
  for name in "$@"; do
    [[ -n ${!name:-} ]] || {
      echo "the environment variable $name is not set" >&2
      return 1
    }
  done
}

# Load the variables of a .env file into the environment; the file is run by the shell.
load_env_file() {
  set -o allexport
  # shellcheck disable=SC1090
  source "$1"
  set +o allexport
}

# Get the folder in which the script that is running stands, through symbolic links.
script_folder() {
  local path
  path=$(readlink -f -- "${BASH_SOURCE[-1]}")
  printf '%s\n' "${path%/*}"
}

# Make sure that only one copy of a script runs at a time, by a lock file (flock).
# The lock ends with the process, however that ends.
single_instance() {
  exec {lock_fd}>"$1"
  flock --nonblock "$lock_fd" || {
    echo "another process holds $1" >&2
    return 1
  }
}
