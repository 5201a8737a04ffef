import {
  AuthError,
  type AuthEvent,
  bearer,
  cached,
  chain,
  createAuth,
  fixed,
  type Provider,
  Secret,
} from "@auth/core";
import { expect, test } from "vitest";
import { absent } from "../support/link.ts";
import { failure } from "../support/outcome.ts";
import { password } from "../support/source.ts";
import { refused, unreachable } from "../support/token-server.ts";
import { early, hour, type World, world } from "../support/world.ts";

const versioned = (version: string) => ({ ...password(), version });

const broken = (name: string, error: AuthError): Provider => ({ name, get: () => Promise.reject(error) });

/** The vault has nothing, the settings have it: what the other links say of it is not what was used. */
const links = (here: World): Provider =>
  chain(broken("vault", absent("vault")), { ...here.credentials, name: "settings" });

const noIdentity = new AuthError("ERR_AUTH_UNAVAILABLE", "no-identity", "aws-sm prod: no role. Give it one.");

function observed(here: World, credentials: Provider) {
  const events: AuthEvent[] = [];
  const auth = here.auth({ credentials, onEvent: (event) => events.push(event) });
  return { auth, events, of: (type: string) => events.filter((event) => event.type === type) };
}

test("renewed, login, status and record say which link's credential bought the token", async () => {
  const here = world();
  here.credentials.value = versioned("v7");
  const { auth, of } = observed(here, links(here));
  const bought = { provider: "settings", version: "v7", account: "alice" };
  await auth.getToken();
  expect(of("renewed")).toMatchObject([bought]);
  expect(here.store.record()?.bought).toEqual(bought);
  const status = await auth.status();
  expect(status.token).toMatchObject(bought);
  expect(status.source).toBe("vault → settings");
  here.credentials.value = versioned("v8");
  await auth.login();
  expect(of("login")).toMatchObject([{ ...bought, version: "v8" }]);
  expect((await auth.status()).token?.version).toBe("v8");
});

test("a refreshed token keeps the provenance of its login, though the source has another version by now", async () => {
  const here = world();
  here.credentials.value = versioned("v7");
  const { auth, of } = observed(here, here.credentials);
  await auth.getToken();
  here.credentials.value = versioned("v8");
  await here.clock.advance(hour);
  await auth.getToken();
  expect(of("renewed").map(({ action, version }) => [action, version])).toEqual([
    ["exchange", "v7"],
    ["refresh", "v7"],
  ]);
  expect(here.store.record()?.bought?.version).toBe("v7");
});

test("who takes over what a sibling bought says whose credential it was; so does the status of a stored login", async () => {
  const here = world();
  here.credentials.value = versioned("v7");
  await here.auth({ credentials: links(here) }).getToken();
  const { auth, of } = observed(here, here.credentials);
  expect((await auth.status()).token).toMatchObject({ provider: "settings", version: "v7" });
  await auth.getToken();
  expect(of("adopted")).toMatchObject([{ provider: "settings", version: "v7", account: "alice" }]);
});

test("a grant without a server says it too", async () => {
  const events: AuthEvent[] = [];
  const credentials = chain(
    broken("env", absent("env")),
    fixed({ type: "access-token", token: new Secret("t"), version: "v1", account: "bob" }, "file"),
  );
  const auth = createAuth({ grant: bearer(), credentials, onEvent: (event) => events.push(event) });
  await auth.getToken();
  const bought = { provider: "file", version: "v1", account: "bob" };
  expect(events).toMatchObject([
    { type: "read", ...bought },
    { type: "renewed", ...bought },
  ]);
  expect((await auth.status()).token).toMatchObject(bought);
});

test("a cached chain says who won, as long as it remembers", async () => {
  const here = world();
  const { auth, of } = observed(here, cached(links(here), { ttlMs: hour, clock: here.clock }));
  await auth.getToken();
  await auth.login();
  expect(of("read").map(({ provider }) => provider)).toEqual(["settings", "settings"]);
});

test("odd facts of a source do not spoil the login", async () => {
  const here = world();
  here.credentials.value = { ...password(), version: 7, account: "", source: { name: "x" } } as never;
  const { auth, of } = observed(here, here.credentials);
  await auth.getToken();
  expect(here.store.record()?.bought).toEqual({});
  expect(of("read")[0]).not.toHaveProperty("version");
  expect(here.store.record()?.tokens.refreshToken?.reveal()).toBe("rt-1");
});

