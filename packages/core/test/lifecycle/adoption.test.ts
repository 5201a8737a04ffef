import { AccessToken, createAuth, memoryStore, type TokenRecord } from "@auth/core";
import { expect, test } from "vitest";
import { eventually } from "../support/eventually.ts";
import { gate } from "../support/gate.ts";
import { failure } from "../support/outcome.ts";
import { early, hour, late, world } from "../support/world.ts";

test("SEC-56 two Auths on one store: the second adopts, 0 requests", async () => {
  const here = world();
  const one = await here.auth().getToken();
  const two = await here.auth().getToken();
  expect(two.id).toBe(one.id);
  expect(here.server.log).toEqual(["exchange alice"]);
  expect(here.events).toEqual(["renewed", "adopted"]);
});

test("SEC-56 twenty Auths that expire together: one request", async () => {
  const here = world();
  const auths = Array.from({ length: 20 }, () => here.auth());
  await Promise.all(auths.map((auth) => auth.getToken()));
  expect(here.server.log).toHaveLength(1);
  await here.clock.advance(hour);
  const tokens = await Promise.all(auths.map((auth) => auth.getToken()));
  expect(new Set(tokens.map((token) => token.reveal()))).toEqual(new Set(["at-2"]));
  expect(here.server.log).toEqual(["exchange alice", "refresh rt-1"]);
  expect(here.server.faults).toEqual([]);
});

test("SEC-56 the same over memoryStore", async () => {
  const here = world();
  const store = memoryStore({ clock: here.clock });
  const auths = Array.from({ length: 20 }, () => here.auth({ store }));
  for (let expiry = 1; expiry <= 3; expiry++) {
    const tokens = await Promise.all(auths.map((auth) => auth.getToken()));
    expect(new Set(tokens.map((token) => token.reveal()))).toEqual(new Set([`at-${expiry}`]));
    await here.clock.advance(hour);
  }
  expect(here.server.log).toEqual(["exchange alice", "refresh rt-1", "refresh rt-2"]);
});

test("SEC-56 what a sibling wrote while we waited for the lock is adopted", async () => {
  const here = world();
  const [one, two] = [here.auth(), here.auth()];
  await one.getToken();
  await two.getToken();
  await here.clock.advance(hour);
  const answer = gate();
  here.server.before = () => answer.pass();
  const first = one.getToken();
  await answer.arrived();
  const second = two.getToken();
  await here.clock.advance(5_000);
  answer.open();
  expect((await second).id).toBe((await first).id);
  expect(here.server.log).toEqual(["exchange alice", "refresh rt-1"]);
});

test("the store is read before the credential and the lock: a good stored token needs neither", async () => {
  const here = world();
  await here.auth().getToken();
  here.store.log.length = 0;
  here.credentials.reads.length = 0;
  await here.auth().getToken();
  expect(here.store.log).toEqual(["read"]);
  expect(here.credentials.reads).toEqual([]);
});

test("a source is not read under the lock", async () => {
  const here = world();
  let locked = false;
  here.credentials.before = () => {
    const { log } = here.store;
    locked ||= log.lastIndexOf("lock") > log.lastIndexOf("unlock");
  };
  const auth = here.auth();
  await auth.getToken();
  here.server.revokeAll();
  await here.clock.advance(hour);
  await auth.getToken(); // refused refresh, then exchange
  expect(here.credentials.reads.length).toBeGreaterThan(1);
  expect(locked).toBe(false);
});

test("a stored token in its early window is adopted; in its hard window it is renewed", async () => {
  for (const [age, log] of [
    [early, ["exchange alice"]],
    [late, ["exchange alice", "refresh rt-1"]],
  ] as const) {
    const here = world();
    await here.auth().getToken();
    await here.clock.advance(age);
    await here.auth().getToken();
    expect(here.server.log).toEqual(log);
  }
});

test("a sibling's early refresh is adopted instead of a second one", async () => {
  const here = world();
  const [one, two] = [here.auth(), here.auth()];
  await one.getToken();
  await two.getToken();
  await here.clock.advance(early);
  await one.getToken();
  await here.clock.advance(0);
  await two.getToken();
  await here.clock.advance(0);
  expect((await two.getToken()).reveal()).toBe("at-2");
  expect(here.server.log).toEqual(["exchange alice", "refresh rt-1"]);
});

test("a sibling's logout is noticed by the next flight: nothing stale is renewed", async () => {
  const here = world();
  await here.auth().getToken();
  const { store, clock } = here;
  const auth = createAuth({ grant: here.server.grant({ interactive: true }), store, clock });
  await auth.getToken();
  await here.auth().logout();
  await clock.advance(hour);
  expect(await failure(auth.getToken())).toBe("INTERACTION_REQUIRED/logged-out");
  expect(here.server.log).toEqual(["exchange alice", "revoke rt-1"]);
});

test("a grant that costs nothing is never kept in the store", async () => {
  const here = world();
  const auth = here.auth({ grant: here.server.grant({ local: true }) });
  await auth.getToken();
  await auth.getToken({ forceRefresh: true });
  await auth.status();
  expect((await auth.logout()).parts.map(({ part }) => part)).not.toContain("store test store");
  expect(here.store.log).toEqual([]);
});

test("fields of another version of this library survive our rewriting", async () => {
  const here = world();
  await here.auth().getToken();
  const [text = ""] = here.store.texts();
  here.store.put(JSON.stringify({ ...JSON.parse(text), note: { from: "the future" } }));
  await here.clock.advance(hour);
  await here.auth().getToken();
  expect(JSON.parse(here.store.texts()[0] ?? "")).toHaveProperty("note", { from: "the future" });
});

test("a record without partition is taken: stores that share a foreign file compare their own fields", async () => {
  const here = world();
  const record: TokenRecord = {
    tokens: { accessToken: new AccessToken("foreign", { expiresAt: new Date(here.clock.now() + hour) }) },
  };
  here.store.put(record);
  expect((await here.auth().getToken()).reveal()).toBe("foreign");
});

test("others who keep changing the record end in an error, not in an endless loop", async () => {
  const here = world();
  const auth = here.auth();
  await auth.getToken();
  await here.clock.advance(hour);
  const write = here.store.write.bind(here.store);
  let writes = 0;
  here.store.write = async (key, value, expected) => {
    if (++writes > 1_000) return write(key, value, expected);
    const record = here.store.record();
    if (record) here.store.put(record);
    return undefined;
  };
  expect(await failure(eventually(here.clock, auth.getToken()))).toBe("UNREACHABLE/store-contended");
  expect(writes).toBeLessThan(1_000);

  here.store.write = write; // SEC-59: what was got then is saved now, without another request
  expect((await auth.getToken()).reveal()).toBe("at-2");
  expect(here.server.log).toEqual(["exchange alice", "refresh rt-1"]);
  expect(here.store.record()?.tokens.refreshToken?.reveal()).toBe("rt-2");
});
