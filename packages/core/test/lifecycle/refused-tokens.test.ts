import { AccessToken, createAuth, Secret } from "@auth/core";
import { expect, test } from "vitest";
import { failure } from "../support/outcome.ts";
import { password, refreshToken, source } from "../support/source.ts";
import { refused, unreachable } from "../support/token-server.ts";
import { hour, type World, world } from "../support/world.ts";

/** What a sibling process left: `rt-9` is nothing the server knows. */
const tokens = (access: string, refresh: string, expiresAt: number) => ({
  accessToken: new AccessToken(access, {
    expiresAt: new Date(expiresAt),
    obtainedAt: new Date(expiresAt - hour),
  }),
  refreshToken: new Secret(refresh),
});

/** A login that only a person can renew, whose access token has expired. */
async function expired(here: World) {
  const { server, store, clock } = here;
  await here.auth().getToken();
  await clock.advance(hour);
  const options = { grant: server.grant({ interactive: true }), store, clock };
  return createAuth({ ...options, onEvent: ({ type }) => here.events.push(type) });
}

test("SEC-61 a refused refresh token is marked dead and kept; later calls fail without a request", async () => {
  const here = world();
  const auth = await expired(here);
  here.server.revokeAll();
  expect(await failure(auth.getToken())).toBe("INTERACTION_REQUIRED/refresh-token-rejected");
  expect(here.store.record()?.dead?.reason).toBe("refresh-token-rejected");
  expect(here.store.record()?.dead?.at).toEqual(new Date(here.clock.now()));
  expect(here.store.record()?.tokens.refreshToken?.reveal()).toBe("rt-1");

  for (let call = 0; call < 3; call++) {
    await here.clock.advance(hour);
    expect(await failure(auth.getToken())).toBe("INTERACTION_REQUIRED/refresh-token-rejected");
  }
  expect(here.server.log).toEqual(["exchange alice", "refresh rt-1"]);
});

test("SEC-61 another process knows the dead record too", async () => {
  const here = world();
  const auth = await expired(here);
  here.server.revokeAll();
  await failure(auth.getToken());
  const other = createAuth({
    grant: here.server.grant({ interactive: true }),
    store: here.store,
    clock: here.clock,
  });
  expect(await failure(other.getToken())).toBe("INTERACTION_REQUIRED/refresh-token-rejected");
  expect(here.server.log).toHaveLength(2);
});

test("SEC-61 a login of another process brings a dead record back to life", async () => {
  const here = world();
  const auth = await expired(here);
  here.server.revokeAll();
  await failure(auth.getToken());
  await here.auth().login();
  expect((await auth.getToken()).reveal()).toBe("at-2");
});

test("SEC-61 the access token of a dead record is served while it is good", async () => {
  const here = world();
  const { server, store, clock } = here;
  await here.auth().getToken();
  const auth = createAuth({ grant: server.grant({ interactive: true }), store, clock });
  const token = await auth.getToken();
  server.revokeAll();
  await clock.advance(hour - 10_000);
  expect((await auth.getToken()).id).toBe(token.id);
  expect(store.record()?.dead).toBeDefined();
  expect((await auth.getToken()).id).toBe(token.id);
  expect(server.log).toEqual(["exchange alice", "refresh rt-1"]);
});

test("SEC-61 a sibling rotated meanwhile: its token is adopted, nothing else is sent", async () => {
  const here = world();
  const auth = await expired(here);
  here.server.before = () => {
    here.store.put({
      tokens: tokens("at-sibling", "rt-9", here.clock.now() + hour),
      partition: "acme alice",
    });
    throw refused("refresh-token-rejected");
  };
  expect((await auth.getToken()).reveal()).toBe("at-sibling");
  expect(here.server.log).toEqual(["exchange alice", "refresh rt-1"]);
  expect(here.store.record()?.dead).toBeUndefined();
});

test("SEC-61 a sibling's refresh token is tried once, and no third one", async () => {
  const here = world();
  const auth = await expired(here);
  let siblings = 0;
  here.server.before = () => {
    siblings++;
    here.store.put({
      tokens: tokens("at-old", `rt-s${siblings}`, here.clock.now()),
      partition: "acme alice",
    });
    throw refused("refresh-token-rejected");
  };
  expect(await failure(auth.getToken())).toBe("INTERACTION_REQUIRED/refresh-token-rejected");
  expect(here.server.log).toEqual(["exchange alice", "refresh rt-1", "refresh rt-s1"]);
});

test("SEC-61 with a password the login heals itself: one exchange", async () => {
  const here = world();
  const auth = here.auth();
  await auth.getToken();
  await here.clock.advance(hour);
  here.server.revokeAll();
  expect((await auth.getToken()).reveal()).toBe("at-2");
  expect(here.store.record()?.dead).toBeUndefined();
  expect(here.server.log).toEqual(["exchange alice", "refresh rt-1", "exchange alice"]);
});