test("read: each read of the source, with provider, version and duration", async () => {
  const here = world();
  here.credentials.value = versioned("v7");
  here.credentials.before = () => here.clock.advance(30);
  const { auth, of } = observed(here, here.credentials);
  await auth.getToken();
  expect(of("read")).toEqual([
    {
      type: "read",
      auth: "acme",
      at: new Date(here.clock.now()),
      message: "acme: read from test source version v7 of alice",
      provider: "test source",
      version: "v7",
      account: "alice",
      durationMs: 30,
    },
  ]);
  await auth.getToken();
  expect(of("read")).toHaveLength(1);
});

test("read: past the cache after a refusal, and at a logout", async () => {
  const here = world();
  here.server.secrets.clear();
  const { auth, of } = observed(here, here.credentials);
  await failure(auth.getToken());
  expect(of("read")).toHaveLength(2);
  here.server.secrets.add("pw");
  await auth.getToken();
  await auth.logout();
  expect(of("read")).toHaveLength(here.credentials.reads.length);
});

test("read: a failure has code, reason and the words of the error", async () => {
  const here = world();
  here.credentials.before = () => {
    throw new AuthError("ERR_AUTH_NOT_FOUND", "not-set", "env ACME_*: not set. Set it.", {
      provider: "env ACME_*",
    });
  };
  const { auth, of } = observed(here, here.credentials);
  await failure(auth.getToken());
  expect(of("read")).toMatchObject([
    {
      provider: "env ACME_*",
      code: "ERR_AUTH_NOT_FOUND",
      reason: "not-set",
      message: "env ACME_*: not set. Set it.",
    },
  ]);
});

test("read: one that is given up has no outcome, and says so", async () => {
  const here = world();
  here.credentials.before = () => new Promise(() => {});
  const { auth, of } = observed(here, here.credentials);
  const login = new AbortController();
  const gone = auth.login({ signal: login.signal }).catch((error: unknown) => error);
  await here.clock.advance(0);
  login.abort("enough");
  expect(await gone).toBe("enough");
  await here.clock.advance(0);
  expect(of("read")).toMatchObject([{ provider: "test source", reason: "aborted" }]);
  expect(of("read")[0]).not.toHaveProperty("code");
});

test.each<[string, (provider: Provider, here: World) => Provider]>([
  ["a chain", (provider) => provider],
  ["a cached chain", (provider, { clock }) => cached(provider, { ttlMs: hour, clock })],
  ["a chain in a chain", (provider) => chain(provider)],
])("read: which links %s passed over, such as those that cannot work here", async (_, wrap) => {
  const here = world();
  const credentials = wrap(chain(broken("aws-sm prod", noIdentity), here.credentials), here);
  const { auth, of } = observed(here, credentials);
  await auth.getToken();
  expect(of("read")).toMatchObject([
    {
      provider: "test source",
      passedOver: [{ provider: "aws-sm prod", code: "ERR_AUTH_UNAVAILABLE", reason: "no-identity" }],
      message: "acme: read from test source of alice past aws-sm prod (no-identity)",
    },
  ]);
});

test("a warning says what its error says: which file, and what to do", async () => {
  const here = world();
  const { auth, of } = observed(here, here.credentials);
  await auth.getToken();
  await here.clock.advance(early);
  const error = unreachable("store-unavailable");
  here.server.before = () => {
    throw error;
  };
  await auth.getToken();
  await here.clock.advance(0);
  expect(of("warning")).toMatchObject([{ message: error.message, reason: "store-unavailable" }]);
});

test("every event has words that begin with whose it is, or are those of an error", async () => {
  const here = world();
  const { auth, events } = observed(here, here.credentials);
  here.server.before = ({ context }) => context.warn("password-grant");
  const token = await auth.getToken();
  auth.reject(token);
  here.server.before = () => {
    throw refused("invalid-scope");
  };
  await failure(auth.getToken());
  await auth.logout();
  await here
    .auth()
    .getToken()
    .catch(() => {});
  const others = events.filter(({ type }) => type !== "read");
  expect(others.map(({ message }) => message)).toEqual([
    "acme: warning (password-grant)",
    "acme: renewed by exchange from test source of alice",
    "acme: rejected by a server that was shown the token",
    refused("invalid-scope").message,
    "acme: logout",
  ]);
  expect(others.at(-2)?.type).toBe("failed");
});
