import { AccessToken, createAuth } from "@auth/core";
import { fakeClock } from "@auth/testkit";
import { describe, expect, test } from "vitest";
import { failure } from "../support/outcome.ts";
import { source } from "../support/source.ts";
import { unreachable } from "../support/token-server.ts";
import { early, hour, late, world } from "../support/world.ts";

test("fresh: served from memory, nothing else happens", async () => {
  const here = world();
  const auth = here.auth();
  const token = await auth.getToken();
  here.store.log.length = 0;
  for (let minute = 0; minute < 45; minute++) {
    expect(await auth.getToken()).toBe(token);
    expect(auth.peek()).toBe(token);
    await here.clock.advance(60_000);
  }
  expect(here.server.log).toHaveLength(1);
  expect(here.store.log).toEqual([]);
  expect(here.credentials.reads).toHaveLength(1);
  expect(here.clock.pending).toEqual([]);
});

test("early: served at once up to the instant the window begins and inside it, renewed behind inside it", async () => {
  const here = world();
  const auth = here.auth();
  const token = await auth.getToken();
  await here.clock.advance(early - 1);
  expect(await auth.getToken()).toBe(token);
  await here.clock.advance(0);
  expect(here.server.log).toHaveLength(1);
  await here.clock.advance(1);
  expect(await auth.getToken()).toBe(token);
  await here.clock.advance(0);
  expect(here.server.log).toEqual(["exchange alice", "refresh rt-1"]);
  expect(auth.peek()?.reveal()).toBe("at-2");
});

test("hard: callers wait; if the renewal fails they get the old token until it expires", async () => {
  const here = world();
  const auth = here.auth();
  const token = await auth.getToken();
  here.server.before = () => {
    throw unreachable();
  };
  await here.clock.advance(late);
  expect(await auth.getToken()).toBe(token);
  await here.clock.advance(29_999);
  expect(await auth.getToken()).toBe(token);
  await here.clock.advance(1);
  expect(await failure(auth.getToken())).toBe("UNREACHABLE/network");
});

test("hard: callers wait for the one renewal and get its token", async () => {
  const here = world();
  const auth = here.auth();
  await auth.getToken();
  await here.clock.advance(late);
  expect(auth.peek()).toBeUndefined();
  const tokens = await Promise.all([auth.getToken(), auth.getToken(), auth.getToken()]);
  expect(tokens.map((token) => token.reveal())).toEqual(["at-2", "at-2", "at-2"]);
  expect(here.server.log).toHaveLength(2);
});

test("a caller who needs it longer waits for a renewal; the others do not", async () => {
  const here = world();
  const auth = here.auth();
  const token = await auth.getToken();
  await here.clock.advance(hour / 2 - 1_000);
  expect(await auth.getToken({ minTtlMs: hour / 2 })).toBe(token); // 30 min and 1 s are left
  await here.clock.advance(2_000);
  expect(await auth.getToken()).toBe(token);
  expect((await auth.getToken({ minTtlMs: hour })).reveal()).toBe("at-2"); // half of the lifetime is the most
  expect((await auth.getToken({ minTtlMs: hour })).reveal()).toBe("at-2"); // the server grants no more
  expect(here.server.log).toHaveLength(2);
});

test("SEC-52 a token with a lifetime shorter than every window is not fetched on every call", async () => {
  for (const lifetimeMs of [1, 100, 5_000, 60_000]) {
    const here = world({ lifetimeMs });
    const auth = here.auth({ policy: { refreshAheadMs: hour, minTtlMs: hour } });
    for (let call = 0; call < 20; call++) await auth.getToken();
    await here.clock.advance(0);
    expect(here.server.log, `${lifetimeMs} ms`).toHaveLength(1);
  }
});

test("SEC-52 an answer that is due at once, by a server's hint in the past, waits L8 before the next try", async () => {
  const here = world();
  here.server.after = (_, tokens) => ({ ...tokens, refreshAfter: new Date(here.clock.now() - 1) });
  const auth = here.auth({ policy: { settledAfterMs: 0 } });
  for (let call = 0; call < 10; call++) await auth.getToken();
  await here.clock.advance(29_999);
  await auth.getToken();
  await here.clock.advance(0);
  expect(here.server.log).toHaveLength(1);
  await here.clock.advance(1);
  await auth.getToken();
  await here.clock.advance(0);
  expect(here.server.log).toHaveLength(2);
});

test("a server's hint replaces the early window", async () => {
  const here = world();
  here.server.after = (_, tokens) => ({ ...tokens, refreshAfter: new Date(here.clock.now() + 60_000) });
  const auth = here.auth();
  await auth.getToken();
  await here.clock.advance(59_999);
  await auth.getToken();
  await here.clock.advance(1);
  expect(here.server.log).toHaveLength(1);
  await auth.getToken();
  await here.clock.advance(0);
  expect(here.server.log).toHaveLength(2);
});

