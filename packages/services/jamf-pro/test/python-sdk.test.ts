import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { describe, expect, test } from "vitest";
import { client, type JamfServer, jamfServer, user } from "./support/jamf-server.ts";
import { world } from "./support/world.ts";

const parts = process.env["AUTH_PARTS"] ?? join(homedir(), ".cache/auth-parts");
const python = join(parts, "python/jamf-pro-sdk/bin/python");
const there = existsSync(python) || process.env["AUTH_IT"] === "require";
if (!there)
  console.warn(
    "SKIPPED: nothing ran beside the SDK for Python, which is not there (scripts/parts/python-clients.sh).",
  );

/** What the original does with the same account, at the same server: one call of the API. */
async function original(server: JamfServer, provider: string): Promise<string> {
  const { hostname, port } = new URL(server.url);
  const program = `
from jamf_pro_sdk import JamfProClient, SessionConfig, ApiClientCredentialsProvider, UserCredentialsProvider
client = JamfProClient("${hostname}", credentials=${provider}, port=${port}, session_config=SessionConfig(scheme="http"))
client.pro_api_request("get", "v1/buildings")
token = client.get_access_token()
print(token.seconds_remaining, token.type)
`;
  return (await promisify(execFile)(python, ["-c", program])).stdout.trim();
}

/** The request for a token, as far as servers look at it. */
function asked({ received }: JamfServer): object {
  const { method, body, headers } = received[0] ?? { headers: {} };
  const { authorization, accept } = headers;
  const type = headers["content-type"];
  return { method, body: Object.fromEntries(new URLSearchParams(body)), authorization, accept, type };
}

describe.runIf(there)("beside the SDK for Python", () => {
  test("a user account: the same request, and the same token lasts as long", async () => {
    await using server = await jamfServer(Date.now);
    const { username, password } = user;
    const told = await original(
      server,
      `UserCredentialsProvider(${JSON.stringify(username)}, ${JSON.stringify(password)})`,
    );
    expect(server.log()).toEqual(["POST /api/v1/auth/token", "GET /api/v1/buildings"]);
    expect(told).toMatch(/^\d+ user$/);
    const ours = await world();
    await ours.asUser().getToken();
    expect(asked(ours.server)).toEqual(asked(server));
  });

  test("an API client: the same request", async () => {
    await using server = await jamfServer(Date.now);
    // It knows the older path only.
    server.older = true;
    const { clientId, clientSecret } = client;
    const told = await original(
      server,
      `ApiClientCredentialsProvider(${JSON.stringify(clientId)}, ${JSON.stringify(clientSecret)})`,
    );
    expect(server.log()).toEqual(["POST /api/oauth/token", "GET /api/v1/buildings"]);
    expect(told).toMatch(/^1[12]\d\d oauth$/);
    const ours = await world();
    ours.server.older = true;
    await ours.asClient().getToken();
    expect(ours.server.log()).toEqual(["POST /api/v1/oauth/token", "POST /api/oauth/token"]);
    expect(asked(ours.server)).toEqual(asked(server));
  });
});
