# SPDX-License-Identifier: CC0-1.0
# shellcheck shell=bash

# Run a command in a temporary folder that is deleted afterwards, also after an error or Ctrl-C.
in_temporary_folder() (
  folder=$(mktemp -d) || exit
  trap 'rm -rf -- "$folder"' EXIT
  cd -- "$folder" || exit
  "$@"
)

# Loop over the files in a folder safely, whatever their names hold (spaces, newlines, dashes).
print_sizes() {
  local path
  for path in "$1"/*; do
    [[ -f $path ]] || continue
    printf '%s\t%s\n' "$(wc -c <"$path")" "${path##*/}"
  done
}

# Run a command for each file that is found below a folder, with any characters in the names.
for_each_file() {
  local folder=$1 pattern=$2 path
  shift 2
  while IFS= read -r -d '' path; do
    "$@" "$path"
  done < <(find "$folder" -type f -name "$pattern" -print0)
}

# Collect the files below a folder in an array (here `found`), sorted by name.
find_into_array() {
  mapfile -d '' found < <(find "$1" -type f -name "$2" -print0 | sort -z)
}

# Read a file line by line, with the last line even if its newline is missing.
number_lines() {
  local line number=0
  while IFS= read -r line || [[ -n $line ]]; do
    printf '%d: %s\n' "$((++number))" "$line"
  done <"$1"
}

# Write a file atomically from stdin: readers see the old content or the new one, never a half.
write_atomically() {
  local target=$1 temporary
  temporary=$(mktemp -- "$target.XXXXXX") || return
  if cat >"$temporary" && mv -f -- "$temporary" "$target"; then
    return 0
  fi
  rm -f -- "$temporary"
  return 1
}

# Back up a file under its name with date and time before it is changed.
backup_file() {
  local copy
  printf -v copy '%s.%(%Y%m%d-%H%M%S)T.bak' "$1" -1
  cp -p -- "$1" "$copy" && printf '%s\n' "$copy"
}

# Rename all files in a folder from one extension to another; existing files stay.
change_extension() {
  local folder=$1 old=$2 new=$3 path
  for path in "$folder"/*."$old"; do
    [[ -e $path ]] || continue
    mv -n -- "$path" "${path%."$old"}.$new"
  done
}

# Delete the files below a folder that were not modified for a number of days.
delete_old_files() {
  find "$1" -type f -mtime "+$2" -delete
}

# Keep only the newest N files of a folder that match a pattern and delete the others.
keep_newest() {
  local folder=$1 pattern=$2 count=$3
  find "$folder" -maxdepth 1 -type f -name "$pattern" -printf '%T@ %p\0' |
    sort -z -r -n | tail -z -n "+$((count + 1))" | cut -z -d ' ' -f 2- | xargs -0 -r rm -f --
}

# Find the largest files below a folder, largest first, with their sizes in bytes.
largest_files() {
  find "$1" -type f -printf '%s\t%p\n' | sort -r -n | head -n "${2:-10}"
}

# Find files with the same content below a folder by their SHA-256 checksums.
find_duplicates() {
  find "$1" -type f -exec sha256sum {} + | sort | uniq --check-chars=64 --all-repeated=separate
}

# Split a path into folder, file name, name without extension and extension, without programs.
split_path() {
  local path=$1
  local folder=. name=${path##*/} extension=
  [[ $path == */* ]] && folder=${path%/*}
  [[ $name == ?*.* ]] && extension=${name##*.}
  printf '%s\n' "$folder" "$name" "${name%".$extension"}" "$extension"
}

# Pack a folder into a dated archive (.tar.gz) and print the archive's name.
archive_folder() {
  local folder=${1%/} archive
  printf -v archive '%s-%(%Y-%m-%d)T.tar.gz' "$folder" -1
  tar -czf "$archive" -C "$(dirname -- "$folder")" -- "$(basename -- "$folder")" &&
    printf '%s\n' "$archive"
}

# Replace a text in a file literally, without the special characters of sed.
replace_in_file() {
  local file=$1 old=$2 new=$3 content
  content=$(cat -- "$file" && printf x) || return
  content=${content%x}
  printf '%s' "${content//"$old"/"$new"}" >"$file"
}

# Verify the SHA-256 checksum of a downloaded file.
verify_checksum() {
  printf '%s  %s\n' "$2" "$1" | sha256sum --check --status
}
