import { fixed, memoryStore, Secret } from "@auth/core";
import { fakeClock } from "@auth/testkit";
import { describe, expect, test } from "vitest";
import { storedTokens, userAccount } from "../src/index.ts";
import { inFrontOf, realYamcs, yamcsThere } from "./support/real-yamcs.ts";
import { around, credential, failure, forms, shown, type World, world } from "./support/world.ts";
import { type Server, user } from "./support/yamcs-server.ts";

const lifetimeMs = 500_000;
const tokenPath = "/auth/token";
const bare = (token: string): object => ({ access_token: token, token_type: "bearer", expires_in: 500 });

test("yamcs 7 SEC-60 a refresh answer without a refresh token leaves the old one in use", async () => {
  const { auth, clock, server } = await world();
  const one = auth();
  await one.getToken();
  for (const token of ["a1", "a2"]) {
    server.answers.set(tokenPath, [{ body: bare(token) }]);
    await clock.advance(lifetimeMs + 1_000);
    expect((await one.getToken()).reveal()).toBe(token);
  }
  const sent = forms(server).map(({ refresh_token }) => refresh_token);
  expect(sent[1]).toMatch(/^[\da-f-]{36}$/);
  expect(sent[2]).toBe(sent[1]);
});

test("yamcs 14 SEC-27 a 401 of the API: one refresh, one replay", async () => {
  const { auth, api, server } = await world();
  server.answers.set("/api/user", [{ status: 401, body: "Token expired" }]);
  expect((await api(auth())).status).toBe(200);
  expect(server.log()).toEqual([`POST ${tokenPath}`, "GET /api/user", `POST ${tokenPath}`, "GET /api/user"]);
  expect(forms(server)[1]?.["grant_type"]).toBe("refresh_token");
});

test("yamcs 15 an API that refuses every token: one replay, then its 401", async () => {
  const { auth, api, server } = await world();
  server.answers.set("/api/user", { status: 401, body: "Invalid access token" });
  expect((await api(auth())).status).toBe(401);
  expect(shown(server)).toHaveLength(2);
  expect(forms(server)).toHaveLength(2);
});

async function afterRestart({ auth, api, server }: World<Server>, restart: () => unknown): Promise<void> {
  const one = auth();
  await api(one);
  await restart();
  expect((await api(one)).status).toBe(200);
  expect(forms(server).map(({ grant_type }) => grant_type)).toEqual([
    "password",
    "refresh_token",
    "password",
  ]);
  expect(shown(server)).toHaveLength(3);
}

test("yamcs 16 SEC-61 a server that has forgotten every token: one login with the password, and a replay", async () => {
  const here = await world();
  await afterRestart(here, here.server.restart);
});

test.skipIf(!yamcsThere)("yamcs 16 the same of the real Yamcs, restarted", async () => {
  await using real = await realYamcs();
  await afterRestart(around(await inFrontOf(real.url), fakeClock({ now: Date.now() })), real.restart);
});

test("yamcs 17 SEC-61 with nothing but a refresh token that is forgotten: one attempt, and a person is needed", async () => {
  const { auth, api, server } = await world();
  const credentials = fixed({
    type: "refresh-token",
    refreshToken: new Secret("forgotten"),
    accessToken: new Secret("forgotten-too"),
  } as const);
  const one = auth({ grant: storedTokens(server), credentials });
  expect((await api(one)).status).toBe(401);
  expect(server.log()).toEqual(["GET /api/user", `POST ${tokenPath}`]);
  expect(await failure(one.getToken())).toBe("INTERACTION_REQUIRED/refresh-token-rejected");
  expect(forms(server)).toHaveLength(1);
});

test("yamcs 19 a limit on logins is waited for, at least a second each time", async () => {
  const { auth, clock, server, until } = await world();
  const later = { status: 429, body: "429 Too Many Requests" };
  server.answers.set(tokenPath, [later, later]);
  const before = clock.monotonic();
  await until(auth().getToken());
  expect(forms(server)).toHaveLength(3);
  expect(clock.monotonic() - before).toBeGreaterThanOrEqual(2_000);
  server.answers.set(tokenPath, { status: 429, body: "" });
  expect(await failure(until(auth().getToken()))).toBe("UNREACHABLE/rate-limited");
  expect(forms(server)).toHaveLength(6);
});

test("the server's own limit, five logins a second, is met", async () => {
  const { auth, server, until } = await world();
  await Promise.all([1, 2, 3, 4, 5, 6].map(() => until(auth().getToken())));
  expect(forms(server)).toHaveLength(7);
});

