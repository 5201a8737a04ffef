import { bearer, type Credential, createAuth, Secret } from "@auth/core";
import { expect, test, vi } from "vitest";
import { source } from "../support/source.ts";
import { unreachable } from "../support/token-server.ts";
import { early, hour, type World, world } from "../support/world.ts";

const policy = { renewWhenIdle: true };

/** The world's clock, but a timer that spins stands still after a hundred turns. */
function patientClock(here: World) {
  const { clock } = here;
  const counted = {
    ...clock,
    sleeps: 0,
    sleep: (...args: Parameters<typeof clock.sleep>) =>
      ++counted.sleeps > 100 ? new Promise<void>(() => {}) : clock.sleep(...args),
  };
  return counted;
}

async function idling(here: World) {
  const auth = here.auth({ policy });
  await auth.getToken();
  return auth;
}

test("SEC-51 one background timer, for the beginning of the next window", async () => {
  const here = world();
  await idling(here);
  expect(here.clock.pending).toEqual([{ dueInMs: early, background: true }]);
});

test("nobody asks, and the token is renewed all the same", async () => {
  const here = world();
  const auth = await idling(here);
  for (let renewal = 2; renewal < 6; renewal++) {
    await here.clock.advance(early);
    expect(auth.peek()?.reveal()).toBe(`at-${renewal}`);
    expect(here.clock.pending).toHaveLength(1);
  }
  expect(here.server.faults).toEqual([]);
});

test("dispose ends the timer", async () => {
  const here = world();
  const auth = await idling(here);
  await auth[Symbol.asyncDispose]();
  expect(here.clock.pending).toEqual([]);
  await here.clock.advance(hour);
  expect(here.server.log).toHaveLength(1);
});

test("a renewal that fails is tried again after L8, as long as it takes", async () => {
  const here = world();
  const auth = await idling(here);
  here.server.before = () => {
    throw unreachable();
  };
  await here.clock.advance(early + 95_000);
  expect(here.server.log).toHaveLength(1 + 4);
  here.server.before = () => {};
  await here.clock.advance(30_000);
  expect(auth.peek()?.reveal()).toBe("at-2");
});

test("SEC-51 a suspended laptop: the late timer is harmless", async () => {
  const here = world();
  const auth = await idling(here);
  here.clock.shiftWall(8 * hour);
  await here.clock.advance(early);
  expect(auth.peek()?.reveal()).toBe("at-2");
  expect(here.server.log).toHaveLength(2);
});

test("SEC-51 a wait longer than the longest timer is done in steps", async () => {
  const here = world({ lifetimeMs: 60 * 24 * hour });
  const auth = await idling(here);
  await here.clock.advance(2 ** 31);
  expect(here.server.log).toHaveLength(1);
  expect(here.clock.pending).toHaveLength(1);
  await here.clock.advance(60 * 24 * hour - 2 ** 31);
  expect(here.server.log).toHaveLength(2);
  expect(auth.peek()?.reveal()).toBe("at-2");
});

test("a login that is over is not renewed: no timer is left", async () => {
  const here = world();
  await here.auth().getToken();
  const clock = patientClock(here);
  const grant = here.server.grant({ interactive: true });
  const auth = createAuth({ grant, store: here.store, clock, policy });
  await auth.getToken();
  here.server.revokeAll();
  await here.clock.advance(hour);
  expect(here.server.log).toEqual(["exchange alice", "refresh rt-1"]);
  expect(clock.sleeps).toBeLessThan(20);
  expect(here.clock.pending).toEqual([]);
});

test("after logout nothing is renewed", async () => {
  const here = world();
  const auth = await idling(here);
  await auth.logout();
  here.server.log.length = 0;
  await here.clock.advance(24 * hour);
  expect(here.server.log).toEqual([]);
  expect(here.store.texts()).toEqual([]);
});

test("what would ask a person is not renewed, and the timer does not spin", async () => {
  const here = world();
  here.server.after = (_, { accessToken }) => ({ accessToken });
  const credentials = source(here.credentials.value, { interactive: true });
  const clock = patientClock(here);
  await here.auth({ credentials, policy, clock }).getToken();
  await here.clock.advance(hour);
  expect(credentials.reads).toHaveLength(1);
  expect(clock.sleeps).toBeLessThan(20);
});

test("a server's hint is heeded although the lifetime is unknown", async () => {
  const here = world({ lifetimeMs: undefined });
  here.server.after = (_, tokens) => ({ ...tokens, refreshAfter: new Date(here.clock.now() + 600_000) });
  await idling(here);
  await here.clock.advance(600_000);
  expect(here.server.log).toHaveLength(2);
});

test("a token that is used as it is is read anew, too", async () => {
  const here = world();
  const expiring = (text: string): Credential => ({
    type: "access-token",
    token: new Secret(text),
    expiresAt: new Date(here.clock.now() + hour),
  });
  const credentials = source(expiring("first"));
  const auth = createAuth({ grant: bearer(), credentials, clock: here.clock, policy });
  await auth.getToken();
  credentials.before = () => {
    credentials.value = expiring("second");
  };
  await here.clock.advance(hour - 60_000);
  // The digest that names the login is made on another thread: no clock of ours waits for it.
  await vi.waitFor(() => expect(auth.peek()?.reveal()).toBe("second"));
});

test("a timer that is late for the keep-alive window is set for the next one", async () => {
  const here = world();
  const keepAliveWindow = { fromMs: 600_000, toMs: 300_000 };
  const grant = here.server.grant({ policy: { refreshAheadMs: 0, keepAliveWindow } });
  const auth = here.auth({
    grant: { ...grant, keepAlive: async () => Promise.reject(new Error("too late")) },
    policy,
  });
  await auth.getToken();
  here.clock.shiftWall(400_000); // suspended, and the timer does not know
  await here.clock.advance(hour - 600_000);
  expect(here.server.log).toHaveLength(1);
  await here.clock.advance(200_000);
  expect(auth.peek()?.reveal()).toBe("at-2");
});

test("the next renewal is named exactly, whatever fractions a clock and a share of chance add up to", async () => {
  for (let run = 0; run < 300; run++) {
    const here = world({ lifetimeMs: 6_000 });
    let since = run * 12.345_678;
    const monotonic = (): number => here.clock.monotonic() + since;
    const policy = { settledAfterMs: 0 };
    const auth = here.auth({ policy, clock: { ...here.clock, monotonic, random: () => run / 300 } });
    await auth.getToken();
    since += 3.2;
    here.clock.shiftWall(3);
    const { nextAt } = await auth.status();
    const inMs = (nextAt?.getTime() ?? 0) - here.clock.now();
    expect(inMs).toBeLessThanOrEqual(3_000);
    here.clock.shiftWall(inMs);
    expect((await auth.status()).next).toBe("use-and-refresh");
  }
});
