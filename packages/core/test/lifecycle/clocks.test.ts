import { AccessToken, type TokenRecord } from "@auth/core";
import { expect, test } from "vitest";
import { unreachable } from "../support/token-server.ts";
import { hour, type World, world } from "../support/world.ts";

async function loggedIn(here: World) {
  const auth = here.auth();
  const token = await auth.getToken();
  return { auth, token };
}

test("SEC-50 a suspended machine: the wall clock alone ends the token", async () => {
  const here = world();
  const { auth } = await loggedIn(here);
  here.clock.shiftWall(hour - 30_000);
  expect(auth.peek()).toBeUndefined();
  expect((await auth.getToken()).reveal()).toBe("at-2");
});

test("SEC-50 a clock set back or held: the monotonic clock alone ends the token", async () => {
  const here = world();
  const { auth } = await loggedIn(here);
  await here.clock.advanceMonotonic(hour - 30_000);
  expect(auth.peek()).toBeUndefined();
  expect((await auth.getToken()).reveal()).toBe("at-2");
});

test("SEC-50 a wall clock that creeps cannot hide what the monotonic clock knows", async () => {
  const here = world();
  const { auth, token } = await loggedIn(here);
  for (let step = 0; step < 60; step++) {
    expect(await auth.getToken()).toBe(token);
    here.clock.shiftWall(1);
    await here.clock.advanceMonotonic(10_000);
  }
  await here.clock.advanceMonotonic(hour);
  here.clock.shiftWall(60); // more than any trust in one clock may last
  expect(auth.peek()).toBeUndefined();
});

test("SEC-50 the clock stands before the token was obtained: one renewal, no loop", async () => {
  const here = world();
  const { auth } = await loggedIn(here);
  here.clock.shiftWall(-60_001);
  expect((await auth.getToken()).reveal()).toBe("at-2");
  for (let call = 0; call < 10; call++) {
    expect((await auth.getToken()).reveal()).toBe("at-2");
    await here.clock.advance(1_000);
  }
  expect(here.server.log).toHaveLength(2);
});

test("SEC-50 a minute back is within what clocks do", async () => {
  const here = world();
  const { auth, token } = await loggedIn(here);
  here.clock.shiftWall(-60_000);
  expect(await auth.getToken()).toBe(token);
  expect(here.server.log).toHaveLength(1);
});

test("SEC-50 a wall clock that stands still is noticed, and once it is noticed nothing stale is served any more", async () => {
  const here = world();
  const { auth, token } = await loggedIn(here);
  await here.clock.advance(1);
  await auth.getToken();
  here.clock.shiftWall(10); // it moves once more, and then stands
  await here.clock.advanceMonotonic(hour);
  const seen = Array.from({ length: 5_000 }, () => auth.peek());
  const noticed = seen.indexOf(undefined);
  expect(noticed).toBeGreaterThanOrEqual(0);
  expect(seen.slice(noticed).filter((each) => each === token)).toEqual([]);
  expect((await auth.getToken()).reveal()).toBe("at-2");
});

test.each([2 ** 31, 2 ** 32, 2 ** 33])("SEC-50 a machine that slept for %d ms notices", async (ms) => {
  const here = world();
  const { auth } = await loggedIn(here);
  await here.clock.advance(1);
  await auth.getToken();
  here.clock.shiftWall(ms + 10);
  expect(auth.peek()).toBeUndefined();
  expect((await auth.getToken()).reveal()).toBe("at-2");
});

test("SEC-50 a clock set back while the server is away: the token is served, tried again after L15", async () => {
  const here = world();
  const auth = here.auth({ policy: { failurePause: { firstMs: 1_000, maxMs: 8_000, longMs: 30_000 } } });
  const token = await auth.getToken();
  here.server.before = () => {
    throw unreachable();
  };
  here.clock.shiftWall(-10 * hour);
  for (let call = 0; call < 5; call++) expect(await auth.getToken()).toBe(token);
  expect(here.server.log).toHaveLength(2);
  await here.clock.advance(1_000);
  expect(await auth.getToken()).toBe(token);
  expect(here.server.log).toHaveLength(3);
});

