import { expect, test } from "vitest";
import { eventually } from "../support/eventually.ts";
import { gate } from "../support/gate.ts";
import { failure, rejection } from "../support/outcome.ts";
import { unreachable } from "../support/token-server.ts";
import { hour, type World, world } from "../support/world.ts";

const full = (): never => {
  throw unreachable("save-failed");
};

/** A login whose access token has expired, on a disk that is full. */
async function onFullDisk(here: World) {
  const auth = here.auth();
  await auth.getToken();
  await here.clock.advance(hour);
  here.store.before.write = full;
  return auth;
}

test("SEC-58 lock, read, prove that the write can succeed, note, ask, write, unlock: only then is the token out", async () => {
  const here = world();
  const auth = here.auth();
  await auth.getToken();
  await here.clock.advance(hour);
  here.store.log.length = 0;
  here.server.before = () => void here.store.log.push("SENT" as never);
  const written = gate();
  here.store.before.write = () => written.pass();
  let out = false;
  const token = auth.getToken().finally(() => {
    out = true;
  });
  await written.arrived();
  await here.clock.advance(0);
  expect(out).toBe(false);
  expect(auth.peek()).toBeUndefined();
  written.open();
  expect((await token).reveal()).toBe("at-2");
  expect(here.store.log).toEqual(["read", "lock", "read", "prepare", "sent", "SENT", "write", "unlock"]);
});

test.each([
  ["DENIED", "read-only"],
  ["UNREACHABLE", "save-failed"],
] as const)("SEC-58 a store that cannot be written (%s): nothing is sent", async (kind, reason) => {
  const here = world();
  const auth = here.auth();
  await auth.getToken();
  here.store.before.prepare = () => {
    throw Object.assign(unreachable(reason), { code: `ERR_AUTH_${kind}` });
  };
  await here.clock.advance(hour - 10_000);
  expect((await auth.getToken()).reveal()).toBe("at-1"); // still valid
  await here.clock.advance(hour);
  expect(await failure(auth.getToken())).toBe(`${kind}/${reason}`);
  expect(here.server.log).toEqual(["exchange alice"]);
});

test("SEC-59 a save that fails for a moment is tried again under the same lock", async () => {
  const here = world();
  const auth = await onFullDisk(here);
  here.store.log.length = 0;
  const token = auth.getToken();
  await here.clock.sleeping();
  await here.clock.advance(1_000);
  delete here.store.before.write;
  expect((await eventually(here.clock, token)).reveal()).toBe("at-2");
  expect(here.store.log.filter((step) => step === "lock" || step === "unlock")).toEqual(["lock", "unlock"]);
  expect(here.server.log).toEqual(["exchange alice", "refresh rt-1"]);
  expect(here.store.record()?.tokens.refreshToken?.reveal()).toBe("rt-2");
});

test("SEC-59 a save that keeps failing ends at L6: UNREACHABLE/save-failed, retryable", async () => {
  const here = world();
  const auth = await onFullDisk(here);
  const start = here.clock.monotonic();
  const error = await eventually(here.clock, rejection(auth.getToken()));
  expect(error).toMatchObject({ code: "ERR_AUTH_UNREACHABLE", reason: "save-failed", retryable: true });
  expect(here.clock.monotonic() - start).toBe(60_000);
});

test("SEC-59 the next call saves what is not saved yet and needs no request", async () => {
  const here = world();
  const auth = await onFullDisk(here);
  await eventually(here.clock, rejection(auth.getToken()));
  await here.clock.advance(60_000);
  delete here.store.before.write;
  expect((await auth.getToken()).reveal()).toBe("at-2");
  expect(here.server.log).toEqual(["exchange alice", "refresh rt-1"]);
  expect(here.store.record()?.tokens.refreshToken?.reveal()).toBe("rt-2");
  await here.clock.advance(hour);
  expect((await auth.getToken()).reveal()).toBe("at-3");
  expect(here.server.faults).toEqual([]);
});

test("SEC-59 the old refresh token is never sent again, however long the disk is full", async () => {
  const here = world();
  const auth = await onFullDisk(here);
  for (let call = 0; call < 4; call++) {
    await eventually(here.clock, rejection(auth.getToken({ forceRefresh: call % 2 === 1 })));
    await here.clock.advance(hour);
  }
  expect(here.server.log).toEqual(["exchange alice", "refresh rt-1"]);
  delete here.store.before.write;
  expect((await auth.getToken()).reveal()).toBe("at-3");
  expect(here.server.log).toEqual(["exchange alice", "refresh rt-1", "refresh rt-2"]);
  expect(here.server.faults).toEqual([]);
});

