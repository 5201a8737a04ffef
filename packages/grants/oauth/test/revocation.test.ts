import { AccessToken, Secret } from "@auth/core";
import { canary } from "@auth/testkit";
import { expect, test } from "vitest";
import { clientCredentials, refreshToken } from "../src/index.ts";
import { failure, hastyClock, testContext } from "./context.ts";
import { json, type Script, scriptedServer, status } from "./scripted-server.ts";

const access = canary("access");
const refresh = canary("refresh");
const tokens = { accessToken: new AccessToken(access.value), refreshToken: new Secret(refresh.value) };

/** Logs out at a server that answers like that: what it was told to revoke, and what came of it. */
async function revoke(...scripts: Script[]) {
  await using server = await scriptedServer(...scripts);
  const grant = refreshToken({
    issuer: server.origin,
    tokenEndpoint: server.tokenEndpoint,
    revocationEndpoint: `${server.origin}/revoke`,
    clientId: "app",
    timeoutMs: 60_000,
  });
  const outcome = await Promise.resolve(grant.revoke?.(tokens, testContext({ clock: hastyClock() }))).catch(
    (error: unknown) => error,
  );
  access.check(outcome);
  refresh.check(outcome);
  const forms = server.requests.map(({ path, body }) => ({
    path,
    ...Object.fromEntries(new URLSearchParams(body)),
  }));
  return { outcome, forms };
}

const both = [
  { path: "/revoke", client_id: "app", token: refresh.value, token_type_hint: "refresh_token" },
  { path: "/revoke", client_id: "app", token: access.value, token_type_hint: "access_token" },
];

test("SEC-67 the refresh token goes first; 200 is success, known or not, whatever the body", async () => {
  expect(await revoke(json("no JSON"))).toEqual({ outcome: undefined, forms: both });
});

test("a server that revokes only one kind is asked for both, and the failure is told", async () => {
  const { outcome, forms } = await revoke(json({ error: "unsupported_token_type" }, 400), status(200));
  expect(forms).toEqual(both);
  expect(outcome).toMatchObject({
    code: "ERR_AUTH_GRANT",
    reason: "refused",
    error: "unsupported_token_type",
  });
  expect((await revoke(status(200), json({ error: "unsupported_token_type" }, 400))).outcome).toMatchObject({
    error: "unsupported_token_type",
  });
});

test("SEC-35 a client that is refused is not tried again with the other token", async () => {
  const { outcome, forms } = await revoke(json({ error: "invalid_client" }, 401));
  expect(outcome).toMatchObject({ code: "ERR_AUTH_GRANT", reason: "credential-rejected" });
  expect(forms).toHaveLength(1);
});

test("a server that is away is tried three times", async () => {
  const { outcome, forms } = await revoke(status(503));
  expect(outcome).toMatchObject({ code: "ERR_AUTH_UNREACHABLE", status: 503 });
  expect(forms).toHaveLength(3);
});

test("where only the token endpoint is configured, there is no revoke", () => {
  const grant = clientCredentials({
    issuer: "https://idp.example",
    tokenEndpoint: "https://idp.example/token",
  });
  expect(grant).not.toHaveProperty("revoke");
});

test("where the metadata names no revocation endpoint, it says so", async () => {
  await using server = await scriptedServer((response, request) =>
    json({ issuer: server.origin, token_endpoint: server.tokenEndpoint })(response, request),
  );
  const grant = refreshToken({ issuer: server.origin, clientId: "app" });
  expect(await failure(Promise.resolve(grant.revoke?.(tokens, testContext())))).toMatchObject({
    code: "ERR_AUTH_UNAVAILABLE",
    reason: "no-revocation-endpoint",
  });
});

test("a confidential client cannot revoke without its credential", async () => {
  const grant = clientCredentials({ issuer: "https://idp.example" });
  expect(await failure(Promise.resolve().then(() => grant.revoke?.(tokens, testContext())))).toMatchObject({
    code: "ERR_AUTH_NOT_FOUND",
    reason: "no-credential",
  });
});
