import { AccessToken, isAuthError } from "@auth/core";
import { describe, expect, test } from "vitest";
import { secondsRemaining } from "../src/index.ts";
import { client } from "./support/jamf-server.ts";
import { bearers, failure, world } from "./support/world.ts";

test("jamf 1 an API client's secret goes out as a form, and reads back exactly", async () => {
  const { asClient, server } = await world();
  await asClient().getToken();
  expect(server.log()).toEqual(["POST /api/v1/oauth/token"]);
  const [request] = server.received;
  expect(request?.headers).toMatchObject({
    "content-type": "application/x-www-form-urlencoded",
    accept: "application/json",
  });
  expect(request?.headers.authorization).toBeUndefined();
  expect(Object.fromEntries(new URLSearchParams(request?.body))).toEqual({
    client_id: client.clientId,
    client_secret: client.clientSecret,
    grant_type: "client_credentials",
  });
});

test("jamf 2 expiry and scope are those of the answer", async () => {
  const { asClient, clock } = await world();
  const token = await asClient().getToken();
  expect(token.expiresAt?.getTime()).toBe(clock.now() + 1_200_000);
  expect(token.scopes).toEqual(["api-role:2", "api-role:3"]);
  expect(secondsRemaining(token, clock.now())).toBe(1_200);
});

test("jamf 3 ten calls, one token request, for the Pro and the Classic API alike", async () => {
  const { asClient, api, server } = await world();
  const auth = asClient();
  for (let call = 0; call < 5; call++) {
    expect((await api(auth)).status).toBe(200);
    expect((await api(auth, "/JSSResource/computers")).status).toBe(200);
  }
  expect(server.log().filter((line) => line.startsWith("POST"))).toHaveLength(1);
  expect(bearers(server)).toEqual(Array(10).fill("Bearer token-1"));
});

describe("jamf 4 an API client's token is replaced 5 s before its end", () => {
  test.each([
    [10_000, "token-1"],
    [5_500, "token-1"],
    [4_500, "token-2"],
    [2_500, "token-2"],
    [-1_000, "token-2"],
  ])("with %i ms left: %s", async (leftMs, expected) => {
    const { asClient, clock, server } = await world();
    const auth = asClient();
    await auth.getToken();
    await clock.advance(1_200_000 - leftMs);
    expect((await auth.getToken()).reveal()).toBe(expected);
    expect(server.received).toHaveLength(expected === "token-1" ? 1 : 2);
  });
});

test("jamf 5 an API client's token is never kept alive", async () => {
  const { asClient, clock, server } = await world();
  const auth = asClient();
  for (let call = 0; call < 4; call++) {
    await auth.getToken();
    await clock.advance(1_150_000);
    await auth.getToken();
    await clock.advance(46_000);
  }
  expect(new Set(server.log())).toEqual(new Set(["POST /api/v1/oauth/token"]));
});

test("jamf 6 an answer without scope is taken", async () => {
  const { asClient, server } = await world();
  server.scope = undefined;
  expect((await asClient().getToken()).scopes ?? []).toEqual([]);
});

test.each([
  ["without a token", { body: { scope: "x", token_type: "Bearer", expires_in: 60 } }],
  ["of HTML", { body: "<html>maintenance</html>", headers: { "content-type": "text/html" } }],
])("jamf 7 an answer %s is an error, and nothing is kept", async (_, reply) => {
  const { asClient, server, clock } = await world();
  server.answers.set("/api/v1/oauth/token", reply);
  const auth = asClient();
  expect(await failure(auth.getToken())).toBe("INVALID/malformed-response");
  expect(auth.peek()).toBeUndefined();
  server.answers.clear();
  await clock.advance(8_000); // the pause after a failure
  expect((await auth.getToken()).reveal()).toBe("token-1");
});

test.each([401, 403])(
  "jamf 8 SEC-3 a refusal with %i: one request, its status, no secret",
  async (status) => {
    const { asClient, server } = await world();
    server.answers.set("/api/v1/oauth/token", { status, body: { error: "invalid_client" } });
    const error: unknown = await asClient()
      .getToken()
      .catch((thrown: unknown) => thrown);
    expect(isAuthError(error, "ERR_AUTH_GRANT") && error).toMatchObject({
      reason: "credential-rejected",
      status,
    });
    expect(String(error)).not.toContain(client.clientSecret);
    expect(server.received).toHaveLength(1);
  },
);

test.each([429, 500, 503])(
  "jamf 9 SEC-62 without retries, %i is an error after one request",
  async (status) => {
    const { asClient, server } = await world();
    server.answers.set("/api/v1/oauth/token", { status, body: { httpStatus: status, errors: [] } });
    expect(await failure(asClient().getToken())).toMatch(/^UNREACHABLE\//);
    expect(server.received).toHaveLength(1);
  },
);

test("jamf 10 an older server is found by its 404, once, and remembered", async () => {
  const { asClient, server, clock } = await world();
  server.answers.set("/api/v1/oauth/token", { status: 404, body: "not found" });
  server.answers.set("/api/oauth/token", {
    body: { access_token: "older", token_type: "Bearer", expires_in: 60 },
  });
  const auth = asClient();
  expect((await auth.getToken()).reveal()).toBe("older");
  await clock.advance(60_000);
  await auth.getToken();
  expect(server.log()).toEqual([
    "POST /api/v1/oauth/token",
    "POST /api/oauth/token",
    "POST /api/oauth/token",
  ]);
  server.answers.set("/api/oauth/token", { status: 404, body: "not found" });
  await clock.advance(60_000);
  expect(await failure(auth.getToken())).toBe("GRANT/refused");
  expect(server.received).toHaveLength(4);
});

test("SEC-52 tokens that live for 5 s or less are used, and never asked for in a loop", async () => {
  const { asClient, server } = await world();
  server.clientLifetimeS = 4;
  const auth = asClient();
  for (let call = 0; call < 10; call++) expect(await auth.getToken()).toBeInstanceOf(AccessToken);
  expect(server.received).toHaveLength(1);
});

test("scopes are asked for in order, and are part of the identity", async () => {
  const { server } = await world();
  const { apiClient } = await import("../src/index.ts");
  const grant = apiClient({ server: server.url, clientId: "cid", scopes: ["b", "a", "b"] });
  expect(await grant.partition()).toBe(
    `jamf-pro ${new URLSearchParams({ server: server.url, client: "cid", scope: "a b" }).toString()}`,
  );
});
