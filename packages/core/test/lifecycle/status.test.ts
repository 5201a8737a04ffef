import { createAuth } from "@auth/core";
import { canary } from "@auth/testkit";
import { expect, test } from "vitest";
import { failure } from "../support/outcome.ts";
import { tokenLike } from "../support/token-like.ts";
import { unreachable } from "../support/token-server.ts";
import { early, hour, late, world } from "../support/world.ts";

test("of a login in memory: which token, until when, what next and when", async () => {
  const here = world();
  const auth = here.auth({ name: "work" });
  const start = here.clock.now();
  const { id } = await auth.getToken();
  expect(await auth.status()).toEqual({
    name: "work",
    key: "work",
    next: "use",
    nextAt: new Date(start + early),
    token: {
      id,
      type: "Bearer",
      obtainedAt: new Date(start),
      expiresAt: new Date(start + hour),
      provider: "test source",
      account: "alice",
    },
    from: "memory",
    source: "test source",
    store: "test store",
  });
  await here.clock.advance(late);
  expect((await auth.status()).next).toBe("refresh");
});

test("of a login that lies in the store: read, and not taken over", async () => {
  const here = world();
  const { id } = await here.auth().getToken();
  const auth = here.auth();
  const status = await auth.status();
  expect(status).toMatchObject({ from: "store", next: "use", token: { id } });
  expect(auth.peek()).toBeUndefined();
});

test("of nothing", async () => {
  const here = world();
  expect(await here.auth().status()).toEqual({
    name: "acme",
    key: "acme alice",
    next: "exchange",
    source: "test source",
    store: "test store",
  });
  const { store, clock } = here;
  const browser = createAuth({ grant: here.server.grant({ interactive: true }), store, clock });
  expect((await browser.status()).next).toBe("login-needed");
});

test("reads memory and store only: no source, no server, no lock, no write", async () => {
  const here = world();
  const auth = here.auth();
  await auth.status();
  await auth.getToken();
  await here.clock.advance(hour);
  here.store.log.length = 0;
  here.credentials.reads.length = 0;
  await auth.status();
  await here.auth().status();
  expect(here.store.log).toEqual(["read"]);
  expect(here.credentials.reads).toEqual([]);
  expect(here.server.log).toEqual(["exchange alice"]);
  expect(here.events).toEqual(["renewed"]);
});

test("the last failure, and when", async () => {
  const here = world();
  const auth = here.auth();
  here.server.before = () => {
    throw unreachable();
  };
  await failure(auth.getToken());
  const { lastFailure } = await auth.status();
  expect(lastFailure).toEqual({
    code: "ERR_AUTH_UNREACHABLE",
    reason: "network",
    at: new Date(here.clock.now()),
  });
});

test("of a store that cannot be read: says why, and does not fail", async () => {
  const here = world();
  here.store.before.read = () => {
    throw unreachable("store-unavailable");
  };
  expect((await here.auth().status()).lastFailure).toMatchObject({ reason: "store-unavailable" });
  here.store.before = {};
  here.store.put("garbage");
  expect((await here.auth().status()).lastFailure).toMatchObject({ reason: "store-corrupted" });
});

test("of a dead record: login needed", async () => {
  const here = world();
  await here.auth().getToken();
  const { store, clock } = here;
  const auth = createAuth({ grant: here.server.grant({ interactive: true }), store, clock });
  here.server.revokeAll();
  await clock.advance(hour);
  await failure(auth.getToken());
  const fresh = createAuth({ grant: here.server.grant({ interactive: true }), store, clock });
  expect((await fresh.status()).next).toBe("login-needed");
  expect((await auth.status()).next).toBe("login-needed");
});

test("the end of the session and the scopes", async () => {
  const here = world();
  const sessionExpiresAt = new Date(here.clock.now() + 10 * hour);
  here.server.after = (_, tokens) => ({
    ...tokens,
    sessionExpiresAt,
    accessToken: tokenLike(tokens.accessToken, "at", { scopes: ["read"] }),
  });
  const auth = here.auth();
  await auth.getToken();
  expect(await auth.status()).toMatchObject({ sessionExpiresAt, token: { scopes: ["read"] } });
});

test("SEC-1 SEC-6 holds no secret", async () => {
  const secret = canary("token");
  const here = world();
  here.server.after = (_, tokens) => ({
    ...tokens,
    accessToken: tokenLike(tokens.accessToken, secret.value),
  });
  const auth = here.auth();
  await auth.getToken();
  secret.check(await auth.status(), await here.auth().status());
});
