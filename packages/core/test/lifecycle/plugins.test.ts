import { AccessToken, type Auth, createAuth, fixed, type Grant, isAuthError } from "@auth/core";
import { canary } from "@auth/testkit";
import { afterEach, beforeEach, expect, test } from "vitest";
import { eventually } from "../support/eventually.ts";
import { rejection, thrownBy } from "../support/outcome.ts";
import { hour, type World, world } from "../support/world.ts";

const unhandled: unknown[] = [];
const note = (reason: unknown): void => void unhandled.push(reason);
beforeEach(() => void process.on("unhandledRejection", note));
afterEach(() => {
  process.off("unhandledRejection", note);
  expect(unhandled.splice(0)).toEqual([]);
});

const secret = canary("plugin");

/** Everything that code may throw, with a secret in each corner. */
const thrown: Record<string, () => unknown> = {
  "a string": () => `failed with ${secret.value}`,
  undefined: () => undefined,
  null: () => null,
  "a number": () => 42,
  "an error": () => new Error(`bad token ${secret.value}`),
  "a frozen error": () => Object.freeze(new Error(secret.value)),
  "an error full of secrets": () =>
    Object.assign(new TypeError(secret.value, { cause: new Error(secret.value) }), {
      request: { headers: { authorization: secret.value } },
      response: { body: secret.value },
      code: "ECONNRESET",
    }),
  "an aggregate": () => new AggregateError([new Error(secret.value)], secret.value),
  "an object": () => ({ message: secret.value, toString: () => secret.value }),
  "a getter that throws": () =>
    Object.defineProperty(new Error("x"), "code", {
      get() {
        throw new Error(secret.value);
      },
    }),
  "a revoked proxy": () => {
    const { proxy, revoke } = Proxy.revocable({}, {});
    revoke();
    return proxy;
  },
  "a proxy that throws at every look": () =>
    new Proxy(new Error(secret.value), {
      get() {
        throw new Error(secret.value);
      },
    }),
};

/** The places where core runs foreign code, and a call that gets there. */
const places: Record<string, (here: World, fail: () => never) => Promise<unknown>> = {
  "source.get": (here, fail) => {
    here.credentials.before = fail;
    return here.auth().getToken();
  },
  "source.get, synchronously": (here, fail) =>
    here.auth({ credentials: { name: "broken", get: fail } }).getToken(),
  "grant.exchange": (here, fail) => {
    here.server.before = fail;
    return here.auth().getToken();
  },
  "grant.exchange, synchronously": (here, fail) =>
    here.auth({ grant: here.server.grant({ exchange: fail }) }).getToken(),
  "grant.exchange of a local grant": (here, fail) =>
    here.auth({ grant: here.server.grant({ local: true, exchange: fail }) }).getToken(),
  "grant.partition": (here, fail) => here.auth({ grant: here.server.grant({ partition: fail }) }).getToken(),
  "grant.partition, in status": (here, fail) =>
    here.auth({ grant: here.server.grant({ partition: fail }) }).status(),
  "grant.refresh": async (here, fail) => {
    const auth = here.auth({ grant: here.server.grant({ refresh: fail }) });
    await auth.getToken();
    return auth.getToken({ forceRefresh: true });
  },
  "grant.authorize": (here, fail) => here.auth({ grant: here.server.grant({ authorize: fail }) }).headers(),
  "store.read": (here, fail) => {
    here.store.before.read = fail;
    return here.auth().getToken();
  },
  "store.prepare": (here, fail) => {
    here.store.before.prepare = fail;
    return here.auth().getToken();
  },
  "store.write": (here, fail) => {
    here.store.before.write = fail;
    return here.auth().getToken();
  },
  "store.withLock": (here, fail) => here.auth({ store: { ...here.store, withLock: fail } }).getToken(),
};

async function throwEverything(place: string): Promise<void> {
  for (const [what, make] of Object.entries(thrown)) {
    const here = world();
    const call = places[place]?.(here, () => {
      throw make();
    });
    const error = await eventually(here.clock, rejection(call as Promise<unknown>));
    expect(isAuthError(error), `${place} threw ${what}`).toBe(true);
    secret.check(error);
  }
}

