import { getEventListeners } from "node:events";
import { AccessToken, createAuth, type Grant, type TokenStore } from "@auth/core";
import { expect, test } from "vitest";
import { eventually } from "../support/eventually.ts";
import { gate } from "../support/gate.ts";
import { failure, rejection } from "../support/outcome.ts";
import { hour, late, type World, world } from "../support/world.ts";

test("SEC-28 abort ends that caller's wait only, with the signal's reason", async () => {
  const here = world();
  const auth = here.auth();
  const answer = gate();
  here.server.before = () => answer.pass();
  const controller = new AbortController();
  const leaving = rejection(auth.getToken({ signal: controller.signal }));
  const staying = auth.getToken();
  await answer.arrived();
  const reason = { why: "the user pressed a key" };
  controller.abort(reason);
  expect(await leaving).toBe(reason);
  answer.open();
  expect((await staying).reveal()).toBe("at-1");
  expect(here.server.log).toHaveLength(1);
});

test("SEC-28 an aborted signal starts nothing", async () => {
  const here = world();
  const auth = here.auth();
  const reason = new Error("stop");
  const signal = AbortSignal.abort(reason);
  expect(await rejection(auth.getToken({ signal }))).toBe(reason);
  expect(await rejection(auth.login({ signal }))).toBe(reason);
  expect(await rejection(auth.headers({ signal }))).toBe(reason);
  await here.clock.advance(0);
  expect(here.server.log).toEqual([]);
  expect(here.store.log).toEqual([]);
  expect(here.events).toEqual([]);
});

test("SEC-28 a fresh token is answered as quickly beside a signal, and one that has fired is heard", async () => {
  const here = world();
  let bought = 0;
  const grant: Grant = {
    name: "counting",
    partition: () => "counting",
    exchange: async (_credential, { clock }) => ({
      accessToken: new AccessToken(`at-${++bought}`, {
        obtainedAt: new Date(clock.now()),
        expiresAt: new Date(clock.now() + hour),
      }),
    }),
  };
  const auth = createAuth({ grant, clock: here.clock });
  const token = await auth.getToken();
  await here.clock.advance(hour / 2);
  expect(await auth.getToken()).toBe(token); // looks at both clocks
  await here.clock.advance(1);
  const controller = new AbortController();
  const { signal } = controller;
  expect(auth.getToken({ signal })).toBe(auth.getToken());
  expect(auth.getToken({})).toBe(auth.getToken());
  expect(await auth.getToken({ signal, minTtlMs: 0.75 * hour })).not.toBe(token);
  const second = await auth.getToken({ signal, forceRefresh: true });
  expect(second.reveal()).toBe("at-3");
  await auth.getToken();
  await here.clock.advance(1);
  expect(await auth.getToken({ signal })).toBe(second);
  controller.abort("enough");
  expect(await rejection(auth.getToken({ signal }))).toBe("enough");
});

test("SEC-28 a refresh that was sent runs on to persistence, though all have left", async () => {
  const here = world();
  const auth = here.auth();
  await auth.getToken();
  await here.clock.advance(hour);
  const answer = gate();
  here.server.before = () => answer.pass();
  const controller = new AbortController();
  const left = [auth.getToken({ signal: controller.signal }), auth.getToken({ signal: controller.signal })];
  await answer.arrived();
  controller.abort();
  await Promise.all(left.map((each) => rejection(each)));
  expect(here.server.asked.at(-1)?.context.signal.aborted).toBe(false);
  answer.open();
  await here.clock.advance(0);
  expect(here.store.record()?.tokens.refreshToken?.reveal()).toBe("rt-2");
  expect(auth.peek()?.reveal()).toBe("at-2");
});

test("SEC-28 a time limit does not end a refresh that was sent either", async () => {
  const here = world();
  const auth = here.auth();
  await auth.getToken();
  await here.clock.advance(hour);
  const answer = gate();
  here.server.before = () => answer.pass();
  const waiter = failure(auth.getToken());
  await answer.arrived();
  await here.clock.advance(60_000);
  expect(await waiter).toBe("UNREACHABLE/timeout");
  const second = failure(auth.getToken()); // waits for the same flight, with a limit of its own
  await here.clock.advance(59_999);
  expect(here.server.asked.at(-1)?.context.signal.aborted).toBe(false);
  await here.clock.advance(1);
  expect(await second).toBe("UNREACHABLE/timeout");
  answer.open();
  await here.clock.advance(0);
  expect((await auth.getToken()).reveal()).toBe("at-2");
  expect(here.server.log).toEqual(["exchange alice", "refresh rt-1"]);
});

test("SEC-28 the signal of a caller who abandoned ship is forgotten", async () => {
  const here = world();
  const auth = here.auth();
  const controller = new AbortController();
  const { signal } = controller;
  await auth.getToken({ signal });
  await auth.getToken({ signal, forceRefresh: true });
  await auth.login({ signal });
  await here.clock.advance(0);
  expect(getEventListeners(signal, "abort")).toEqual([]);
});