test("SEC-61 a person's password is not asked for behind the callers", async () => {
  const here = world();
  const credentials = source(password(), { interactive: true });
  const auth = here.auth({ credentials });
  await auth.getToken();
  here.server.revokeAll();
  await here.clock.advance(hour - 400_000);
  await auth.getToken();
  await here.clock.advance(0);
  expect(here.server.log).toEqual(["exchange alice", "refresh rt-1"]);
  expect(credentials.reads).toHaveLength(1);
});

test("SEC-61 a source's refresh token that was spent is not sent again", async () => {
  const here = world();
  const auth = here.auth({
    credentials: source(refreshToken()),
    grant: here.server.grant({ accepts: ["refresh-token"] }),
  });
  await auth.getToken();
  here.server.revokeAll();
  await here.clock.advance(hour);
  for (let call = 0; call < 3; call++)
    expect(await failure(auth.getToken())).toBe("INTERACTION_REQUIRED/refresh-token-rejected");
  expect(here.server.log).toEqual(["exchange rt-0", "refresh rt-1"]);
});

test("SEC-61 a source's refresh token that was never sent is exchanged, once", async () => {
  const here = world();
  const credentials = source(refreshToken());
  const auth = here.auth({ credentials, grant: here.server.grant({ accepts: ["refresh-token"] }) });
  await auth.getToken();
  here.server.revokeAll();
  await here.clock.advance(hour);
  await failure(auth.getToken());
  credentials.value = refreshToken("rt-new");
  here.server.secrets.add("rt-new");
  expect((await auth.getToken()).reveal()).toBe("at-2");
  expect(here.server.log).toEqual(["exchange rt-0", "refresh rt-1", "exchange rt-new"]);
});

test("SEC-61 a source's refresh token that the server refuses is not sent again until it changes", async () => {
  const here = world();
  const credentials = source(refreshToken("rt-bad"));
  const auth = here.auth({ credentials, grant: here.server.grant({ accepts: ["refresh-token"] }) });
  for (let call = 0; call < 3; call++)
    expect(await failure(auth.getToken())).toBe("INTERACTION_REQUIRED/refresh-token-rejected");
  expect(here.server.log).toEqual(["exchange rt-bad"]);
  credentials.value = refreshToken();
  expect((await auth.getToken()).reveal()).toBe("at-1");
});

test.each([
  ["a network failure", unreachable()],
  ["a server error", unreachable("server-error")],
  ["429", unreachable("rate-limited", 1_000)],
  ["invalid_client", refused("credential-rejected")],
  ["another refusal", refused("invalid-scope")],
  ["a bug of the grant", new Error("oops")],
])("SEC-61 %s marks and clears nothing", async (_, error) => {
  const here = world();
  const auth = await expired(here);
  const before = here.store.texts();
  here.server.before = () => {
    throw error;
  };
  await failure(auth.getToken());
  expect(here.store.texts()).toEqual(before);
  here.server.before = () => {};
  await here.clock.advance(8_000);
  expect((await auth.getToken()).reveal()).toBe("at-2");
});

test("SEC-61 a refused token is not sent again although the mark could not be saved", async () => {
  const here = world();
  const auth = await expired(here);
  here.server.revokeAll();
  here.store.before.write = () => {
    throw unreachable("save-failed");
  };
  await failure(auth.getToken());
  await failure(auth.getToken());
  expect(here.server.log).toEqual(["exchange alice", "refresh rt-1"]);
  expect(here.server.faults).toEqual([]);
});

test("SEC-61 a logout while the token was refused is heeded", async () => {
  const here = world();
  const auth = await expired(here);
  here.server.before = async () => {
    here.store.logOut();
    throw refused("refresh-token-rejected");
  };
  expect(await failure(auth.getToken())).toBe("INTERACTION_REQUIRED/logged-out");
  expect(here.store.texts()).toEqual([]);
});

test("SEC-62 a code or password is never sent twice: core repeats no request", async () => {
  const here = world();
  here.server.before = () => {
    throw unreachable();
  };
  expect(await failure(here.auth().getToken())).toBe("UNREACHABLE/network");
  expect(here.server.log).toEqual(["exchange alice"]);
});

test("SEC-61 a refused token that was never stored gives way to what the store has", async () => {
  const here = world();
  const auth = here.auth();
  here.store.before.read = () => {
    throw unreachable("store-unavailable");
  };
  auth.reject(await auth.getToken()); // rt-1 is in memory only
  here.store.before = {};
  await here.auth().getToken(); // a sibling logs in: rt-2 is stored
  here.server.before = ({ what }) => {
    if (what === "rt-1") throw refused("refresh-token-rejected");
  };
  expect((await auth.getToken()).reveal()).toBe("at-2");
  await here.clock.advance(hour);
  expect((await auth.getToken()).reveal()).toBe("at-3");
  expect(here.server.log).not.toContain("refresh rt-1"); // a sibling's login is later
});
