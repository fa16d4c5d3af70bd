# Boots a guest for the tests under TCG and talks to it. Sourced; needs lib.sh and $directory, a
# private directory of the test. Guests have user-mode networking: nothing but loopback is touched.
# shellcheck shell=bash

now() { date +%s%N; }

# seconds_since NANOSECONDS
seconds_since() { awk -v from="$1" -v to="$(now)" 'BEGIN { printf "%.1f", (to - from) / 1e9 }'; }

# wait_until SECONDS COMMAND...: tries until it works, at most so long, and while the guest runs.
wait_until() {
  local limit=$(($(date +%s) + $1))
  shift
  until "$@"; do
    kill -0 "$guest" 2>/dev/null || return 1
    [ "$(date +%s)" -lt "$limit" ] || return 1
    sleep 0.2
  done
}

make_key() { ssh-keygen -q -t "$1" -N '' -f "$directory/key"; }

# write_metadata DIRECTORY NAME: OpenStack's layout with the key and two awkward members.
write_metadata() {
  mkdir -p "$1/openstack/latest"
  cat >"$1/openstack/latest/meta_data.json" <<JSON
{"random_seed": "eA==", "meta": {"quoted": "a \\"b\\", {c}\\\\", "list": "[1]"},
 "uuid": "$(cat /proc/sys/kernel/random/uuid)", "launch_index": 0, "devices": [], "keys": [],
 "hostname": "$2.example.org", "name": "$2",
 "public_keys": {"my.key": "$(cat "$directory/key.pub")\\n"}}
JSON
}

# iso_drive DIRECTORY IMAGE and vfat_drive DIRECTORY IMAGE: config drives as compute services make.
iso_drive() { genisoimage -quiet -V config-2 -r -J -o "$2" "$1"; }

vfat_drive() {
  truncate -s 8M "$2"
  mkfs.vfat -n config-2 "$2" >/dev/null 2>&1
  mcopy -s -i "$2" "$1"/* ::
}

# free_port: one that the kernel says is free.
free_port() {
  python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'
}

# start_guest IMAGE DISK_SIZE MEMORY [QEMU ARGUMENT...]: sets guest (its process) and port (SSH).
# $network may hold more options of its network.
start_guest() {
  local image=$1 size=$2 memory=$3
  shift 3
  qemu-img create -q -f qcow2 -F qcow2 -b "$(realpath "$image")" "$directory/disk.qcow2" "$size"
  rm -f "$directory"/qmp.{in,out}
  mkfifo "$directory"/qmp.{in,out}
  port=$(free_port)
  started=$(now)
  qemu-system-x86_64 -machine q35,accel=tcg -cpu max -m "$memory" -nodefaults -display none \
    -drive "file=$directory/disk.qcow2,if=none,id=root,cache=unsafe" \
    -device virtio-blk-pci,drive=root,bootindex=1 \
    -netdev "user,id=net${network:+,$network},hostfwd=tcp:127.0.0.1:$port-:22" -device virtio-net-pci,netdev=net,romfile= \
    -device virtio-rng-pci -serial "file:$directory/console" -qmp "pipe:$directory/qmp" \
    "$@" >"$directory/qemu" 2>&1 &
  guest=$!
  exec 7<>"$directory/qmp.out" 8<>"$directory/qmp.in"
}

stop_guest() {
  [ -z "${guest:-}" ] || ! kill "$guest" 2>/dev/null || wait "$guest" || true
  guest=
}

config_drive_arguments() {
  echo -drive "file=$1,if=none,id=config,format=raw,readonly=on" -device virtio-blk-pci,drive=config
}

qmp() { printf '%s\n' "$1" >&8; }

# in_guest USER COMMAND: runs it over SSH, logged in by the key of the metadata.
in_guest() {
  ssh -q -i "$directory/key" -p "$port" -o BatchMode=yes -o ConnectTimeout=3 \
    -o IdentitiesOnly=yes -o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null \
    "$1@127.0.0.1" "$2"
}

guest_gone() { ! kill -0 "$guest" 2>/dev/null; }

# power_off SECONDS: presses the power button and waits for the guest to have gone.
power_off() {
  local limit=$(($(date +%s) + $1))
  qmp '{"execute": "qmp_capabilities"}'
  qmp '{"execute": "system_powerdown"}'
  until guest_gone; do
    [ "$(date +%s)" -lt "$limit" ] || return 1
    sleep 0.1
  done
  wait "$guest"
  guest=
}

# Fails the test with all that is known of the guest.
give_up() {
  say "FAILED: $*"
  sed 's/^/qemu: /' "$directory/qemu" >&2 || true
  sed 's/^/console: /' "$directory/console" >&2 || true
  exit 1
}

# expect WHAT COMMAND...
expect() {
  local what=$1
  shift
  "$@" || give_up "$what"
  say "$what"
}
