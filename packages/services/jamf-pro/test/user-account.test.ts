import { AccessToken, createAuth, fixed, type Grant, type PasswordCredential, Secret } from "@auth/core";
import { describe, expect, test } from "vitest";
import { isExpired, secondsRemaining, userAccount, whoAmI } from "../src/index.ts";
import { bearers, failure, userCredential, world } from "./support/world.ts";

const half = 1_800_000;
const tokenPath = "/api/v1/auth/token";
const keepAlivePath = "/api/v1/auth/keep-alive";

const withPassword = (password: string, username = "us") =>
  fixed({ type: "password", username, password: new Secret(password) } as const);

test("jamf 11 user name and password go out as Basic in Latin-1, with an empty body", async () => {
  const { asUser, server } = await world();
  await failure(asUser({ credentials: withPassword("pä:w") }).getToken());
  expect(server.received[0]).toMatchObject({
    method: "POST",
    path: tokenPath,
    body: "",
    headers: { authorization: "Basic dXM6cOQ6dw==", accept: "application/json" },
  });
});

test("jamf 12 what Latin-1 cannot say goes out in UTF-8, or is refused, as configured", async () => {
  const { asUser, server } = await world();
  await failure(asUser({ credentials: withPassword("€") }).getToken());
  const basic = server.received[0]?.headers.authorization?.slice("Basic ".length) ?? "";
  expect(Buffer.from(basic, "base64").toString("utf8")).toBe("us:€");
  const strict = userAccount({ server: server.url, encoding: "latin-1" });
  expect(await failure(asUser({ grant: strict, credentials: withPassword("€") }).getToken())).toBe(
    "INVALID/secret-format",
  );
  const wide = userAccount({ server: server.url, encoding: "utf-8" });
  await failure(asUser({ grant: wide, credentials: withPassword("ä") }).getToken());
  expect(server.received).toHaveLength(2);
  expect(server.received[1]?.headers.authorization).toBe(`Basic ${Buffer.from("us:ä").toString("base64")}`);
});

describe("jamf 13 an expiry is read as", () => {
  const instant = Date.parse("2026-08-21T16:57:01.113Z");
  test.each([
    ["2026-08-21T16:57:01.113Z", instant],
    ["2026-08-21T18:57:01.113+02:00", instant],
    ["2026-08-21T16:57:01.113", instant],
    [Math.trunc(instant / 1_000), Math.trunc(instant / 1_000) * 1_000],
    [instant, instant],
  ])("%s", async (expires, expected) => {
    const { asUser, server } = await world();
    server.answers.set(tokenPath, { body: { token: "t", expires } });
    expect((await asUser().getToken()).expiresAt?.getTime()).toBe(expected);
  });
});

describe("jamf 14 a user's token is kept, kept alive, or bought anew", () => {
  test.each([
    [61_000, "kept"],
    [60_010, "kept"],
    [59_900, "kept alive"],
    [30_000, "kept alive"],
    [6_500, "kept alive"],
    [5_900, "bought anew"],
    [4_900, "bought anew"],
    [0, "bought anew"],
    [-1_000, "bought anew"],
  ])("with %i ms left: %s", async (leftMs, what) => {
    const { asUser, server, clock } = await world();
    const auth = asUser();
    await auth.getToken();
    await clock.advance(half - leftMs);
    expect((await auth.getToken()).reveal()).toBe(what === "kept" ? "token-1" : "token-2");
    const next = { kept: [], "kept alive": [`POST ${keepAlivePath}`], "bought anew": [`POST ${tokenPath}`] }[
      what
    ];
    expect(server.log().slice(1)).toEqual(next);
    if (what === "kept alive") expect(server.received[1]?.headers.authorization).toBe("Bearer token-1");
  });
});

test("jamf 15 after a keep-alive the old token is never used again", async () => {
  const { asUser, server, clock, api } = await world();
  const auth = asUser();
  await api(auth);
  await clock.advance(half - 30_000);
  await api(auth);
  await api(auth);
  expect(bearers(server)).toEqual(["Bearer token-1", "Bearer token-2", "Bearer token-2"]);
});

describe("a keep-alive that fails is made up for in the same call", () => {
  test.each([
    ["jamf 16 401 with JSON", { status: 401, body: { httpStatus: 401, errors: [] } }],
    ["jamf 17 401 with HTML", { status: 401, body: "<html>" }],
    ["jamf 17 500", { status: 500, body: "" }],
    ["jamf 17 time-out", { body: null }],
    ["an empty answer", { body: {} }],
  ])("%s", async (_, reply) => {
    const { asUser, server, clock, api } = await world();
    const auth = asUser();
    await auth.getToken();
    await clock.advance(half - 30_000);
    server.answers.set(keepAlivePath, reply);
    const answered = api(auth);
    const { status } = await clock.until(answered, {
      paused: () => reply.body !== null || clock.pending.length === 0,
    });
    expect(status).toBe(200);
    expect(server.log().slice(1)).toEqual([
      `POST ${keepAlivePath}`,
      `POST ${tokenPath}`,
      "GET /api/v1/buildings",
    ]);
    expect(bearers(server)).toEqual(["Bearer token-2"]);
  });
});

