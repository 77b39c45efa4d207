#!/usr/bin/env bash
# Installs the system packages that the tests need, as root or with password-less sudo; otherwise says what is
# missing and goes on: the tests concerned are then skipped one by one.
set -euo pipefail

has() { command -v "$1" >/dev/null 2>&1; }
# Administrators' programs may not be on a user's PATH.
PATH="$PATH:/usr/sbin:/sbin"

packages=()
has chromium || has chromium-browser || has google-chrome || packages+=(chromium)
[ -n "$(find /usr/share/fonts -iname 'NotoSansCJK*' -print -quit 2>/dev/null)" ] || packages+=(fonts-noto-cjk)
has dockerd || docker info >/dev/null 2>&1 || packages+=(docker.io)
has docker-compose || docker compose version >/dev/null 2>&1 || packages+=(docker-compose)
has iptables || packages+=(iptables)
has debootstrap || packages+=(debootstrap)
has redis-server || packages+=(redis-server)
has bwrap || packages+=(bubblewrap)
[ -n "$(find /usr/lib/postgresql -name initdb -print -quit 2>/dev/null)" ] || has initdb || packages+=(postgresql)

[ ${#packages[@]} -gt 0 ] || exit 0

if ! has apt-get; then
  echo "Not installed and not installable here (no apt-get): ${packages[*]}. Tests that need them are skipped." >&2
  exit 0
fi
if [ "$(id -u)" = 0 ]; then sudo=(); elif sudo -n true 2>/dev/null; then sudo=(sudo); else
  echo "Not installed: ${packages[*]}. Tests that need them are skipped; to run them:" >&2
  echo "  sudo apt-get install --no-install-recommends ${packages[*]}" >&2
  exit 0
fi

echo "Installing ${packages[*]} ..."
install=("${sudo[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends)
log=$(mktemp)
trap 'rm -f "$log"' EXIT
if ! { "${sudo[@]}" apt-get update -qq && "${install[@]}" "${packages[@]}"; } >"$log" 2>&1; then
  tail -n 20 "$log" >&2
  echo "The installation failed; tests that need what is missing are skipped." >&2
fi
