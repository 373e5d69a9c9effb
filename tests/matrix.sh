#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Both commands of the README, from nothing, on other releases of Debian: ./dev matrix [SUITE…].
#
# Each release is a chroot under build/matrix, made once by debootstrap; a run takes the tree's last
# commit into it, installs what ./dev deps asks for, and tests with no network but loopback. It needs
# root (chroot, namespaces) and debootstrap. MATRIX_MIRROR names another mirror.
set -euo pipefail
cd -- "$(dirname -- "${BASH_SOURCE[0]}")/.."
home=$PWD/build/matrix
logs=$home/logs
mirror=${MATRIX_MIRROR:-http://deb.debian.org/debian}

# make SUITE: the chroot, whole or not at all.
make_root() {
  local suite=$1 root=$home/$1
  [[ ! -e $root/.made ]] || return 0
  rm -rf -- "$root"
  debootstrap --variant=minbase --include=ca-certificates,git "$suite" "$root" "$mirror"
  # a mirror that is a snapshot is past its date
  echo 'Acquire::Check-Valid-Until "false";' >"$root/etc/apt/apt.conf.d/99-matrix"
  touch "$root/.made"
}

# inside SUITE net|alone COMMAND…: in the tree of the chroot, in namespaces of its own.
inside() {
  local suite=$1 network=() home=$home
  [[ $2 == net ]] || network=(--net)
  shift 2
  # shellcheck disable=SC2016 # expanded by the inner shells
  unshare --mount --pid --fork "${network[@]}" sh -ec '
    root=$1; shift
    mount --make-rprivate /
    mount --bind "$root" "$root" # a mount point, as tests that make a mount namespace need it
    mount -t proc proc "$root/proc"
    mount --rbind /dev "$root/dev"
    mount -t sysfs sys "$root/sys" || true
    mount -t tmpfs run "$root/run"
    mkdir "$root/run/lock"
    ip link set lo up || true
    exec chroot "$root" env -i HOME=/root LANG=C.UTF-8 PATH=/usr/sbin:/usr/bin:/sbin:/bin \
      sh -ec "cd /root/rdpwhy; exec \"\$@\"" sh "$@"
  ' sh "$home/$suite" "$@"
}

# The last commit, and what an earlier run built of it.
take_tree() {
  local tree=$home/$1/root/rdpwhy
  if [[ -d $tree ]]; then
    git -C "$tree" fetch -q "$PWD" HEAD
    git -C "$tree" checkout -q --force FETCH_HEAD
  else
    git clone -q . "$tree"
  fi
}

versions() {
  # shellcheck disable=SC2016
  inside "$1" alone sh -c 'printf "FreeRDP %s, OpenSSL %s, gcc %s" "$(pkg-config --modversion freerdp3)" \
    "$(pkg-config --modversion openssl)" "$(gcc -dumpfullversion)"'
}

# one SUITE: each step's output goes to build/matrix/logs.
one() {
  local suite=$1 log=$logs/$1.log status=0
  {
    cp /etc/resolv.conf "$home/$suite/etc/resolv.conf"
    printf '%s\n' '127.0.0.1 localhost' '::1 localhost' >"$home/$suite/etc/hosts"
    take_tree "$suite"
    inside "$suite" net ./dev deps test &&
      inside "$suite" alone ./dev demo &&
      inside "$suite" alone ./dev test
  } >"$log" 2>&1 </dev/null || status=$?
  printf '%s  %s  %s: %s\n' "$(date -u +%F)" "$suite" "$(versions "$suite" 2>/dev/null)" \
    "$(sed -n 's/^\([0-9]*% tests passed.*\)/\1/p' "$log" | tail -n 1)"
  if ((status != 0)); then
    sed -n '/The following tests FAILED/,$p' "$log"
    printf '  ended with %d: %s\n' "$status" "${log#"$PWD"/}"
  fi
  return "$status"
}

if [[ $(id -u) != 0 ]] || ! command -v debootstrap >/dev/null || ! command -v unshare >/dev/null; then
  echo "matrix: needs root, debootstrap and unshare; nothing was tested" >&2
  exit 77
fi
mkdir -p "$logs"
failed=0
for suite in "${@:-bookworm trixie sid}"; do
  for name in $suite; do
    if make_root "$name" >"$logs/$name-debootstrap.log" 2>&1; then
      one "$name" || failed=1
    else
      tail -n 5 "$logs/$name-debootstrap.log"
      failed=1
    fi
  done
done
exit "$failed"