test("SEC-59 nobody gets the lock, and the old token, while a save is under way", async () => {
  const here = world();
  const auth = await onFullDisk(here);
  const one = auth.getToken();
  await here.clock.sleeping();
  const two = here.auth().getToken();
  await here.clock.advance(20_000);
  delete here.store.before.write;
  expect((await eventually(here.clock, one)).reveal()).toBe("at-2");
  expect((await eventually(here.clock, two)).reveal()).toBe("at-2");
  expect(here.server.log).toEqual(["exchange alice", "refresh rt-1"]);
});

test("SEC-59 serveUnsaved hands the token out meanwhile, with a warning, and goes on saving", async () => {
  const here = world();
  const auth = here.auth({ policy: { serveUnsaved: true } });
  await auth.getToken();
  await here.clock.advance(hour);
  here.store.before.write = full;
  expect((await auth.getToken()).reveal()).toBe("at-2");
  expect((await auth.getToken()).reveal()).toBe("at-2");
  await here.clock.advance(20_000);
  expect(here.events.filter((event) => event.startsWith("warning"))).toHaveLength(1);
  delete here.store.before.write;
  await here.clock.advance(10_000);
  expect(here.store.record()?.tokens.refreshToken?.reveal()).toBe("rt-2");
  expect(here.server.log).toEqual(["exchange alice", "refresh rt-1"]);
});

test("SEC-59 serveUnsaved: after L6 each call serves, and saves behind", async () => {
  const here = world();
  const auth = here.auth({ policy: { serveUnsaved: true } });
  await auth.getToken();
  await here.clock.advance(hour);
  here.store.before.write = full;
  await auth.getToken();
  await here.clock.advance(120_000);
  expect((await auth.getToken()).reveal()).toBe("at-2");
  expect(here.store.record()?.tokens.refreshToken?.reveal()).toBe("rt-1");
  delete here.store.before.write;
  await here.clock.advance(5_000); // it has never ceased trying
  expect(here.store.record()?.tokens.refreshToken?.reveal()).toBe("rt-2");
  expect(here.server.log).toEqual(["exchange alice", "refresh rt-1"]);
});

test("SEC-59 a save whose answer was lost is found to be ours", async () => {
  const here = world();
  const auth = here.auth();
  await auth.getToken();
  await here.clock.advance(hour);
  let lost = 0;
  here.store.after.write = () => {
    if (lost++ === 0) full();
  };
  expect((await eventually(here.clock, auth.getToken())).reveal()).toBe("at-2");
  expect(here.server.log).toEqual(["exchange alice", "refresh rt-1"]);
  expect(here.store.record()?.tokens.refreshToken?.reveal()).toBe("rt-2");
});

test("a token that can be had again is served although it could not be saved, with a warning", async () => {
  const here = world();
  here.server.after = (_, { accessToken }) => ({ accessToken });
  here.store.before.write = full;
  expect((await here.auth().getToken()).reveal()).toBe("at-1");
  expect(here.events).toEqual(["warning UNREACHABLE/save-failed", "renewed"]);
});

test("a store that neither has a record nor takes one ends in an error, not in an endless loop", async () => {
  const here = world();
  let writes = 0;
  const { store } = here;
  const broken = {
    ...store,
    write: async () => {
      if (++writes > 1_000) throw new Error("an endless loop");
      return undefined;
    },
  };
  await eventually(
    here.clock,
    here
      .auth({ store: broken })
      .getToken()
      .catch(() => {}),
  );
  expect(writes).toBeLessThan(1_000);
});

test("SEC-33 a renewed token that has expired on arrival is an error at once; its refresh token is saved first", async () => {
  const here = world();
  const auth = here.auth();
  await auth.getToken();
  await here.clock.advance(hour);
  here.server.lifetimeMs = 0;
  const start = here.clock.monotonic();
  expect(await failure(eventually(here.clock, auth.getToken()))).toBe("INVALID/expired-on-arrival");
  expect(here.clock.monotonic()).toBe(start);
  expect(here.store.record()?.tokens.refreshToken?.reveal()).toBe("rt-2");
  here.server.lifetimeMs = hour;
  expect((await auth.getToken()).reveal()).toBe("at-3");
  expect(here.server.faults).toEqual([]);
});
