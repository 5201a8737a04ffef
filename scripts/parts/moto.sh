#!/usr/bin/env bash
# moto's server, an emulator of AWS, in a virtual environment of its own. Needs Python 3. Prints nothing if all went well.
set -euo pipefail
version=5.2.1
parts="${AUTH_PARTS:-${HOME:-/var/tmp}/.cache/auth-parts}"
folder="$parts/moto"
[ "$(cat "$folder/version" 2>/dev/null)" = "$version" ] && exit

python="$(command -v python3)" || { echo "moto needs python3" >&2; exit 1; }
mkdir -p "$parts"
rm -rf "$folder"
log="$(mktemp)"
trap 'rm -f "$log"' EXIT
install() {
  "$python" -m venv "$folder" &&
    "$folder/bin/pip" install --quiet --disable-pip-version-check "moto==$version" flask flask-cors
}
# Debian keeps the module for virtual environments in a package of its own.
if ! "$python" -c 'import ensurepip' 2>/dev/null && [ "$(id -u)" -eq 0 ] && command -v apt-get >/dev/null; then
  { apt-get install -yqq --no-install-recommends python3-venv ||
    { apt-get update -qq && apt-get install -yqq --no-install-recommends python3-venv; }; } >"$log" 2>&1 || true
fi
install >>"$log" 2>&1 || { cat "$log" >&2; exit 1; }
echo "$version" >"$folder/version"