test("no call waits longer than the time limit: what was not sent is ended", async () => {
  const here = world();
  const auth = here.auth({ policy: { timeoutMs: 7_000 } });
  const stuck = gate();
  here.server.before = () => stuck.pass();
  const waiter = rejection(auth.getToken());
  await stuck.arrived();
  await here.clock.advance(6_999);
  const { signal } = here.server.asked[0]?.context ?? {};
  expect(signal?.aborted).toBe(false);
  await here.clock.advance(1);
  expect(await waiter).toMatchObject({ code: "ERR_AUTH_UNREACHABLE", reason: "timeout", retryable: true });
  expect(signal?.aborted).toBe(true);
});

test("in the hard window the time limit serves the old token", async () => {
  const here = world();
  const auth = here.auth({ policy: { timeoutMs: 5_000 } });
  const token = await auth.getToken();
  await here.clock.advance(late);
  const stuck = gate();
  here.server.before = () => stuck.pass();
  expect(await eventually(here.clock, auth.getToken())).toBe(token);
});

/** Where to put a wait, for each part that may hang. */
const hanging: Record<string, (here: World) => Record<string, unknown>> = {
  "the source": ({ credentials }) => ({ before: credentials }),
  "the store's read": ({ store }) => ({ read: store.before }),
  "the store's lock": ({ store }) => ({ lock: store.before }),
  "the store's preparation": ({ store }) => ({ prepare: store.before }),
  "the grant": ({ server }) => ({ before: server }),
};

async function hangOnce(what: string): Promise<void> {
  const here = world();
  let hangs = true;
  for (const [member, owner] of Object.entries(hanging[what]?.(here) ?? {}))
    Object.assign(owner as object, { [member]: () => hangs && new Promise(() => {}) });
  const auth = here.auth();
  expect(await failure(eventually(here.clock, auth.getToken()))).toBe("UNREACHABLE/timeout");
  hangs = false;
  expect((await eventually(here.clock, auth.getToken())).reveal()).toMatch(/^at-/);
}

test.each(["the source", "the store's read"])(
  "after a time-out the next call starts afresh, although %s hangs for ever",
  hangOnce,
);
test("after a time-out the next call starts afresh, although the grant cannot say whose login it is", async () => {
  const here = world();
  let hangs = true;
  const partition = () => (hangs ? new Promise<never>(() => {}) : "acme alice");
  const auth = here.auth({ grant: here.server.grant({ partition }) });
  expect(await failure(eventually(here.clock, auth.getToken()))).toBe("UNREACHABLE/timeout");
  hangs = false;
  expect((await auth.getToken()).reveal()).toBe("at-1");
});

test.each(["the store's lock", "the store's preparation", "the grant"])(
  "after a time-out the next call starts afresh, although %s hangs for ever",
  hangOnce,
);

test("the lock is waited for as long as L10, then it is an error naming the store's", async () => {
  const here = world();
  await here.auth().getToken();
  await here.clock.advance(hour);
  const held = gate();
  const sibling = here.store.withLock?.("acme alice", () => held.pass());
  const start = here.clock.monotonic();
  expect(await failure(eventually(here.clock, here.auth().getToken()))).toBe("UNREACHABLE/lock-timeout");
  expect(here.clock.monotonic() - start).toBe(30_000);
  expect(here.server.log).toHaveLength(1);
  held.open();
  await sibling;
});

test("a token that is still good is served while somebody else holds the lock", async () => {
  const here = world();
  const auth = here.auth({ policy: { lockWaitMs: 1_000 } });
  const token = await auth.getToken();
  await here.clock.advance(late);
  const held = gate();
  const sibling = here.store.withLock?.("acme alice", () => held.pass());
  expect(await eventually(here.clock, auth.getToken())).toBe(token);
  held.open();
  await sibling;
});

test("a signal ends the wait for the lock", async () => {
  const here = world();
  const { clock, store } = here;
  const held = gate();
  const sibling = store.withLock?.("acme alice", () => held.pass());
  const auth = createAuth({ grant: here.server.grant(), credentials: here.credentials, store, clock });
  const login = new AbortController();
  const waiter = rejection(auth.login({ signal: login.signal }));
  await clock.advance(10);
  login.abort("enough");
  expect(await waiter).toBe("enough");
  held.open();
  await sibling;
  await clock.advance(0);
  expect(here.server.log).toEqual([]);
  expect(clock.pending).toEqual([]);
});

test("a forced renewal waits no longer than the time limit in all, whatever it waited for first", async () => {
  const here = world();
  await here.auth().getToken();
  const auth = here.auth();
  here.store.before.read = () => new Promise(() => {});
  const first = auth.getToken().catch(() => {});
  const start = here.clock.monotonic();
  await eventually(here.clock, rejection(auth.getToken({ forceRefresh: true })));
  await first;
  expect(here.clock.monotonic() - start).toBeLessThanOrEqual(60_000);
});

test("a lock that heeds no signal and comes too late: nothing is sent any more", async () => {
  const here = world();
  const { store } = here;
  const deaf: TokenStore = { ...store, withLock: (key, work) => store.withLock?.(key, work) as never };
  const held = gate();
  const sibling = store.withLock?.("acme alice", () => held.pass());
  const controller = new AbortController();
  const login = rejection(here.auth({ store: deaf }).login({ signal: controller.signal }));
  await here.clock.advance(10);
  controller.abort("enough");
  expect(await login).toBe("enough");
  held.open();
  await sibling;
  await here.clock.advance(0);
  expect(here.server.log).toEqual([]);
});