const open = new Set([
  "grant.exchange of a local grant",
  "grant.partition",
  "grant.partition, in status",
  "grant.authorize",
]);
const title = "SEC-117 whatever %s throws is wrapped, without its secrets";
test.each(Object.keys(places).filter((place) => !open.has(place)))(title, throwEverything);
test.each([...open])(title, throwEverything);

test("SEC-117 whatever grant.rejected throws, the token counts as refused", async () => {
  const here = world();
  const fail = (): never => {
    throw new Error(secret.value);
  };
  const auth = here.auth({ grant: here.server.grant({ rejected: fail }) });
  const token = await auth.getToken();
  expect(() => auth.reject(token, { status: 401, url: "", headers: new Headers() })).not.toThrow();
  expect(auth.peek()).toBeUndefined();
});

test.each(["revoke", "write", "partition"])(
  "SEC-67 SEC-117 whatever %s throws at logout is a failed part",
  async (what) => {
    const here = world();
    const fail = (): never => {
      throw new Error(secret.value);
    };
    const plain = here.server.grant();
    let works = true;
    const partition = () => (works ? plain.partition() : fail());
    const grant = { ...plain, partition, ...(what === "revoke" && { revoke: fail }) };
    const auth = here.auth({ grant });
    await auth.getToken();
    works = what !== "partition";
    if (what === "write") here.store.write = fail;
    // Who has a token knows whose it is; another one has to ask.
    const report = await (what === "partition" ? here.auth({ grant }) : auth).logout();
    expect(report.complete).toBe(false);
    expect(report.parts.filter(({ outcome }) => outcome === "failed")).toMatchObject([
      { reason: "unexpected-failure" },
    ]);
    secret.check(report);
  },
);

test("SEC-67 SEC-117 a revocation that throws synchronously does not hide why the flight ended", async () => {
  const here = world();
  const revoke = (): never => {
    throw new Error(secret.value);
  };
  const auth = here.auth({ grant: here.server.grant({ revoke }) });
  await auth.getToken();
  await here.clock.advance(hour);
  here.server.before = ({ kind }) => (kind === "refresh" ? here.store.logOut() : undefined);
  const error = await eventually(here.clock, rejection(auth.getToken()));
  expect(error).toMatchObject({ reason: "logged-out" });
  secret.check(error, here.events);
});

test("SEC-63 an observer whose promise rejects kills nobody", async () => {
  const here = world();
  const onEvent = async (): Promise<void> => {
    throw new Error("observer");
  };
  await here.auth({ onEvent: onEvent as () => void }).getToken();
  await here.clock.advance(0);
});

test("no grant is handed a signal that another one listens to", async () => {
  const here = world();
  const one = here.auth();
  const two = here.auth({ name: "two" });
  for (const auth of [one, two] satisfies Auth[]) {
    await auth.getToken();
    await auth.getToken({ forceRefresh: true });
  }
  const signals = here.server.asked.map(({ context }) => context.signal);
  expect(new Set(signals).size).toBe(signals.length);
});

test("a grant is given the app's fetch, and the global one as it is at the time of the call", async () => {
  const here = world();
  const mine: typeof fetch = async () => new Response("mine");
  const answers: string[] = [];
  const exchange: Grant["exchange"] = async (_, { fetch }) => {
    answers.push(await (await fetch("https://idp.example/")).text());
    return { accessToken: new AccessToken("at") };
  };
  const grant = here.server.grant({ exchange });
  await here.auth({ grant, fetch: mine, name: "mine" }).getToken();
  const auth = createAuth({ grant, credentials: fixed(here.credentials.value), clock: here.clock });
  const before = globalThis.fetch;
  try {
    globalThis.fetch = async () => new Response("global");
    await auth.getToken();
  } finally {
    globalThis.fetch = before;
  }
  expect(answers).toEqual(["mine", "global"]);
});

test("SEC-117 wrong arguments of a factory are TypeErrors that quote nothing", () => {
  for (const work of [
    () => createAuth({ grant: secret.value as never }),
    () => fixed(secret.value as never) && createAuth({} as never),
  ]) {
    const error = thrownBy(work);
    expect(error).toBeInstanceOf(TypeError);
    secret.check(error);
  }
});