test("SEC-33 an unknown lifetime lasts until a refusal", async () => {
  const here = world({ lifetimeMs: undefined });
  const auth = here.auth();
  const token = await auth.getToken();
  expect(token.expiresAt).toBeUndefined();
  await here.clock.advance(400 * 24 * hour);
  expect(await auth.getToken()).toBe(token);
  auth.reject(token);
  expect((await auth.getToken()).reveal()).toBe("at-2");
});

test("SEC-34 an access token is opaque: a JWT's own expiry decides nothing", async () => {
  const clock = fakeClock();
  const claims = btoa(JSON.stringify({ exp: 1 })).replaceAll("=", "");
  const jwt = new AccessToken(`${btoa('{"alg":"none"}').replaceAll("=", "")}.${claims}.`);
  const grant = { name: "jwt", partition: () => "jwt", exchange: async () => ({ accessToken: jwt }) };
  const auth = createAuth({ grant, clock });
  const token = await auth.getToken();
  expect(token.reveal()).toBe(jwt.reveal());
  expect(token.expiresAt).toBeUndefined();
  await clock.advance(hour);
  expect(await auth.getToken()).toBe(token);
});

test("SEC-33 an exchanged token that has expired on arrival is INVALID/expired-on-arrival", async () => {
  const here = world({ lifetimeMs: 0 });
  here.server.after = (_, { accessToken }) => ({ accessToken });
  expect(await failure(here.auth().getToken())).toBe("INVALID/expired-on-arrival");
  expect(here.server.log).toHaveLength(1);
});

describe("the early window moves earlier by a random share of a quarter of the lifetime, never later", () => {
  test.each([
    [0, hour - 300_000],
    [0.5, hour - 300_000 - hour / 8],
    [0.999_999, hour - 300_000 - hour / 4],
  ])("random %d", async (random, at) => {
    const clock = fakeClock({ random });
    const here = world();
    const auth = here.auth({ clock });
    here.server.after = (_, tokens) => ({
      ...tokens,
      accessToken: new AccessToken(tokens.accessToken.reveal(), {
        obtainedAt: new Date(clock.now()),
        expiresAt: new Date(clock.now() + hour),
      }),
    });
    await auth.getToken();
    await clock.advance(at - 1_000);
    await auth.getToken();
    await clock.advance(0);
    expect(here.server.log).toHaveLength(1);
    await clock.advance(2_000);
    await auth.getToken();
    await clock.advance(0);
    expect(here.server.log).toHaveLength(2);
  });

  test("drawn anew for each token", async () => {
    const draws = [0, 0.9];
    const clock = fakeClock({ random: () => draws.shift() ?? 0 });
    const here = world();
    const auth = here.auth({ clock });
    const login = async (): Promise<Date | undefined> => {
      await auth.getToken({ forceRefresh: true });
      return (await auth.status()).nextAt;
    };
    const first = (await login())?.getTime() ?? 0;
    const second = (await login())?.getTime() ?? 0;
    expect(first - second).toBe(0.9 * (hour / 4));
  });
});

test("what would ask a person never runs behind the callers; it does while one waits", async () => {
  const here = world();
  here.server.after = (_, { accessToken }) => ({ accessToken }); // nothing to refresh with
  const credentials = source(here.credentials.value, { interactive: true });
  const auth = here.auth({ credentials });
  const token = await auth.getToken();
  await here.clock.advance(late - 1);
  expect(await auth.getToken()).toBe(token);
  await here.clock.advance(1);
  expect((await auth.getToken()).reveal()).toBe("at-2");
  expect(credentials.reads).toHaveLength(2);
});

test("a session that has reached its end needs a login, ahead of time and without a request", async () => {
  const here = world();
  const end = here.clock.now() + 10 * hour;
  here.server.after = (_, tokens) => ({ ...tokens, sessionExpiresAt: new Date(end) });
  await here.auth().getToken();
  const { clock, store } = here;
  const auth = createAuth({ grant: here.server.grant({ interactive: true }), store, clock });
  await clock.advance(9 * hour);
  expect((await auth.getToken()).reveal()).toBe("at-2");
  await clock.advance(hour);
  expect(await failure(auth.getToken())).toBe("INTERACTION_REQUIRED/session-ended");
  expect((await auth.status()).next).toBe("login-needed");
  expect(here.server.log).toHaveLength(2);
});

test("a login whose session has ended is exchanged anew where that needs no person", async () => {
  const here = world();
  here.server.after = (_, tokens) => ({ ...tokens, sessionExpiresAt: new Date(here.clock.now() + hour) });
  const auth = here.auth();
  await auth.getToken();
  await here.clock.advance(hour);
  await auth.getToken();
  expect(here.server.log).toEqual(["exchange alice", "exchange alice"]);
});