test("jamf 18 keep-alive and password both fail: what is still good is served, and then the error comes", async () => {
  const { asUser, server, clock } = await world();
  const auth = asUser();
  await auth.getToken();
  await clock.advance(half - 30_000);
  for (const path of [keepAlivePath, tokenPath]) server.answers.set(path, { status: 401, body: {} });
  expect((await auth.getToken()).reveal()).toBe("token-1");
  await clock.advance(30_000);
  expect(await failure(auth.getToken())).toBe("GRANT/credential-rejected");
});

test("jamf 19 twenty callers at once: one token request, and one keep-alive", async () => {
  const { asUser, server, clock } = await world();
  const auth = asUser();
  await Promise.all(Array.from({ length: 20 }, () => auth.getToken()));
  await clock.advance(half - 30_000);
  const tokens = await Promise.all(Array.from({ length: 20 }, () => auth.getToken()));
  expect(new Set(tokens.map((token) => token.reveal()))).toEqual(new Set(["token-2"]));
  expect(server.log()).toEqual([`POST ${tokenPath}`, `POST ${keepAlivePath}`]);
});

test("jamf 20 SEC-27 a 401 of the API: one new token, one replay; a new token that is refused is not replaced at once", async () => {
  const { asUser, server, api, clock } = await world();
  const auth = asUser();
  await api(auth);
  server.valid.clear();
  expect((await api(auth)).status).toBe(200);
  expect(bearers(server)).toEqual(["Bearer token-1", "Bearer token-1", "Bearer token-2"]);
  server.answers.set("/api/v1/buildings", { status: 401, body: {} });
  expect((await api(auth)).status).toBe(401);
  expect(bearers(server).slice(3)).toEqual(["Bearer token-2"]);
  await clock.advance(30_000);
  expect((await api(auth)).status).toBe(401);
  expect(bearers(server).slice(4)).toEqual(["Bearer token-2", "Bearer token-3"]);
});

test("jamf 21 SEC-27 a 403 of the API: no token is touched", async () => {
  const { asUser, server, api } = await world();
  const auth = asUser();
  server.answers.set("/api/v1/buildings", { status: 403, body: {} });
  expect((await api(auth)).status).toBe(403);
  expect((await api(auth)).status).toBe(403);
  expect(server.log().filter((line) => line.startsWith("POST"))).toHaveLength(1);
});

test("jamf 22 a token request that takes 15 s is given up, and the next call tries again", async () => {
  const { asUser, server, clock } = await world();
  server.answers.set(tokenPath, { body: null });
  const auth = asUser();
  const began = clock.now();
  const work = failure(auth.getToken());
  await clock.sleeping(2); // the call's own limit, and the attempt's
  expect(await clock.until(work)).toBe("UNREACHABLE/timeout");
  expect(clock.now() - began).toBeGreaterThanOrEqual(15_000);
  expect(clock.now() - began).toBeLessThan(16_000);
  server.answers.clear();
  await clock.advance(8_000); // the pause after a failure
  expect((await auth.getToken()).reveal()).toBe("token-1");
});

test("jamf 23 SEC-55 two servers never see each other's tokens, in one store", async () => {
  const one = await world();
  const two = await world();
  const { memoryStore } = await import("@auth/core");
  const store = memoryStore();
  const first = one.asUser({ store });
  const second = two.asUser({ store });
  await Promise.all([first.getToken(), second.getToken()]);
  expect([one.server.received.length, two.server.received.length]).toEqual([1, 1]);
  expect((await first.status()).key).not.toBe((await second.status()).key);
});

test.each([
  "",
  "  ",
  "jamf example",
  "ftp://jamf.example",
  "https://u:p@jamf.example",
  "http://jamf.example",
])(
  "jamf 24 SEC-20 SEC-21 a server that is no safe address (%j) is refused before anything is sent",
  (server) => {
    expect(() => userAccount({ server })).toThrow(TypeError);
  },
);

