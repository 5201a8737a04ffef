import { createAuth } from "@auth/core";
import { expect, test } from "vitest";
import { eventually } from "../support/eventually.ts";
import { gate } from "../support/gate.ts";
import { failure, rejection } from "../support/outcome.ts";
import { unreachable } from "../support/token-server.ts";
import { hour, world } from "../support/world.ts";

test("SEC-67 a refresh finishing after logout does not bring the record back, and revokes what it got", async () => {
  const here = world();
  const auth = here.auth();
  await auth.getToken();
  await here.clock.advance(hour);
  const answer = gate();
  here.server.before = ({ kind }) => (kind === "refresh" ? answer.pass() : undefined);
  const waiter = rejection(auth.getToken());
  await answer.arrived();
  const queued = gate();
  queued.open();
  here.store.before.lock = () => queued.pass();
  const logout = auth.logout();
  await queued.arrived();
  answer.open();
  await logout;

  expect(await waiter).toMatchObject({ code: "ERR_AUTH_INTERACTION_REQUIRED", reason: "logged-out" });
  expect(here.store.texts()).toEqual([]);
  expect(auth.peek()).toBeUndefined();
  expect(here.server.log.slice(0, 3)).toEqual(["exchange alice", "refresh rt-1", "revoke rt-2"]);
});

test("SEC-67 a logout in another process is not undone by a refresh either", async () => {
  const here = world();
  const auth = here.auth();
  await auth.getToken();
  await here.clock.advance(hour);
  here.server.before = ({ kind }) => (kind === "refresh" ? here.store.logOut() : undefined);
  expect(await failure(auth.getToken())).toBe("INTERACTION_REQUIRED/logged-out");
  expect(here.store.texts()).toEqual([]);
  expect(here.server.log).toEqual(["exchange alice", "refresh rt-1", "revoke rt-2"]);
});

test("SEC-67 a first login whose save fails does not come back after logout", async () => {
  const here = world();
  const auth = here.auth();
  let full = true;
  const tried = gate();
  here.store.before.write = () => {
    void tried.pass();
    if (full) throw unreachable("save-failed");
  };
  const waiter = failure(auth.getToken());
  await tried.arrived();
  const logout = auth.logout();
  await here.clock.advance(31_000); // longer than logout waits for the lock
  await logout;
  full = false;
  expect(await eventually(here.clock, waiter)).toBe("INTERACTION_REQUIRED/logged-out");
  expect(here.store.texts()).toEqual([]);
  expect(here.server.log).toContain("revoke rt-1");
});

test("SEC-67 a stored token that was on its way when logout ran is not taken over", async () => {
  const here = world();
  await here.auth().getToken();
  const auth = here.auth();
  const read = gate();
  here.store.after.read = () => read.pass();
  const waiter = auth.getToken().catch(() => undefined);
  await read.arrived();
  delete here.store.after.read;
  await auth.logout();
  read.open();
  expect((await waiter)?.reveal()).not.toBe("at-1");
  expect(auth.peek()?.reveal()).not.toBe("at-1");
});

test("SEC-67 a credential that was on its way when logout ran does not bring a local token back", async () => {
  const here = world();
  const grant = here.server.grant({ local: true });
  const auth = here.auth({ grant });
  const read = gate();
  here.credentials.before = () => read.pass();
  const waiter = auth.getToken().catch(() => undefined);
  await read.arrived();
  await auth.logout();
  read.open();
  await waiter;
  expect(auth.peek()).toBeUndefined();
});

test("SEC-67 a source that hangs does not keep logout from deleting every copy", async () => {
  const here = world();
  const auth = here.auth();
  await auth.getToken();
  here.credentials.before = () => new Promise(() => {});
  void auth.logout().catch(() => {});
  await here.clock.advance(60_000);
  expect(here.store.texts()).toEqual([]);
  expect(auth.peek()).toBeUndefined();
});

test("SEC-67 a call that comes while logout runs does not keep the token alive", async () => {
  const here = world();
  await here.auth().getToken();
  const { store, server, clock } = here;
  const auth = createAuth({ grant: server.grant({ interactive: true }), store, clock });
  const lateRead = gate();
  const logout = auth.logout();
  store.before.delete = async () => {
    store.after.read = () => lateRead.pass();
    void auth.getToken().catch(() => {});
    await lateRead.arrived();
  };
  await logout;
  lateRead.open();
  await clock.advance(0);
  expect(auth.peek()).toBeUndefined();
});

test("SEC-67 a record written in the middle of logout is deleted again, if need be at the second try", async () => {
  const here = world();
  const auth = here.auth();
  const written = gate();
  here.store.after.write = () => written.pass();
  const waiter = failure(auth.getToken());
  await written.arrived();
  const logout = auth.logout();
  await here.clock.advance(31_000); // it goes on without the lock
  let failed = 0;
  here.store.before.delete = () => {
    if (failed++ === 0) throw unreachable("store-unavailable");
  };
  written.open();
  await eventually(here.clock, waiter);
  await eventually(here.clock, logout);
  expect(here.store.texts()).toEqual([]);
});
