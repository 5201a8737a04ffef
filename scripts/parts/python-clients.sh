#!/usr/bin/env bash
# The original clients of three of the services, each in a virtual environment of its own: the other side of every file and
# wire that ours share with them. Needs Python 3. Prints nothing if all went well.
set -euo pipefail
# Of descarteslabs only what signing in needs: all that it asks for besides is 600 MB. Its later versions are empty packages.
clients=(
  "yamcs-client==2.1.0"
  "jamf-pro-sdk==0.8a1"
  "descarteslabs==4.0.0 --no-deps requests==2.34.2 urllib3==2.8.0 certifi==2026.10.18 idna==3.20 charset-normalizer==3.5.2
    dynaconf==3.3.5 strenum==0.5.0 click==8.5.1"
)
parts="${AUTH_PARTS:-${HOME:-/var/tmp}/.cache/auth-parts}/python"
python="$(command -v python3)" || { echo "the original clients need python3" >&2; exit 1; }
if ! "$python" -c 'import ensurepip' 2>/dev/null && ((EUID == 0)) && command -v apt-get >/dev/null; then
  install() { apt-get install -yqq --no-install-recommends python3-venv; }
  (install || { apt-get update -qq && install; }) >/dev/null 2>&1 || true
fi

fetch() {
  local name="${1%%==*}" log
  local folder="$parts/$name"
  [ "$(cat "$folder/version" 2>/dev/null)" = "$1" ] && return
  rm -rf "$folder"
  mkdir -p "$parts"
  log="$(mktemp)"
  # shellcheck disable=SC2086 # several words
  { "$python" -m venv "$folder" && "$folder/bin/pip" install --quiet --disable-pip-version-check --no-input $1; } >"$log" 2>&1 ||
    { echo "$name could not be installed:" >&2; tail -5 "$log" >&2; rm -f "$log"; return 1; }
  rm -f "$log"
  echo "$1" >"$folder/version"
}

jobs=()
for client in "${clients[@]}"; do
  fetch "$client" &
  jobs+=($!)
done
failed=0
for job in "${jobs[@]}"; do wait "$job" || failed=1; done
exit "$failed"
