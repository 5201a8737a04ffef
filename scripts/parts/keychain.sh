#!/usr/bin/env bash
# What the tests of @auth/keychain need besides npm: a real Secret Service, Python's keyring, and a keytar that was built here.
set -euo pipefail
parts="${AUTH_PARTS:-${HOME:-/var/tmp}/.cache/auth-parts}"

packages=(gnome-keyring dbus dbus-daemon dbus-bin libsecret-tools libsecret-1-dev python3-keyring python3-secretstorage keyutils make g++ pkg-config)
headers() {
  for prefix in /usr "$(dirname "$(dirname "$(readlink -f "$(command -v node)")")")"; do
    if [ -e "$prefix/include/node/node_api.h" ]; then echo "$prefix" && return; fi
  done
}
missing=()
for package in "${packages[@]}"; do dpkg -s "$package" >/dev/null 2>&1 || missing+=("$package"); done
[ -n "$(headers)" ] || missing+=(libnode-dev)
if ((${#missing[@]})); then
  if ((EUID != 0)) || ! command -v apt-get >/dev/null; then
    echo "keychain: not installed, and only root could do that here: ${missing[*]}" >&2
    exit 1
  fi
  export DEBIAN_FRONTEND=noninteractive
  install() { apt-get install -yqq --no-install-recommends "${missing[@]}"; }
  (install || { apt-get update -qq && install; }) >/dev/null 2>&1 || { echo "keychain: apt-get could not install ${missing[*]}" >&2; exit 1; }
fi

# keytar has no binary on npm, so its install script would have to download or compile one. Here it is compiled, and nothing else.
keytar="$parts/keytar/node_modules/keytar"
if [ ! -e "$keytar/build/Release/keytar.node" ]; then
  mkdir -p "$parts/keytar"
  log="$parts/keytar/build.log"
  {
    echo '{"private":true}' >"$parts/keytar/package.json"
    npm install --prefix "$parts/keytar" --ignore-scripts --no-audit --no-fund keytar@7.9.0
    (cd "$keytar" && npm run build --nodedir="$(headers)")
  } >"$log" 2>&1 || { echo "keychain: keytar could not be built, see $log" >&2; exit 1; }
fi
