import { createAuth, type Interaction } from "@auth/core";
import { expect, test } from "vitest";
import { gate } from "../support/gate.ts";
import { failure, rejection } from "../support/outcome.ts";
import { source } from "../support/source.ts";
import { unreachable } from "../support/token-server.ts";
import { hour, type World, world } from "../support/world.ts";

/** As with a browser: only login() can get the first token. */
const browser = (here: World) => {
  const { server, store, clock, events } = here;
  const grant = server.grant({ accepts: [], interactive: true });
  return createAuth({ grant, store, clock, onEvent: ({ type }) => events.push(type) });
};

test("only login() calls an exchange that needs a person; refresh needs none", async () => {
  const here = world();
  const auth = browser(here);
  expect(await failure(auth.getToken())).toBe("INTERACTION_REQUIRED/login-needed");
  expect(here.server.log).toEqual([]);
  expect((await auth.login()).reveal()).toBe("at-1");
  expect((await auth.getToken()).reveal()).toBe("at-1");
  await here.clock.advance(hour);
  expect((await auth.getToken()).reveal()).toBe("at-2");
  expect(here.server.log).toEqual(["exchange nobody", "refresh rt-1"]);
  expect(here.events).toEqual(["failed", "login", "renewed"]);
});

test("the grant gets the way to the person, and the scopes asked for; the next login asks for them again", async () => {
  const here = world();
  const auth = browser(here);
  const interaction: Interaction = () => {};
  await auth.login({ interaction, scopes: ["admin"] });
  await auth.login();
  await auth.getToken({ forceRefresh: true });
  await browser(here).login();
  await auth.login({ scopes: [] });
  const given = here.server.asked.map(({ context }) => [context.interaction, context.scopes]);
  expect(given).toEqual([
    [interaction, ["admin"]],
    [undefined, ["admin"]],
    [undefined, ["admin"]],
    [undefined, ["admin"]],
    [undefined, []],
  ]);
  expect(here.store.record()?.scopes).toEqual([]);
});

test("login exchanges although there is a good token, and although the record is dead", async () => {
  const here = world();
  const auth = browser(here);
  await auth.login();
  await auth.login();
  here.server.revokeAll();
  await here.clock.advance(hour);
  await failure(auth.getToken());
  expect(here.store.record()?.dead).toBeDefined();
  expect((await auth.login()).reveal()).toBe("at-3");
  expect(here.store.record()?.dead).toBeUndefined();
});

test("SEC-76 a login replaces what cannot be read; nothing else touches it", async () => {
  const here = world();
  here.store.put("{ not a record");
  const auth = here.auth();
  expect(await failure(auth.getToken())).toBe("INVALID/store-corrupted");
  expect(here.store.texts()).toEqual(["{ not a record"]);
  expect(here.server.log).toEqual([]);
  expect((await auth.login()).reveal()).toBe("at-1");
  expect(here.store.record()?.tokens.refreshToken?.reveal()).toBe("rt-1");
});

test("SEC-77 a record of a newer version is not touched, not even by a login", async () => {
  const here = world();
  here.store.put('{"schema":99}');
  const auth = here.auth();
  expect(await failure(auth.getToken())).toBe("INVALID/store-version");
  expect(await failure(auth.login())).toBe("INVALID/store-version");
  expect(here.store.texts()).toEqual(['{"schema":99}']);
  expect(here.server.log).toEqual([]);
});

test("a person at a browser does not keep others from the lock", async () => {
  const here = world();
  await here.auth().getToken();
  await here.clock.advance(hour);
  const auth = browser(here);
  const person = gate();
  here.server.before = ({ kind }) => (kind === "exchange" ? person.pass() : undefined);
  const login = auth.login();
  await person.arrived();
  expect((await here.auth().getToken()).reveal()).toBe("at-2"); // a refresh meanwhile
  person.open();
  expect((await login).reveal()).toBe("at-3");
  expect(here.store.record()?.tokens.accessToken.reveal()).toBe("at-3");
  expect(here.server.faults).toEqual([]);
});

test("SEC-58 nobody is sent to a browser for a login that could not be saved", async () => {
  const here = world();
  here.store.before.prepare = () => {
    throw unreachable("save-failed");
  };
  expect(await failure(browser(here).login())).toBe("UNREACHABLE/save-failed");
  expect(here.server.log).toEqual([]);
});

test("getToken during a login is served from what there is", async () => {
  const here = world();
  const auth = browser(here);
  const token = await auth.login();
  const person = gate();
  here.server.before = () => person.pass();
  const login = auth.login();
  await person.arrived();
  expect(await auth.getToken()).toBe(token);
  person.open();
  expect((await login).reveal()).toBe("at-2");
  expect((await auth.getToken()).reveal()).toBe("at-2");
});

test("an aborted login ends the exchange, stores nothing and rejects with the signal's reason", async () => {
  const here = world();
  const auth = browser(here);
  const person = gate();
  here.server.before = () => person.pass();
  const controller = new AbortController();
  const login = rejection(auth.login({ signal: controller.signal }));
  await person.arrived();
  controller.abort("changed my mind");
  expect(await login).toBe("changed my mind");
  expect(here.server.asked[0]?.context.signal.aborted).toBe(true);
  expect(here.store.texts()).toEqual([]);
});

test("a login that fails leaves the present login as it was", async () => {
  const here = world();
  const auth = browser(here);
  const token = await auth.login();
  const before = here.store.texts();
  here.server.before = () => {
    throw unreachable();
  };
  expect(await failure(auth.login())).toBe("UNREACHABLE/network");
  expect(await auth.getToken()).toBe(token);
  expect(here.store.texts()).toEqual(before);
});

test("two logins at once: both get a token, the last one is kept, nobody is left without", async () => {
  const here = world();
  const auth = browser(here);
  const tokens = await Promise.all([auth.login(), auth.login()]);
  expect(new Set(tokens.map((token) => token.reveal())).size).toBe(2);
  const kept = here.store.record()?.tokens.accessToken.reveal();
  expect(tokens.map((token) => token.reveal())).toContain(kept);
  expect((await auth.getToken()).reveal()).toBe(kept);
});

test("a login reads the credential, and asks the person for it", async () => {
  const here = world();
  const credentials = source(here.credentials.value, { interactive: true });
  await here.auth({ credentials }).login();
  expect(credentials.reads).toHaveLength(1);
  expect(here.events).toEqual(["login"]);
});

test("a login that is adopted by other processes", async () => {
  const here = world();
  const other = browser(here);
  await browser(here).login();
  expect((await other.getToken()).reveal()).toBe("at-1");
  expect(here.server.log).toHaveLength(1);
});

test("with a store only, what a login left there is used and refreshed", async () => {
  const here = world();
  await here.auth().login();
  const { server, store, clock } = here;
  const auth = createAuth({ grant: server.grant(), store, clock });
  await clock.advance(hour);
  expect((await auth.getToken()).reveal()).toBe("at-2");
  here.server.revokeAll();
  await clock.advance(hour);
  expect(await failure(auth.getToken())).toBe("INTERACTION_REQUIRED/refresh-token-rejected");
});
