import { createAuth } from "@auth/core";
import { expect, test } from "vitest";
import { gate } from "../support/gate.ts";
import { rejection } from "../support/outcome.ts";
import { unreachable } from "../support/token-server.ts";
import { early, hour, world } from "../support/world.ts";

test("SEC-54 10,000 concurrent first callers make one request", async () => {
  const here = world();
  const auth = here.auth();
  const tokens = await Promise.all(Array.from({ length: 10_000 }, () => auth.getToken()));
  expect(new Set(tokens).size).toBe(1);
  expect(here.server.log).toEqual(["exchange alice"]);
  expect(here.credentials.reads).toEqual(["plain"]);
});

test("SEC-54 all who wait share the failure; it is then forgotten", async () => {
  const here = world();
  const auth = here.auth();
  here.server.before = () => {
    throw unreachable();
  };
  const errors = await Promise.all(Array.from({ length: 100 }, () => rejection(auth.getToken())));
  expect(new Set(errors).size).toBe(1);
  expect(here.server.log).toHaveLength(1);
  here.server.before = () => {};
  expect((await auth.getToken()).reveal()).toBe("at-1");
});

test("SEC-54 callers who come during the flight join it", async () => {
  const here = world();
  const auth = here.auth();
  const answer = gate();
  here.server.before = () => answer.pass();
  const first = auth.getToken();
  await answer.arrived();
  const second = auth.getToken();
  const third = auth.getToken({ forceRefresh: true });
  answer.open();
  expect(await second).toBe(await first);
  expect(await third).toBe(await first);
  expect(here.server.log).toHaveLength(1);
});

test("SEC-54 a flight belongs to its instance: two without a common store ask twice", async () => {
  const here = world();
  const grant = here.server.grant();
  const make = () => createAuth({ grant, credentials: here.credentials, clock: here.clock });
  const [one, two] = await Promise.all([make().getToken(), make().getToken()]);
  expect(one.reveal()).not.toBe(two.reveal());
  expect(here.server.log).toHaveLength(2);
});

test("SEC-54 one caller's failure clears no newer flight", async () => {
  const here = world();
  const auth = here.auth();
  const answers = [gate(), gate()];
  here.server.before = async () => {
    const answer = answers[here.server.log.length - 1];
    await answer?.pass();
    if (answer === answers[0]) throw unreachable();
  };
  const failed = rejection(auth.getToken());
  await answers[0]?.arrived();
  answers[0]?.open();
  await failed;
  const second = auth.getToken();
  await answers[1]?.arrived();
  const third = auth.getToken(); // must find the second flight, whatever the first one's end tidied up
  answers[1]?.open();
  expect(await third).toBe(await second);
  expect(here.server.log).toHaveLength(2);
});

test("SEC-54 an old answer never replaces a newer token", async () => {
  const here = world();
  const auth = here.auth();
  await auth.getToken();
  await here.clock.advance(hour);
  const slow = gate();
  here.server.after = async ({ kind }, tokens) => {
    if (kind === "refresh") await slow.pass();
    return tokens;
  };
  const renewed = auth.getToken();
  await slow.arrived();
  here.store.loseLock();
  const { grant, clock, store } = { grant: here.server.grant(), clock: here.clock, store: here.store };
  const fresh = here.server.grant().exchange(here.credentials.value, here.server.asked[0]?.context as never);
  const { accessToken, refreshToken } = await fresh;
  store.put({ tokens: { accessToken, refreshToken: refreshToken as never }, partition: "acme alice" });
  slow.open();
  expect((await renewed).reveal()).toBe(accessToken.reveal());
  expect(store.record()?.tokens.accessToken.reveal()).toBe(accessToken.reveal());
  expect((await createAuth({ grant, clock, store }).getToken()).reveal()).toBe(accessToken.reveal());
});

test("SEC-54 an old answer of a local grant never replaces a newer token either", async () => {
  const here = world();
  const auth = here.auth({ grant: here.server.grant({ local: true }) });
  const slow = gate();
  here.server.after = async (_, tokens) => {
    if (here.server.log.length === 1) await slow.pass();
    return tokens;
  };
  const old = auth.getToken();
  await slow.arrived();
  const newer = await auth.login();
  slow.open();
  await old;
  expect(auth.peek()).toBe(newer);
});

test("SEC-54 a login that ends clears no flight that others share", async () => {
  const here = world();
  const auth = here.auth({ grant: here.server.grant({ local: true }) });
  const slow = gate();
  here.credentials.before = () => (here.credentials.reads.length === 1 ? slow.pass() : undefined);
  const first = auth.getToken({ forceRefresh: true });
  await slow.arrived();
  await auth.login();
  const second = auth.getToken({ forceRefresh: true });
  slow.open();
  expect((await second).id).toBe((await first).id);
  expect(here.credentials.reads).toHaveLength(2);
});

test("SEC-54 whoever asks for a new token does not join a flight that only looks into the store", async () => {
  const here = world();
  await here.auth().getToken();
  const auth = here.auth();
  const [first, forced] = await Promise.all([auth.getToken(), auth.getToken({ forceRefresh: true })]);
  expect(first.reveal()).toBe("at-1");
  expect(forced.reveal()).toBe("at-2");
});

test("forceRefresh gets a new token, whatever the present one has left", async () => {
  const here = world();
  const auth = here.auth();
  await auth.getToken();
  const tokens = await Promise.all([1, 2, 3].map(() => auth.getToken({ forceRefresh: true })));
  expect(tokens.map((token) => token.reveal())).toEqual(["at-2", "at-2", "at-2"]);
  expect(here.server.log).toEqual(["exchange alice", "refresh rt-1"]);
});

test("forceRefresh of a process that knew nothing replaces the stored token", async () => {
  const here = world();
  await here.auth().getToken();
  expect((await here.auth().getToken({ forceRefresh: true })).reveal()).toBe("at-2");
});

test("forceRefresh fails if the renewal fails, though the present token is good", async () => {
  const here = world();
  const auth = here.auth();
  const token = await auth.getToken();
  const error = unreachable();
  here.server.before = () => {
    throw error;
  };
  expect(await rejection(auth.getToken({ forceRefresh: true }))).toBe(error);
  expect(await auth.getToken()).toBe(token);
});

test("SEC-54 in the early window nobody waits and one refresh runs behind", async () => {
  const here = world();
  const auth = here.auth();
  const first = await auth.getToken();
  await here.clock.advance(early);
  const answer = gate();
  here.server.before = () => answer.pass();
  const served = await Promise.all(Array.from({ length: 1_000 }, () => auth.getToken()));
  expect(new Set(served)).toEqual(new Set([first]));
  await answer.arrived();
  expect(await auth.getToken()).toBe(first);
  answer.open();
  await here.clock.advance(0);
  expect((await auth.getToken()).reveal()).toBe("at-2");
  expect(here.server.log).toEqual(["exchange alice", "refresh rt-1"]);
});
