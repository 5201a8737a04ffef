import { AccessToken, createAuth, fromAuth, type Grant, Secret } from "@auth/core";
import { expect, test } from "vitest";
import { failure } from "../support/outcome.ts";
import { password, source } from "../support/source.ts";
import { unreachable } from "../support/token-server.ts";
import { hour, type World, world } from "../support/world.ts";

/** A grant that knows whose login it is from the credential alone. */
const byCredential: Partial<Grant> = {
  partition: (credential) => (credential?.type === "password" ? `acme ${credential.username}` : undefined),
};
const alice = "acme alice";
const bob = "acme bob";

const foreign = (here: World) => ({
  partition: bob,
  tokens: {
    accessToken: new AccessToken("bobs", { expiresAt: new Date(here.clock.now() + 9 * hour) }),
    refreshToken: new Secret("rt-bob"),
  },
});

test("SEC-55 different identities in one store never share a token", async () => {
  const here = world();
  const grant = here.server.grant(byCredential);
  const one = here.auth({ grant });
  const two = here.auth({ grant, credentials: source(password("bob")) });
  const [a, b] = await Promise.all([one.getToken(), two.getToken()]);
  expect(a.reveal()).not.toBe(b.reveal());
  expect(here.store.record(alice)?.tokens.accessToken.reveal()).toBe(a.reveal());
  expect(here.store.record(bob)?.tokens.accessToken.reveal()).toBe(b.reveal());
});

test("SEC-55 the same identity in one store shares a token, wherever the credential came from", async () => {
  const here = world();
  const grant = here.server.grant(byCredential);
  const one = await here.auth({ grant }).getToken();
  const two = await here.auth({ grant, credentials: source(password()) }).getToken();
  expect(two.reveal()).toBe(one.reveal());
  expect(here.server.log).toEqual(["exchange alice"]);
});

test("the store key is the app's name for the login, else the partition", async () => {
  const here = world();
  await here.auth({ name: "work" }).getToken();
  expect(here.store.record("work")?.partition).toBe(alice);
  await here.auth().getToken();
  expect(here.store.record(alice)?.partition).toBe(alice);
});

test("SEC-55 a grant told its client up front needs no source to serve a stored token", async () => {
  const here = world();
  await here.auth().getToken();
  const credentials = source(password());
  await here.auth({ credentials }).getToken();
  expect(credentials.reads).toEqual([]);
});

test("nothing says whose login it is: a typed error, no request", async () => {
  const here = world();
  const grant = here.server.grant({ accepts: [], partition: () => undefined });
  expect(await failure(here.auth({ grant }).getToken())).toBe("INVALID/no-identity");
  expect(here.server.log).toEqual([]);
});

test("SEC-36 a stored login of another issuer is not sent, and kept: only a person can replace it", async () => {
  const here = world();
  here.store.put(foreign(here), "work");
  const before = here.store.texts();
  const grant = here.server.grant({ interactive: true });
  const auth = createAuth({ grant, store: here.store, clock: here.clock, name: "work" });
  expect(await failure(auth.getToken())).toBe("INTERACTION_REQUIRED/issuer-changed");
  expect(here.store.texts()).toEqual(before);
  expect(here.server.log).toEqual([]);
  expect((await auth.status()).token).toBeUndefined();

  await auth.login();
  expect(here.store.record("work")?.partition).toBe(alice);
});

test("SEC-55 an exchange leaves another identity's living login under its name alone, and says so", async () => {
  const here = world();
  here.store.put(foreign(here), "work");
  const before = here.store.texts();
  const auth = here.auth({ name: "work" });
  expect((await auth.getToken()).reveal()).toBe("at-1");
  expect((await auth.getToken()).reveal()).toBe("at-1");
  expect(here.events).toEqual(["warning name-taken", "renewed"]);
  expect(await auth.logout()).toMatchObject({ complete: true });
  expect(here.store.texts()).toEqual(before);
  expect(here.server.log).toEqual(["exchange alice", "revoke rt-1"]);

  await auth.login();
  expect(here.store.record("work")?.partition).toBe(alice);
  expect(here.events).toContain("warning login-replaced");
});

test("SEC-55 a logout ends nobody else's login, also where only the source tells whose it is", async () => {
  const here = world();
  here.store.put(foreign(here), "work");
  const before = here.store.texts();
  const auth = here.auth({ name: "work", grant: here.server.grant(byCredential) });
  expect(await auth.logout()).toMatchObject({ complete: true });
  expect(here.store.texts()).toEqual(before);
  expect(here.server.log).toEqual([]);
  expect(here.events).toEqual(["warning name-taken", "logout"]);
});

test("SEC-55 what holds no refresh token, or a dead one, is no login: an exchange replaces it", async () => {
  for (const change of [
    { tokens: { accessToken: new AccessToken("at-bob") } },
    { dead: { reason: "x", at: new Date(0) } },
  ]) {
    const here = world();
    here.store.put({ ...foreign(here), ...change }, "work");
    await here.auth({ name: "work" }).getToken();
    expect(here.store.record("work")?.partition).toBe(alice);
  }
});

