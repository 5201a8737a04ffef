#!/usr/bin/env bash
# Credential helpers of others: docker-credential-pass, `aws eks get-token` (a plugin of kubectl), `uv auth helper` (Bazel's
# protocol). Needs apt and Python 3. Prints nothing if all went well.
set -euo pipefail
export DEBIAN_FRONTEND=noninteractive
version="awscli 1.46.3, uv 0.13.9, docker"
parts="${AUTH_PARTS:-${HOME:-/var/tmp}/.cache/auth-parts}"
folder="$parts/credential-helpers"
[ "$(cat "$folder/version" 2>/dev/null)" = "$version" ] && exit

rm -rf "$folder"
mkdir -p "$folder"
log="$(mktemp)"
trap 'rm -f "$log"' EXIT

# Unpacked, not installed: the package wants a whole keyring beside it.
docker() {
  cd "$folder" && apt-get download -qq golang-docker-credential-helpers pass tree && for package in *.deb; do
    dpkg -x "$package" . && rm "$package"
  done
}
python() {
  python3 -m venv "$folder/python" &&
    "$folder/python/bin/pip" install --quiet --disable-pip-version-check --no-compile awscli==1.46.3 uv==0.13.9
}
missing=()
command -v gpg >/dev/null || missing+=(gnupg)
python3 -c 'import ensurepip' 2>/dev/null || missing+=(python3-venv)
{
  if [ ${#missing[@]} -gt 0 ]; then
    apt-get install -yqq --no-install-recommends "${missing[@]}" ||
      { apt-get update -qq && apt-get install -yqq --no-install-recommends "${missing[@]}"; }
  fi
  (docker) || { apt-get update -qq && (docker); }
  python
} >"$log" 2>&1 || { cat "$log" >&2; exit 1; }
echo "$version" >"$folder/version"
