// What the Jamf Pro SDK for Python left in the keychain signs in here: Python's keyring writes, a real Secret Service keeps.

import { spawnSync } from "node:child_process";
import { createAuth } from "@auth/core";
import { apiClient, userAccount } from "@auth/jamf-pro";
import { fromJamfProKeychain } from "@auth/jamf-pro/keychain";
import { afterEach, describe, expect, test, vi } from "vitest";
import { client, jamfServer, user } from "../../packages/services/jamf-pro/test/support/jamf-server.ts";
import { keyringThere, startKeyring } from "../../packages/sources/keychain/test/support/keyring.ts";

/** The distribution's own, which has the package; not one that comes first in PATH. */
const python = "/usr/bin/python3";
const there = spawnSync(python, ["-c", "import keyring, secretstorage"]).status === 0;
const run = keyringThere && (there || process.env["AUTH_IT"] === "require");
if (!run) console.warn("SKIPPED: nothing was read that Python's keyring wrote (scripts/parts/keychain.sh).");

describe.runIf(run)("an entry of Python's keyring", () => {
  afterEach(() => void vi.unstubAllEnvs());

  test.each([
    ["of later versions of the SDK", (host: string) => `https://${host}`],
    ["of earlier ones", (host: string) => host],
  ])("%s signs a user and an API client in", async (_, serviceOf) => {
    await using keyring = await startKeyring();
    await using server = await jamfServer(Date.now);
    for (const [name, value] of Object.entries(keyring.env)) vi.stubEnv(name, value);
    const name = "jamf.example";
    const write = "import keyring, sys; keyring.set_password(*sys.argv[1:])";
    keyring.run(python, ["-c", write, serviceOf(name), user.username, user.password]);
    keyring.run(python, ["-c", write, serviceOf(name), client.clientId, client.clientSecret]);

    const person = fromJamfProKeychain({ server: name, username: user.username });
    const program = fromJamfProKeychain({ server: name, clientId: client.clientId });
    const at = { server: server.url };
    for (const auth of [
      createAuth({ grant: userAccount(at), credentials: person }),
      createAuth({ grant: apiClient(at), credentials: program }),
    ])
      expect(server.valid).toContain((await auth.getToken()).reveal());
    for (const source of [person, program]) await source[Symbol.asyncDispose]?.();
    expect(server.log()).toEqual(["POST /api/v1/auth/token", "POST /api/v1/oauth/token"]);
  });
});
