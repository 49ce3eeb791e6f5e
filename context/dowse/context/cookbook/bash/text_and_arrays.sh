# SPDX-License-Identifier: CC0-1.0
# shellcheck shell=bash

# Remove white space from both ends of a string (trim).
trim() {
  local text=$1
  text=${text#"${text%%[![:space:]]*}"}
  printf '%s\n' "${text%"${text##*[![:space:]]}"}"
}

# Split a string at a delimiter of one character into an array (here `parts`).
split_string() {
  local text=$1 delimiter=$2
  mapfile -t -d "$delimiter" parts < <(printf '%s%s' "$text" "$delimiter")
}

# Join arguments with a separator: `join_by ', ' "${array[@]}"`.
join_by() {
  local separator=$1 result=${2-} item
  for item in "${@:3}"; do
    result+=$separator$item
  done
  printf '%s\n' "$result"
}

# Check whether an array contains a value: `contains VALUE "${array[@]}"`.
contains() {
  local wanted=$1 item
  shift
  for item in "$@"; do
    [[ $item == "$wanted" ]] && return 0
  done
  return 1
}

# Turn a title into a slug of lower-case letters, digits and hyphens.
slugify() {
  local text=${1,,}
  text=${text//[^a-z0-9]/-}
  while [[ $text == *--* ]]; do text=${text//--/-}; done
  text=${text#-}
  printf '%s\n' "${text%-}"
}

# Count how often each line of stdin occurs, most frequent first.
count_lines_by_value() {
  sort | uniq -c | sort -k 1,1nr -k 2 | sed -E 's/^ *([0-9]+) /\1\t/'
}

# Add up the numbers in a column of a table on stdin, columns separated by white space.
sum_column() {
  awk -v column="$1" '{ sum += $column } END { print sum + 0 }'
}

# Remove duplicate lines from stdin while keeping their order.
unique_lines() {
  awk '!seen[$0]++'
}

# Count the words of a list in an associative array (map) and print them sorted by name.
count_words() {
  local -A counts=()
  local word
  for word in "$@"; do
    counts[$word]=$((${counts[$word]:-0} + 1))
  done
  for word in "${!counts[@]}"; do
    printf '%s %d\n' "$word" "${counts[$word]}"
  done | sort
}

# Check that a string is an integer.
is_integer() {
  [[ $1 =~ ^[+-]?[0-9]+$ ]]
}

# Compare two version numbers: true when the first is at least the second.
version_at_least() {
  [[ $(printf '%s\n' "$2" "$1" | sort -V | head -n 1) == "$2" ]]
}

# Extract the part of a string that matches a regular expression's first group.
match_group() {
  [[ $1 =~ $2 ]] && printf '%s\n' "${BASH_REMATCH[1]}"
}

# Encode a string for a URL (percent encoding).
url_encode() {
  local LC_ALL=C text=$1 char code index
  for ((index = 0; index < ${#text}; index++)); do
    char=${text:index:1}
    if [[ $char == [a-zA-Z0-9.~_-] ]]; then
      printf '%s' "$char"
    else
      printf -v code '%d' "'$char"
      # Bytes above 127 are negative here.
      printf '%%%02X' $((code & 255))
    fi
  done
  echo
}

# Generate a random password or token of letters and digits.
random_string() {
  LC_ALL=C tr -dc 'A-Za-z0-9' </dev/urandom | head -c "${1:-32}"
  echo
}

# Format a number of seconds as hours, minutes and seconds.
format_seconds() {
  printf '%d:%02d:%02d\n' $(($1 / 3600)) $(($1 / 60 % 60)) $(($1 % 60))
}

# Calculate the number of days between two dates of the form YYYY-MM-DD (GNU date).
days_between() {
  echo $((($(date -u -d "$2" +%s) - $(date -u -d "$1" +%s)) / 86400))
}

# Color a text on the terminal if stdout is one.
colored() {
  local -A codes=([red]=31 [green]=32 [yellow]=33 [blue]=34)
  if [[ -t 1 && -z ${NO_COLOR:-} ]]; then
    printf '\033[%sm%s\033[0m\n' "${codes[$1]}" "$2"
  else
    printf '%s\n' "$2"
  fi
}
