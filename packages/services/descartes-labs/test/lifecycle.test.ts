import { isAuthError } from "@auth/core";
import { describe, expect, test } from "vitest";
import { cid } from "./support/iam-server.ts";
import { cachePath, failure, info, infoPath, pair, shared, thrownBy, world } from "./support/world.ts";

describe("descarteslabs 10 a token is used as long as it has more left than the leeway", () => {
  test.each([
    [501, {}, 0],
    [499, {}, 1],
    [100, { leewayMs: 0 }, 0],
    [1_001, { leewayMs: 1_000_000 }, 0],
    [999, { leewayMs: 1_000_000 }, 1],
  ])("%i s left, %j: %i requests", async (left, options, requests) => {
    const { open, put, token, asked } = await world();
    const kept = token(left);
    put(cachePath, { jwt_token: kept });
    const auth = open({ ...pair, ...options });
    expect((await auth.status()).next).toBe(requests === 0 ? "use" : "exchange");
    const found = await auth.getToken();
    expect(asked()).toBe(requests);
    expect(found.reveal() === kept).toBe(requests === 0);
  });
});

describe("descarteslabs 11 a token that is still good is served, whatever becomes of its renewal", () => {
  test.each([400, 401, 500])("%i", async (status) => {
    const { open, put, token, server, clock, asked, events } = await world();
    put(cachePath, { jwt_token: token(100) });
    server.always = { status, body: "" };
    const auth = open(pair);
    for (const round of [1, 2]) {
      expect((await auth.getToken()).reveal()).toBe(token(100 - (round - 1) * 30));
      expect(asked()).toBe(round);
      await clock.advance(30_000); // the next try waits that long
    }
    expect(events.map(({ type }) => type)).toContain("warning");
  });

  test("unreachable", async () => {
    const { open, put, token, server } = await world();
    put(cachePath, { jwt_token: token(100) });
    await server[Symbol.asyncDispose]();
    const auth = open(pair);
    expect((await auth.getToken()).reveal()).toBe(token(100));
    expect((await auth.getToken()).reveal()).toBe(token(100));
  });
});

test("descarteslabs 12 SEC-3 with nothing left the refusal is told, without token and secret", async () => {
  const { open, put, token, server, asked } = await world();
  put(cachePath, { jwt_token: token(-1) });
  server.always = { status: 401, body: { message: "sec", token: token(-1) } };
  const error = await thrownBy(open(pair).getToken());
  expect(isAuthError(error, "ERR_AUTH_GRANT") && [error.reason, error.status]).toEqual([
    "credential-rejected",
    401,
  ]);
  expect(asked()).toBe(1);
  expect(String(error)).not.toContain(token(-1));
  expect(String(error)).not.toMatch(/\bsec\b/);
});

test("descarteslabs 13 a token alone is used until its end, and then there is an error", async () => {
  const { open, token, clock, asked, warnings, list } = await world();
  const auth = open({ jwtToken: token(100) });
  expect((await auth.getToken()).reveal()).toBe(token(100));
  expect(warnings).toEqual([]);
  await clock.advance(101_000);
  expect(await failure(auth.getToken())).toBe("NOT_FOUND/no-credential");

  const ended = open({ jwtToken: token(-1) });
  expect(warnings.map(({ reason }) => reason)).toEqual(["no-credentials"]);
  expect(await failure(ended.getToken())).toBe("NOT_FOUND/no-credential");
  expect(asked()).toBe(0);
  expect(list("")).toEqual([]);
});

test("descarteslabs 14 SEC-34 a token of another client is dropped, where the client is known", async () => {
  const { open, token, asked } = await world();
  const jwtToken = token(3_600, { aud: "other" });
  expect((await open({ ...pair, jwtToken }).getToken()).reveal()).not.toBe(jwtToken);
  const list = token(3_600, { aud: [cid] });
  expect((await open({ ...pair, jwtToken: list, tokenInfoPath: null }).getToken()).reveal()).not.toBe(list);
  expect(asked()).toBe(2);
  expect((await open({ jwtToken }).getToken()).reveal()).toBe(jwtToken);
  expect(asked()).toBe(2);
});

test.each([{ exp: undefined }, { exp: "soon" }])(
  "descarteslabs 15 a kept token that says no end counts as ended: %j",
  async (claims) => {
    const { open, put, token, asked } = await world();
    put(cachePath, { jwt_token: token(0, claims) });
    await open(pair).getToken();
    expect(asked()).toBe(1);
  },
);

test("a given token is used before the kept one, and kept itself; the next one takes its place", async () => {
  const { open, put, read, token, clock, asked } = await world();
  put(cachePath, { jwt_token: token(7_200) });
  const jwtToken = token(3_600);
  const auth = open({ ...pair, jwtToken });
  expect((await auth.getToken()).reveal()).toBe(jwtToken);
  expect(read(cachePath)).toEqual({ jwt_token: jwtToken });
  await clock.advance(3_200_000);
  const next = (await auth.getToken()).reveal();
  expect(asked()).toBe(1);
  expect(read(cachePath)).toEqual({ jwt_token: next });
});

test("a given token that is refused is replaced, with and without a file", async () => {
  const { open, put, read, token, asked } = await world();
  put(infoPath, info);
  for (const tokenInfoPath of [null, infoPath, undefined]) {
    const path = tokenInfoPath === infoPath ? `~/${infoPath}` : tokenInfoPath;
    const auth = open({ ...pair, jwtToken: token(3_600), tokenInfoPath: path });
    const token1 = await auth.getToken();
    auth.reject(token1);
    expect((await auth.getToken()).reveal()).not.toBe(token1.reveal());
  }
  expect(asked()).toBe(3);
  expect(read(infoPath)).toMatchObject(info);
});

test("a given token is forgotten once another was bought: what a sibling buys then is used", async () => {
  const { open, put, token, clock, asked } = await world();
  const at = { ...pair, tokenInfoPath: put(infoPath, info) };
  const auth = open({ ...at, jwtToken: token(3_600) });
  await auth.getToken({ forceRefresh: true });
  await clock.advance(86_000_000);
  const theirs = await open(at).getToken();
  expect((await auth.getToken()).reveal()).toBe(theirs.reveal());
  expect(asked()).toBe(2);
});

test("SEC-67 a logout forgets a given token beside a file, too", async () => {
  const { open, put, token, list, asked } = await world();
  const auth = open({ ...pair, tokenInfoPath: put("t.json", info), jwtToken: token(3_600) });
  await auth.getToken();
  await auth.logout();
  expect(list("")).toEqual([]);
  await auth.getToken();
  expect(asked()).toBe(1);
});

test("SEC-67 a logout forgets what was given and what was kept", async () => {
  const { open, token, list, asked } = await world();
  const auth = open({ ...pair, jwtToken: token(3_600) });
  await auth.getToken();
  expect(shared(list(".descarteslabs"))).toEqual([cachePath.slice(".descarteslabs/".length)]);
  expect(await auth.logout()).toMatchObject({ complete: true });
  expect(list(".descarteslabs")).toEqual([]);
  await auth.getToken();
  expect(asked()).toBe(1);
});

test("SEC-69 a new secret in the file heals a refusal", async () => {
  const { open, put, server, asked, clock } = await world();
  put(infoPath, { client_id: cid, client_secret: "old" });
  const auth = open();
  expect(await failure(auth.getToken())).toBe("GRANT/credential-rejected");
  put(infoPath, info);
  await clock.advance(8_000); // the pause after a failure
  await auth.getToken();
  expect(asked()).toBe(2);
  expect(server.received[1]?.body).toMatchObject({ refresh_token: "sec" });
});