test("SEC-50 a clock set back gives an expired token no second life", async () => {
  const here = world();
  const { auth } = await loggedIn(here);
  await here.clock.advance(hour);
  here.clock.shiftWall(-hour / 2);
  expect(auth.peek()).toBeUndefined();
  expect((await auth.getToken()).reveal()).toBe("at-2");
});

test("SEC-50 a stored token is judged by the wall clock at first, then by both", async () => {
  const here = world();
  await loggedIn(here);
  await here.clock.advance(hour / 2);
  const { auth } = await loggedIn(here);
  expect(here.server.log).toHaveLength(1);
  await here.clock.advanceMonotonic(hour / 2);
  expect(auth.peek()).toBeUndefined();
});

test("SEC-50 a stored token from a machine whose clock is ahead costs one renewal", async () => {
  const here = world();
  const ahead = here.clock.now() + 120_000;
  const record: TokenRecord = {
    partition: "acme alice",
    tokens: {
      accessToken: new AccessToken("ahead", {
        obtainedAt: new Date(ahead),
        expiresAt: new Date(ahead + hour),
      }),
    },
  };
  here.store.put(record);
  const auth = here.auth();
  for (let call = 0; call < 5; call++) expect((await auth.getToken()).reveal()).toBe("at-1");
  expect(here.server.log).toHaveLength(1);
});

test("SEC-51 the lifetime counts from the moment the request was sent", async () => {
  const here = world();
  const auth = here.auth();
  here.server.after = async (_, tokens) => {
    await here.clock.advanceMonotonic(50_000); // a slow answer; the wall clock was held meanwhile
    return tokens;
  };
  await auth.getToken();
  await here.clock.advanceMonotonic(hour - 50_000 - 30_000);
  expect(auth.peek()).toBeUndefined();
});

test("SEC-51 a wall clock corrected during the request does not make the token older than the request", async () => {
  const here = world();
  here.server.after = (_, tokens) => {
    here.clock.shiftWall(40 * 60_000);
    return {
      ...tokens,
      accessToken: new AccessToken("at", {
        obtainedAt: new Date(here.clock.now() - 40 * 60_000),
        expiresAt: new Date(here.clock.now() + 2 * hour),
      }),
    };
  };
  const auth = here.auth();
  const token = await auth.getToken();
  await here.clock.advance(hour + 10 * 60_000);
  expect(auth.peek()).toBe(token);
});

test("SEC-51 no timer is needed: expiry is judged at each call", async () => {
  const here = world();
  const { auth } = await loggedIn(here);
  expect(here.clock.pending).toEqual([]);
  here.clock.shiftWall(90 * 24 * hour);
  expect((await auth.getToken()).reveal()).toBe("at-2");
});

test("SEC-33 a lifetime longer than 365 days is judged as 365", async () => {
  const here = world({ lifetimeMs: 1_000 * 365 * 24 * hour });
  const { auth, token } = await loggedIn(here);
  await here.clock.advance(200 * 24 * hour);
  expect(auth.peek()).toBe(token);
  await here.clock.advance(165 * 24 * hour);
  expect(auth.peek()).toBeUndefined();
});

test("the hot path and the long way agree at every step of both clocks", async () => {
  const here = world();
  const { clock, store } = here;
  const { auth } = await loggedIn(here);
  let seed = 7;
  const draw = (): number => {
    seed = (seed * 48_271) % 2_147_483_647;
    return seed / 2_147_483_647;
  };
  for (let step = 0; step < 400; step++) {
    const ms = Math.floor(draw() ** 4 * 900_000);
    const kind = draw();
    if (kind < 0.5) await clock.advance(ms);
    else if (kind < 0.75) await clock.advanceMonotonic(ms);
    else clock.shiftWall(Math.floor((draw() - 0.4) * 200_000));
    const hot = auth.peek();
    const record = store.record() as TokenRecord;
    // A reader who asks with options takes the long way and looks at both clocks.
    const long = await auth.getToken({ minTtlMs: 0 });
    if (hot) expect(long.id).toBe(hot.id);
    else expect(long.id).not.toBe(record.tokens.accessToken.id);
    await clock.advance(0);
  }
  expect(here.server.faults).toEqual([]);
});