test("SEC-55 what spends a refresh token of the source is not exchanged beside another's login", async () => {
  const here = world();
  here.store.put(foreign(here), "work");
  here.credentials.value = { type: "refresh-token", refreshToken: new Secret("rt-source") };
  const grant = here.server.grant({ accepts: ["refresh-token"] });
  expect(await failure(here.auth({ name: "work", grant }).getToken())).toBe(
    "INTERACTION_REQUIRED/issuer-changed",
  );
  expect(here.server.log).toEqual([]);
});

test("SEC-36 a refresh never overwrites a login that another identity put under the name", async () => {
  const here = world();
  const grant = here.server.grant({ interactive: true });
  await here.auth({ name: "work" }).getToken();
  const auth = createAuth({ grant, store: here.store, clock: here.clock, name: "work" });
  await auth.getToken();
  await here.clock.advance(hour);
  here.store.put(foreign(here), "work");
  expect(await failure(auth.getToken())).toBe("INTERACTION_REQUIRED/issuer-changed");
  expect(here.store.record("work")?.partition).toBe(bob);
  expect(here.server.log).toEqual(["exchange alice"]);
});

test("SEC-36 a login of another identity that arrives during a refresh is kept", async () => {
  const here = world();
  const auth = here.auth({ name: "work" });
  await auth.getToken();
  await here.clock.advance(hour);
  here.server.before = ({ kind }) => kind === "refresh" && here.store.put(foreign(here), "work");
  await auth.getToken().catch(() => {});
  expect(here.store.record("work")?.tokens.refreshToken?.reveal()).toBe("rt-bob");
});

test("SEC-36 SEC-55 a named login whose source changes identity does not send the old one's refresh token", async () => {
  const here = world();
  const auth = here.auth({ name: "work", grant: here.server.grant(byCredential) });
  await auth.getToken();
  here.credentials.value = password("bob");
  await here.clock.advance(hour);
  await auth.getToken();
  expect(here.server.log).toEqual(["exchange alice", "exchange bob"]);
  expect(here.store.record("work")?.partition).toBe(alice); // only a login takes a name from somebody
  await auth.login();
  expect(here.store.record("work")?.partition).toBe(bob);
});

test("SEC-55 an unnamed login whose source changes identity moves to the new one's place", async () => {
  const here = world({ perKey: true });
  const grant = here.server.grant(byCredential);
  await here.auth({ grant, credentials: source(password("bob")) }).getToken();
  const auth = here.auth({ grant });
  await auth.getToken();
  here.credentials.value = password("bob");
  await here.clock.advance(hour);
  await auth.getToken();
  expect(here.server.log).toEqual(["exchange bob", "exchange alice", "refresh rt-1"]);
  expect(here.store.record(alice)?.tokens.refreshToken?.reveal()).toBe("rt-2");
  expect(here.store.record(bob)?.tokens.refreshToken?.reveal()).toBe("rt-3");
});

test("SEC-55 a token that could not be stored does not end up under another identity", async () => {
  const here = world();
  const auth = here.auth({ grant: here.server.grant(byCredential) });
  here.store.before.lock = here.store.before.read = () => {
    throw unreachable("store-unavailable");
  };
  await auth.getToken();
  here.store.before = {};
  here.credentials.value = password("bob");
  await here.clock.advance(hour);
  await auth.getToken();
  expect(here.server.log).toEqual(["exchange alice", "exchange bob"]);
  expect(here.store.record(bob)?.tokens.refreshToken?.reveal()).toBe("rt-2");
});

test("SEC-55 where only an unreachable source could tell, a named login is used on the strength of its name", async () => {
  const here = world();
  const grant = here.server.grant(byCredential);
  await here.auth({ grant, name: "work" }).getToken();
  here.credentials.before = () => {
    throw unreachable();
  };
  const auth = here.auth({ grant, name: "work" });
  expect((await auth.getToken()).reveal()).toBe("at-1");
});

test("SEC-55 a named login that only a person could vouch for is used without asking", async () => {
  const here = world();
  const grant = here.server.grant(byCredential);
  await here.auth({ grant, name: "work" }).getToken();
  const credentials = source(password(), { interactive: true });
  expect((await here.auth({ grant, name: "work", credentials }).getToken()).reveal()).toBe("at-1");
  expect(credentials.reads).toEqual([]);
});

test("a source that yields another type of credential: INVALID/credential-type, nothing sent", async () => {
  const here = world();
  here.credentials.value = { type: "api-key", key: new Secret("k") };
  expect(await failure(here.auth().getToken())).toBe("INVALID/credential-type");
  expect(here.server.log).toEqual([]);
});

test("SEC-55 whose login one Auth has is the account of the next, and not its name", async () => {
  const here = world();
  const named = here.auth({ name: "work", grant: here.server.grant(byCredential) });
  expect((await fromAuth(named).get()).account).toBe(alice);
});

test("SEC-36 an identity that the source tells late is heeded before anything is sent", async () => {
  const here = world();
  const auth = here.auth({ name: "work", grant: here.server.grant(byCredential) });
  await auth.getToken();
  await here.clock.advance(hour);
  here.credentials.value = password("bob");
  here.credentials.before = () => {
    if (here.credentials.reads.length === 2) throw unreachable(); // the first read of this flight
  };
  await auth.getToken();
  expect(here.server.log).toEqual(["exchange alice", "exchange bob"]);
  expect(here.store.record("work")?.partition).toBe(alice);
});
