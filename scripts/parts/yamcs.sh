#!/usr/bin/env bash
# A real Yamcs server, and the command-line client that shares its credentials file with ours. The server needs Java 17 and Maven,
# the client Python 3. Prints nothing if all went well.
set -euo pipefail
server=5.13.0
clients=(yamcs-cli==1.5.0 yamcs-client==2.1.0)
folder="${AUTH_PARTS:-${HOME:-/var/tmp}/.cache/auth-parts}/yamcs"
logs="$(mktemp -d)"
trap 'rm -rf "$logs"' EXIT

fetch_server() {
  [ "$(cat "$folder/server/version" 2>/dev/null)" = "$server" ] && return
  for program in java mvn; do command -v "$program" >/dev/null || { echo "the Yamcs server needs $program"; return 1; }; done
  rm -rf "$folder/server"
  mkdir -p "$folder/server"
  cat >"$folder/server/pom.xml" <<POM
<project>
  <modelVersion>4.0.0</modelVersion>
  <groupId>local</groupId>
  <artifactId>yamcs-server</artifactId>
  <version>1</version>
  <packaging>pom</packaging>
  <dependencies>
    <dependency><groupId>org.yamcs</groupId><artifactId>yamcs-core</artifactId><version>$server</version></dependency>
  </dependencies>
</project>
POM
  mvn --quiet --batch-mode --file "$folder/server/pom.xml" dependency:copy-dependencies \
    -DincludeScope=runtime -DoutputDirectory="$folder/server/lib" || return 1
  echo "$server" >"$folder/server/version"
}

fetch_client() {
  [ "$(cat "$folder/cli/version" 2>/dev/null)" = "${clients[*]}" ] && return
  rm -rf "$folder/cli"
  python3 -m venv "$folder/cli" || return 1
  "$folder/cli/bin/pip" install --quiet --disable-pip-version-check --no-input "${clients[@]}" || return 1
  echo "${clients[*]}" >"$folder/cli/version"
}

fetch_server >"$logs/server" 2>&1 &
job=$!
failed=0
fetch_client >"$logs/client" 2>&1 || { tail -5 "$logs/client" >&2; failed=1; }
wait "$job" || { tail -5 "$logs/server" >&2; failed=1; }
exit "$failed"
