#!/usr/bin/env bash
# A real Redis, and the shells that `auth completion` writes for. Prints nothing if all went well.
set -euo pipefail
missing=()
command -v redis-server >/dev/null || command -v valkey-server >/dev/null || missing+=(redis-server)
for shell in zsh fish; do command -v "$shell" >/dev/null || missing+=("$shell"); done
((${#missing[@]})) || exit 0
if ((EUID != 0)) || ! command -v apt-get >/dev/null; then
  echo "not installed, and only root could do that here: ${missing[*]}" >&2
  exit 1
fi
export DEBIAN_FRONTEND=noninteractive
install() { apt-get install -yqq --no-install-recommends "${missing[@]}"; }
(install || { apt-get update -qq && install; }) >/dev/null 2>&1 || { echo "apt-get could not install ${missing[*]}" >&2; exit 1; }
