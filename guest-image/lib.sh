# Shared by bin/build-guest-image and bin/build-debian-image: the cache, its lock, and packages.
# Sourced, not run. Callers set `set -euo pipefail` first.

umask 022 # an image's files are not as private as the builder's may be

# Timestamps and ids inside an image are fixed, so that the same inputs give the same content.
export SOURCE_DATE_EPOCH=1735689600 E2FSPROGS_FAKE_TIME=1735689600 LC_ALL=C TZ=UTC

say() { printf '%s: %s\n' "${0##*/}" "$*" >&2; }

fail() {
  say "$*"
  exit 1
}

cache_directory() {
  local directory=${LASTMILE_CACHE:-${XDG_CACHE_HOME:-${HOME:-/root}/.cache}/lastmile}
  mkdir -p "$directory"
  (cd "$directory" && pwd)
}

# require COMMAND PACKAGE ...: says which packages are missing, all at once.
require() {
  local missing=()
  while [ $# -gt 0 ]; do
    command -v "$1" >/dev/null || missing+=("$2")
    shift 2
  done
  [ ${#missing[@]} -eq 0 ] || fail "missing packages, try: apt-get install ${missing[*]}"
}

# The words before the comment of each line of a list file.
list_entries() { sed -e 's/[[:space:]]*#.*//' -e '/^[[:space:]]*$/d' "$1"; }

# package_facts NAME...: name, version and checksum of each candidate; what a build depends on.
# apt takes seconds to answer, so its answer is kept for as long as its lists stay the same.
package_facts() {
  local answer
  answer=$cache/facts-$({ echo "$@" && stat -c '%n %Y %s' /var/lib/apt/lists/*; } 2>/dev/null |
    sha256sum | cut -c1-16)
  if [ ! -s "$answer" ]; then
    find "$cache" -maxdepth 1 -name 'facts-*' -mtime +7 -delete
    apt-cache show --no-all-versions "$@" 2>/dev/null |
      grep -E '^(Package|Version|Depends|SHA256):' >"$answer.$$" || true
    mv "$answer.$$" "$answer"
  fi
  cat "$answer"
}

# Packages are known once apt has lists; a fresh machine may have none.
ensure_package_lists() {
  [ -z "$(package_facts "$@")" ] || return 0
  say "apt has no package lists yet, updating them"
  apt-get -qq update >&2
}

# The kernel that the cloud metapackage stands for now.
kernel_package() {
  package_facts linux-image-cloud-amd64 |
    sed -n 's/^Depends: .*\(linux-image-[0-9][^ ,]*\).*/\1/p'
}

# download_packages DIRECTORY NAME...: apt checks signatures and skips what is already there.
download_packages() {
  local directory=$1
  shift
  mkdir -p "$directory"
  (cd "$directory" && apt-get -qq -o APT::Sandbox::User=root download "$@" >&2)
}

# input_hash FACTS FILE...: the key of a build: package facts plus the files it is made from.
input_hash() {
  local facts=$1
  shift
  {
    printf '%s\n' "$facts"
    find "$@" -type f | sort | xargs sha256sum | sed "s|${repository:?}/||"
    find "$@" -type f -perm /111 | sort | sed "s|$repository/||"
  } | sha256sum | cut -c1-16
}

# publish FILE OUTPUT: the finished image appears under its name at once or not at all.
publish() {
  local file=$1 output=$2 temporary
  mkdir -p "$(dirname "$output")"
  temporary=$(mktemp "$(dirname "$output")/.image.XXXXXX")
  cp --sparse=always "$file" "$temporary"
  chmod 644 "$temporary"
  mv -f "$temporary" "$output"
}

# Disk size in 512-byte sectors and a byte, as the partition table wants them.
little_endian() {
  local value=$1 bytes=$2 index
  for ((index = 0; index < bytes; index++)); do
    printf '%b' "\\x$(printf '%02x' $(((value >> (8 * index)) & 255)))"
  done
}

# partition_entry BOOT TYPE START LENGTH: one entry of an MBR table, addressed by sector (LBA).
partition_entry() {
  little_endian "$1" 1
  printf '\xfe\xff\xff'
  little_endian "$2" 1
  printf '\xfe\xff\xff'
  little_endian "$3" 4
  little_endian "$4" 4
}

# parse_arguments "$@": both builders take the same ones; sets output.
parse_arguments() {
  output=
  while [ $# -gt 0 ]; do
    case $1 in
      --output) output=${2:?--output needs a file} && shift 2 ;;
      -h | --help) sed -n '2,/^[^#]/s/^# \{0,1\}//p' "$0" && exit 0 ;;
      *) fail "unknown argument: $1" ;;
    esac
  done
}
