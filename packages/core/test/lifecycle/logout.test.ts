import { AccessToken, type Grant, type LogoutReport, Secret } from "@auth/core";
import { expect, test } from "vitest";
import { eventually } from "../support/eventually.ts";
import { gate } from "../support/gate.ts";
import { failure, rejection } from "../support/outcome.ts";
import { refreshToken, source } from "../support/source.ts";
import { unreachable } from "../support/token-server.ts";
import { late, world } from "../support/world.ts";

const lines = ({ parts }: LogoutReport): string[] => parts.map(({ part, outcome }) => `${part}: ${outcome}`);
/** Knows whose login it is from the credential alone. */
const byCredential: Partial<Grant> = { partition: (credential) => credential && "acme alice" };

test("SEC-67 logout deletes every copy first, then revokes, and says so line by line", async () => {
  const here = world();
  const auth = here.auth();
  await auth.getToken();
  let left: number | undefined;
  here.server.before = () => {
    left = here.store.texts().length;
  };
  const report = await auth.logout();
  expect(lines(report)).toEqual(["memory: done", "store test store: done", "revocation: done"]);
  expect(report.complete).toBe(true);
  expect(left).toBe(0);
  expect(auth.peek()).toBeUndefined();
  expect(here.server.log).toEqual(["exchange alice", "revoke rt-1"]);
  expect(here.events).toEqual(["renewed", "logout"]);
});

test("SEC-67 nothing there is no failure", async () => {
  const here = world();
  const report = await here.auth().logout();
  expect(lines(report)).toEqual(["memory: nothing-there", "store test store: nothing-there"]);
  expect(report.complete).toBe(true);
  expect(here.server.log).toEqual([]);
});

test("SEC-67 another process's login is found, deleted and revoked", async () => {
  const here = world();
  await here.auth().getToken();
  const report = await here.auth().logout();
  expect(lines(report)).toEqual(["memory: nothing-there", "store test store: done", "revocation: done"]);
  expect(here.store.texts()).toEqual([]);
  expect(here.server.log).toEqual(["exchange alice", "revoke rt-1"]);
});

test("SEC-67 a process that has not read its credential yet finds the login all the same", async () => {
  const here = world();
  const grant = here.server.grant(byCredential);
  await here.auth({ grant }).getToken();
  const report = await here.auth({ grant }).logout();
  expect(here.store.texts()).toEqual([]);
  expect(lines(report)).toContain("store test store: done");
});

test("SEC-67 a logout that cannot tell whose login it is reports failure, not success", async () => {
  const here = world();
  const grant = here.server.grant(byCredential);
  await here.auth({ grant }).getToken();
  here.credentials.before = () => {
    throw unreachable();
  };
  const report = await here.auth({ grant }).logout();
  expect(report.complete).toBe(false);
  expect(here.store.texts()).toHaveLength(1);
});

test("SEC-67 a failed part is reported by name and reason, and the others are done", async () => {
  const here = world();
  const auth = here.auth();
  await auth.getToken();
  here.store.before.write = () => {
    throw unreachable("store-unavailable");
  };
  here.server.before = () => {
    throw unreachable();
  };
  const report = await auth.logout();
  expect(report).toEqual({
    complete: false,
    parts: [
      { part: "memory", outcome: "done" },
      { part: "store test store", outcome: "failed", reason: "store-unavailable" },
      { part: "revocation", outcome: "failed", reason: "network" },
    ],
  });
  expect(auth.peek()).toBeUndefined();
});

test("SEC-67 a record that cannot be read is deleted all the same", async () => {
  const here = world();
  here.store.put("not a record");
  expect(lines(await here.auth().logout())).toEqual(["memory: nothing-there", "store test store: done"]);
  expect(here.store.texts()).toEqual([]);
});

test("SEC-36 SEC-55 a login of another issuer is neither ended nor sent to this one; mere access tokens are ended", async () => {
  const here = world();
  const tokens = { accessToken: new AccessToken("theirs"), refreshToken: new Secret("rt-theirs") };
  here.store.put({ tokens, partition: "other bob" }, "work");
  await here.auth({ name: "work" }).logout();
  expect(here.store.record("work")?.tokens.refreshToken?.reveal()).toBe("rt-theirs");
  here.store.put({ tokens: { accessToken: tokens.accessToken }, partition: "other bob" }, "work");
  await here.auth({ name: "work" }).logout();
  expect(here.store.texts()).toEqual([]);
  expect(here.server.log).toEqual([]);
});

test("SEC-67 the same tokens in memory and store are revoked once", async () => {
  const here = world();
  here.server.after = (_, { accessToken }) => ({ accessToken }); // no refresh token
  const auth = here.auth();
  await auth.getToken();
  await auth.logout();
  expect(here.server.log).toEqual(["exchange alice", "revoke at-1"]);
});

test("SEC-67 tokens that a sibling rotated are revoked beside those in memory", async () => {
  const here = world();
  const auth = here.auth();
  await auth.getToken();
  await here.auth().getToken({ forceRefresh: true });
  await auth.logout();
  expect(here.server.log.filter((line) => line.startsWith("revoke")).sort()).toEqual([
    "revoke rt-1",
    "revoke rt-2",
  ]);
});

test("SEC-67 logout waits for the lock no longer than L10, then goes on without", async () => {
  const here = world();
  const auth = here.auth();
  await auth.getToken();
  const held = gate();
  const sibling = here.store.withLock?.("acme alice", () => held.pass());
  const logout = auth.logout();
  await here.clock.advance(29_999);
  expect(here.store.texts()).toHaveLength(1);
  await here.clock.advance(1);
  expect((await logout).complete).toBe(true);
  expect(here.store.texts()).toEqual([]);
  held.open();
  await sibling;
});

test("SEC-28 an aborted logout rejects with the signal's reason", async () => {
  const here = world();
  const auth = here.auth();
  await auth.getToken();
  const reason = new Error("stop");
  expect(await rejection(auth.logout({ signal: AbortSignal.abort(reason) }))).toBe(reason);
  expect(auth.peek()?.reveal()).toBe("at-1");
  expect(here.store.texts()).toHaveLength(1);
});

test("SEC-28 a logout is let go while its revocation hangs", async () => {
  const here = world();
  const auth = here.auth();
  await auth.getToken();
  const stuck = gate();
  here.server.before = () => stuck.pass();
  const controller = new AbortController();
  const logout = rejection(auth.logout({ signal: controller.signal }));
  await stuck.arrived();
  const reason = new Error("stop");
  controller.abort(reason);
  expect(await eventually(here.clock, logout)).toBe(reason);
});

test("after a logout a password logs in again, and a spent refresh token is not sent again", async () => {
  const here = world();
  const auth = here.auth();
  await auth.getToken();
  await auth.logout();
  expect((await auth.getToken()).reveal()).not.toBe("at-1");

  const spent = here.auth({
    name: "other",
    credentials: source(refreshToken()),
    grant: here.server.grant({ accepts: ["refresh-token"] }),
  });
  await spent.getToken();
  await spent.logout();
  here.server.log.length = 0;
  expect(await failure(spent.getToken())).toBe("INTERACTION_REQUIRED/refresh-token-rejected");
  expect(here.server.log).toEqual([]);
});

test("SEC-67 what was refreshed but not saved is revoked too", async () => {
  const here = world();
  const auth = here.auth();
  await auth.getToken();
  await here.clock.advance(late);
  here.store.before.write = () => {
    throw unreachable("save-failed");
  };
  await eventually(
    here.clock,
    auth.getToken().catch(() => {}),
  );
  await auth.logout();
  expect(here.server.log).toContain("revoke rt-2");
});