test("jamf 25 SEC-67 a logout invalidates the token; 204 and 401 are both fine; the next call gets another", async () => {
  const { asUser, server } = await world();
  const auth = asUser();
  await auth.getToken();
  expect(await auth.logout()).toMatchObject({ complete: true });
  expect(server.received[1]).toMatchObject({
    method: "POST",
    path: "/api/v1/auth/invalidate-token",
    headers: { authorization: "Bearer token-1" },
  });
  expect(server.valid.size).toBe(0);
  expect((await auth.getToken()).reveal()).toBe("token-2");
  server.valid.clear();
  expect(await auth.logout()).toMatchObject({ complete: true });
  server.answers.set("/api/v1/auth/invalidate-token", { status: 500, body: "" });
  await auth.getToken();
  expect(await auth.logout()).toMatchObject({ complete: false });
});

test("jamf 26 the token is put in place of another Authorization", async () => {
  const { asUser } = await world();
  const headers = new Headers({ authorization: "Bearer somebody-else" });
  await asUser().authorize({ method: "GET", url: "", headers });
  expect(headers.get("authorization")).toBe("Bearer token-1");
});

test("jamf 27 SEC-25 a redirect to another origin goes without the token", async () => {
  const here = await world();
  const elsewhere = await world();
  here.server.answers.set("/api/v1/buildings", {
    status: 302,
    headers: { location: `${elsewhere.server.url}/api/v1/buildings` },
  });
  await here.api(here.asUser());
  expect(elsewhere.server.received[0]?.headers.authorization).toBeUndefined();
});

test("jamf 28 a bare host is https on port 443, and the same as its address", async () => {
  const names = ["jamf.my.org", "https://jamf.my.org/", "https://jamf.my.org:443", "HTTPS://JAMF.my.org"];
  const grants = names.map((server) => userAccount({ server, username: "oscar" }));
  expect(new Set(grants.map(({ name }) => name))).toEqual(new Set(["jamf-pro https://jamf.my.org"]));
  const partitions = await Promise.all(grants.map(async (grant) => grant.partition()));
  expect(new Set(partitions).size).toBe(1);
});

test("jamf 38 a token from elsewhere is kept and kept alive by the same rules, in ten lines", async () => {
  const { server, clock } = await world();
  const usual = userAccount({ server: server.url });
  let exchanges = 0;
  const custom: Grant<PasswordCredential> = {
    ...usual,
    name: "my own",
    async exchange() {
      exchanges++;
      server.valid.add("mine");
      return {
        accessToken: new AccessToken("mine", {
          obtainedAt: new Date(clock.now()),
          expiresAt: new Date(clock.now() + half),
        }),
      };
    },
  };
  const auth = createAuth({ grant: custom, credentials: userCredential, clock });
  await auth.getToken();
  expect((await auth.getToken()).reveal()).toBe("mine");
  expect(exchanges).toBe(1);
  await clock.advance(half - 30_000);
  expect((await auth.getToken()).reveal()).toBe("token-1");
  expect(server.log()).toEqual([`POST ${keepAlivePath}`]);
});

test("jamf 39 who am I: the account, or nothing for a token that is no longer valid", async () => {
  const { asUser, server } = await world();
  const auth = asUser();
  expect(await whoAmI(auth, { server: server.url })).toEqual({ account: { username: "oscar" }, sites: [] });
  server.valid.clear();
  expect(await whoAmI(auth, { server: server.url })).toBeUndefined();
  expect((await auth.getToken()).reveal()).toBe("token-2");
  server.answers.set("/api/v1/auth", { status: 404, body: {} });
  expect(await failure(whoAmI(auth, { server: server.url }))).toBe("GRANT/refused");
});

test("seconds that remain are whole, never below 0, and expiry is 5 s early", () => {
  const token = (leftMs: number) => new AccessToken("t", { expiresAt: new Date(1_000_000 + leftMs) });
  expect(secondsRemaining(token(61_999), 1_000_000)).toBe(61);
  expect(secondsRemaining(token(-5), 1_000_000)).toBe(0);
  expect(secondsRemaining(new AccessToken("t"))).toBe(Number.POSITIVE_INFINITY);
  expect(isExpired(token(5_001), 1_000_000)).toBe(false);
  expect(isExpired(token(4_999), 1_000_000)).toBe(true);
  expect(isExpired(new AccessToken("t"))).toBe(false);
});

test("SEC-10 a user name that Basic cannot carry is refused before anything is sent", async () => {
  const { asUser, server } = await world();
  expect(await failure(asUser({ credentials: withPassword("p", "a:b") }).getToken())).toBe(
    "INVALID/secret-format",
  );
  expect(await failure(asUser({ credentials: withPassword("p\n") }).getToken())).toBe(
    "INVALID/secret-format",
  );
  expect(server.received).toEqual([]);
});

test("another account than the configured one is refused", async () => {
  const { asUser, server } = await world();
  const grant = userAccount({ server: server.url, username: "anna" });
  expect(await failure(asUser({ grant }).getToken())).toBe("INVALID/account-mismatch");
  expect(server.received).toEqual([]);
});
