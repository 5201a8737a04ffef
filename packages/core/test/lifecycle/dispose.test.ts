import { expect, test } from "vitest";
import { gate } from "../support/gate.ts";
import { failure } from "../support/outcome.ts";
import { unreachable } from "../support/token-server.ts";
import { early, hour, world } from "../support/world.ts";

test("dispose waits for a save under way", async () => {
  const here = world();
  const auth = here.auth();
  await auth.getToken();
  await here.clock.advance(hour);
  const written = gate();
  here.store.before.write = () => written.pass();
  const waiter = auth.getToken();
  await written.arrived();
  let disposed = false;
  const disposal = auth[Symbol.asyncDispose]().then(() => {
    disposed = true;
  });
  await here.clock.advance(0);
  expect(disposed).toBe(false);
  written.open();
  await disposal;
  expect((await waiter).reveal()).toBe("at-2");
  expect(here.store.record()?.tokens.refreshToken?.reveal()).toBe("rt-2");
});

test("dispose waits for a refresh that was sent, and for the first login's save", async () => {
  const here = world();
  const auth = here.auth();
  const written = gate();
  here.store.before.write = () => written.pass();
  const waiter = auth.getToken();
  await written.arrived();
  const disposal = auth[Symbol.asyncDispose]();
  await here.clock.advance(0);
  written.open();
  await disposal;
  expect((await waiter).reveal()).toBe("at-1");
  expect(here.store.record()?.tokens.refreshToken?.reveal()).toBe("rt-1");
});

test("dispose ends what was not sent: nothing is left to wait for", async () => {
  const here = world();
  const auth = here.auth();
  const stuck = gate();
  here.credentials.before = () => stuck.pass();
  const waiter = failure(auth.getToken());
  await stuck.arrived();
  await auth[Symbol.asyncDispose]();
  expect(await waiter).toBe("UNAVAILABLE/disposed");
  expect(here.clock.pending).toEqual([]);
  expect(here.server.log).toEqual([]);
});

test("after dispose every call is refused, and nothing is started", async () => {
  const here = world();
  const auth = here.auth();
  await auth.getToken();
  await auth[Symbol.asyncDispose]();
  await auth[Symbol.asyncDispose]();
  here.store.log.length = 0;
  for (const call of [
    auth.getToken({}),
    auth.getToken({ forceRefresh: true }),
    auth.login(),
    auth.logout(),
    auth.headers({}),
  ])
    expect(await failure(call)).toBe("UNAVAILABLE/disposed");
  await here.clock.advance(hour);
  expect(await failure(auth.getToken())).toBe("UNAVAILABLE/disposed");
  expect(here.store.log).toEqual([]);
  expect(here.server.log).toHaveLength(1);
});

test("after dispose the hot path is closed too", async () => {
  const here = world();
  const auth = here.auth();
  await auth.getToken();
  await here.clock.advance(1);
  await auth.getToken();
  await here.clock.advance(1);
  await auth[Symbol.asyncDispose]();
  expect(await failure(auth.getToken())).toBe("UNAVAILABLE/disposed");
});

test("dispose disposes nothing that it was handed", async () => {
  const here = world();
  let disposed = 0;
  const disposable = { [Symbol.asyncDispose]: async () => void disposed++ };
  const auth = here.auth({
    credentials: { ...here.credentials, ...disposable },
    store: { ...here.store, ...disposable },
  });
  await auth.getToken();
  await auth[Symbol.asyncDispose]();
  expect(disposed).toBe(0);
});

test("await using disposes", async () => {
  const here = world();
  let kept: ReturnType<typeof here.auth>;
  {
    await using auth = here.auth();
    kept = auth;
    await auth.getToken();
  }
  expect(await failure(kept.login())).toBe("UNAVAILABLE/disposed");
});

test("SEC-66 an Auth without renewWhenIdle holds no timer, whatever happened to it", async () => {
  const here = world();
  const auth = here.auth();
  await auth.getToken();
  expect(here.clock.pending).toEqual([]);
  await here.clock.advance(early);
  await auth.getToken();
  await here.clock.advance(0);
  expect(here.clock.pending).toEqual([]);
  here.server.before = () => {
    throw unreachable();
  };
  await here.clock.advance(hour);
  await failure(auth.getToken());
  await auth.status();
  await auth.logout();
  expect(here.clock.pending).toEqual([]);
});

test("SEC-51 timers that callers wait for keep the process alive", async () => {
  const here = world();
  const stuck = gate();
  here.server.before = () => stuck.pass();
  const waiter = here.auth().getToken();
  await stuck.arrived();
  expect(here.clock.pending.map(({ background }) => background)).toEqual([false]);
  stuck.open();
  await waiter;
});