describe("yamcs 20 a refusal of the token endpoint carries its status:", () => {
  test.each([
    ["a login, 400", 400, false, "GRANT/refused", 1],
    ["a refresh, 400", 400, true, "GRANT/refused", 1],
    ["a login, 500", 500, false, "UNREACHABLE/server-error", 1],
    ["a refresh, 500", 500, true, "UNREACHABLE/server-error", 1],
  ])("%s", async (_, status, refresh, expected, requests) => {
    const { auth, server, until } = await world();
    const one = auth();
    if (refresh) await one.getToken();
    server.received.length = 0;
    server.answers.set(tokenPath, { status, body: `${status}` });
    const failed = until(one.getToken({ forceRefresh: refresh }));
    const error: unknown = await failed.catch((thrown: unknown) => thrown);
    expect(await failure(Promise.reject(error))).toBe(expected);
    expect(error).toMatchObject({ status });
    expect(forms(server)).toHaveLength(requests);
  });
});

test("yamcs 25 SEC-10 half a user, or a password that cannot be sent: nothing is sent", async () => {
  const { auth, server } = await world();
  const outcome = (name: string, password: string): Promise<string> =>
    failure(auth({ credentials: credential(name, password) }).getToken());
  expect(await outcome("admin", "")).toBe("INVALID/half-credential");
  expect(await outcome("", "admin")).toBe("INVALID/half-credential");
  expect(await outcome("admin", "a\nb")).toBe("INVALID/secret-format");
  expect(() => auth({ credentials: undefined })).toThrow(TypeError);
  expect(server.received).toEqual([]);
});

test("another user than the configured one is refused", async () => {
  const { auth, server } = await world();
  const grant = userAccount({ url: server.url, username: "anna" });
  expect(await failure(auth({ grant }).getToken())).toBe("INVALID/account-mismatch");
  expect(server.received).toEqual([]);
});

test("yamcs 33 SEC-29 a login that is never answered ends at the limit, and the next call tries anew", async () => {
  const { auth, clock, server } = await world();
  server.answers.set(tokenPath, { body: null });
  const one = auth({ grant: userAccount({ url: server.url, timeoutMs: 5_000 }) });
  const before = clock.monotonic();
  expect(await failure(clock.until(one.getToken()))).toBe("UNREACHABLE/timeout");
  expect(clock.monotonic() - before).toBeLessThanOrEqual(5_250);
  server.answers.clear();
  await clock.advance(8_000); // the pause after a failure
  expect((await one.getToken()).type).toBe("Bearer");
});

describe("yamcs 40 SEC-30 SEC-31 an answer that is no token is an error that names the endpoint, and nothing is kept:", () => {
  test.each([
    ["no access token", { body: { token_type: "bearer", expires_in: 500 } }, "malformed-response"],
    ["HTML", { headers: { "content-type": "text/html" }, body: "<html>" }, "malformed-response"],
    ["no type", { body: { access_token: "a" } }, "token-type"],
  ])("%s", async (_, reply, reason) => {
    const { auth, clock, server } = await world();
    const one = auth();
    server.answers.set(tokenPath, [reply]);
    const error: unknown = await one.getToken().catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: "ERR_AUTH_INVALID", reason });
    expect(String(error)).toContain(`token endpoint at ${server.url}`);
    expect(one.peek()).toBeUndefined();
    await clock.advance(8_000); // the pause after a failure
    await one.getToken();
    expect(forms(server)[1]).toEqual({ grant_type: "password", ...user });
  });
});

test("SEC-32 the refresh token of an answer that is no good otherwise is kept", async () => {
  const { auth, clock, server } = await world();
  const one = auth();
  await one.getToken();
  await clock.advance(lifetimeMs + 1_000);
  server.answers.set(tokenPath, [{ body: { refresh_token: "the new one" } }, { body: bare("a") }]);
  expect(await failure(one.getToken())).toBe("INVALID/malformed-response");
  await clock.advance(8_000); // the pause after a failure
  expect((await one.getToken()).reveal()).toBe("a");
  expect(forms(server)[2]?.["refresh_token"]).toBe("the new one");
});

test("SEC-36 a stored refresh token is not sent to another server", async () => {
  const { auth, clock, server } = await world();
  const elsewhere = await world();
  const store = memoryStore();
  await auth({ store, name: "one" }).getToken();
  await clock.advance(lifetimeMs + 1_000);
  const grant = storedTokens(elsewhere.server);
  const other = auth({ store, name: "one", grant, credentials: undefined });
  expect(await failure(other.getToken())).toBe("INTERACTION_REQUIRED/issuer-changed");
  expect(elsewhere.server.received).toEqual([]);
  expect(server.received).toHaveLength(1);
});
