import { AuthError } from "@auth/core";
import { expect, test } from "vitest";
import { failure } from "../support/outcome.ts";
import { refreshToken, source } from "../support/source.ts";
import { unreachable } from "../support/token-server.ts";
import { hour, late, type World, world } from "../support/world.ts";

const gone = (here: World, error: unknown = unreachable("store-unavailable")): void => {
  const fail = (): never => {
    throw error;
  };
  here.store.before = { lock: fail, read: fail, write: fail, prepare: fail, delete: fail };
};

test("SEC-57 a valid token is still served", async () => {
  const here = world();
  const auth = here.auth();
  const token = await auth.getToken();
  gone(here);
  await here.clock.advance(late);
  expect(await auth.getToken()).toBe(token);
  await here.clock.advance(29_999);
  expect(await auth.getToken()).toBe(token);
});

test("SEC-57 nothing that spends a refresh token is sent without the lock", async () => {
  const here = world();
  const auth = here.auth();
  await auth.getToken();
  gone(here);
  await here.clock.advance(hour);
  expect(await failure(auth.getToken())).toBe("UNREACHABLE/store-unavailable");
  expect(here.server.log.filter((line) => line.startsWith("refresh"))).toEqual([]);
});

test("SEC-57 a refresh token of the source is not sent without the lock either", async () => {
  const here = world();
  gone(here);
  const auth = here.auth({
    credentials: source(refreshToken()),
    grant: here.server.grant({ accepts: ["refresh-token"] }),
  });
  expect(await failure(auth.getToken())).toBe("UNREACHABLE/store-unavailable");
  expect(here.server.log).toEqual([]);
});

test.each([
  ["cannot be reached", unreachable("store-unavailable")],
  ["may not be used", new AuthError("ERR_AUTH_DENIED", "permission", "test store: denied")],
])("SEC-57 other grants go on from memory with a warning: the store %s", async (_, error) => {
  const here = world();
  here.server.after = (__, { accessToken }) => ({ accessToken });
  gone(here, error);
  const auth = here.auth();
  const token = await auth.getToken();
  expect(token.reveal()).toBe("at-1");
  expect(await auth.getToken()).toBe(token);
  await here.clock.advance(hour);
  expect((await auth.getToken()).reveal()).toBe("at-2");
  const [kind, reason] = [error.code.replace("ERR_AUTH_", ""), error.reason];
  const warned = `warning ${kind}/${reason}`;
  expect(here.events).toEqual([warned, "renewed", warned, "renewed"]);
});

test("SEC-57 a password goes on from memory too, as often as it is needed", async () => {
  const here = world();
  gone(here);
  const auth = here.auth();
  expect((await auth.getToken()).reveal()).toBe("at-1");
  await here.clock.advance(hour);
  expect((await auth.getToken()).reveal()).toBe("at-2");
  expect(here.server.log).toEqual(["exchange alice", "exchange alice"]);
});

test("SEC-57 a held lock and a store that is away are told apart", async () => {
  const here = world();
  here.store.before.lock = () => {
    throw unreachable("lock-timeout");
  };
  expect(await failure(here.auth().getToken())).toBe("UNREACHABLE/lock-timeout");
  expect(here.server.log).toEqual([]);
});

test("SEC-57 the store is tried again by the next flight, and gets what it missed at the next renewal", async () => {
  const here = world();
  gone(here);
  const auth = here.auth();
  await auth.getToken();
  here.store.before = {};
  expect((await auth.getToken({ forceRefresh: true })).reveal()).toBe("at-2");
  expect(here.store.record()?.tokens.accessToken.reveal()).toBe("at-2");
});

test("SEC-57 a login into a store that is away is refused before the person is asked", async () => {
  const here = world();
  gone(here);
  expect(await failure(here.auth().login())).toBe("UNREACHABLE/store-unavailable");
  expect(here.server.log).toEqual([]);
});

test("a store that holds something unusable is not a store that is away", async () => {
  const here = world();
  gone(here, new AuthError("ERR_AUTH_INVALID", "unsafe-permissions", "test store: readable by others"));
  expect(await failure(here.auth().getToken())).toBe("INVALID/unsafe-permissions");
  expect(here.server.log).toEqual([]);
});

test("a store that loses the answer of a read is away for one flight, and nothing is lost", async () => {
  const here = world();
  const auth = here.auth();
  await auth.getToken();
  await here.clock.advance(hour);
  here.store.after.read = () => {
    throw unreachable("store-unavailable");
  };
  expect(await failure(auth.getToken())).toBe("UNREACHABLE/store-unavailable");
  here.store.after = {};
  expect((await auth.getToken()).reveal()).toBe("at-2");
  expect(here.server.log).toEqual(["exchange alice", "refresh rt-1"]);
});
