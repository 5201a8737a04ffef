import { readFileSync } from "node:fs";
import { setImmediate as macrotask } from "node:timers/promises";
import { AuthError, type AuthErrorCode, type Credential, cached, type Provider, Secret } from "@auth/core";
import { describe, expect, test } from "vitest";
import { captureOutput, testProvider } from "../src/index.ts";
import { failures, outcomes } from "./collect.ts";

type State = "present" | "absent" | "denied" | "malformed" | "halfConfigured" | "unreachable";
interface World {
  state: State;
  secret: string;
  gate: Promise<void>;
}

const codes: Readonly<Record<Exclude<State, "present">, AuthErrorCode>> = {
  absent: "ERR_AUTH_NOT_FOUND",
  denied: "ERR_AUTH_DENIED",
  malformed: "ERR_AUTH_INVALID",
  halfConfigured: "ERR_AUTH_INVALID",
  unreachable: "ERR_AUTH_UNREACHABLE",
};

const fail = (code: AuthErrorCode, message = "vault: no; mend it"): never => {
  throw new AuthError(code, "because", message, { provider: "vault" });
};

/** What a careful author writes. */
function careful(world: World): Provider {
  return {
    name: "vault",
    async get({ signal } = {}) {
      signal?.throwIfAborted();
      const left = new Promise<never>((_, reject) =>
        signal?.addEventListener("abort", () => reject(signal.reason)),
      );
      await Promise.race([world.gate.then(() => macrotask()), left]);
      if (world.state !== "present") return fail(codes[world.state]);
      if (world.secret === "") return fail("ERR_AUTH_NOT_FOUND");
      return Object.freeze({ type: "api-key", key: new Secret(world.secret), expiresAt: new Date(0) });
    },
  };
}

function suiteOf(create: (world: World) => Provider) {
  const world: World = { state: "absent", secret: "", gate: Promise.resolve() };
  const put = (state: State) => (secret: string) => {
    Object.assign(world, { state, secret });
  };
  return {
    name: "vault",
    create: () => create(world),
    arrange: {
      present: put("present"),
      absent: () => put("absent")(""),
      denied: put("denied"),
      malformed: put("malformed"),
      halfConfigured: put("halfConfigured"),
      unreachable: put("unreachable"),
      slow(secret: string) {
        put("present")(secret);
        const { promise, resolve } = Promise.withResolvers<void>();
        world.gate = promise;
        return resolve;
      },
    },
    reveal: (credential: Credential) => (credential.type === "api-key" ? credential.key.reveal() : ""),
    cleanup: () => {
      world.gate = Promise.resolve();
    },
  };
}

const run = async (create: (world: World) => Provider): Promise<string[]> => {
  const { result } = await captureOutput(() =>
    failures((framework) => testProvider({ ...framework, ...suiteOf(create), hangMs: 100 })),
  );
  return result;
};

/** The careful provider with another `get` around it. */
const around =
  (get: (inner: Provider, options: Parameters<Provider["get"]>[0], world: World) => Promise<unknown>) =>
  (world: World): Provider => {
    const inner = careful(world);
    return { ...inner, get: (options) => get(inner, options, world) as Promise<Credential> };
  };

const onError = (change: (error: AuthError, world: World) => unknown) =>
  around((inner, options, world) =>
    inner.get(options).catch((error: unknown) => {
      throw error instanceof Error && "code" in error ? change(error as AuthError, world) : error;
    }),
  );

const onValue = (change: (value: Credential & { type: "api-key" }) => unknown) =>
  around(async (inner, options) => change((await inner.get(options)) as Credential & { type: "api-key" }));

test("careful providers pass: bare, cached, and one that asks a person", async () => {
  expect(await run(careful)).toEqual([]);
  expect(await run((world) => ({ ...careful(world), interactive: true }))).toEqual([]);
  expect(await run((world) => cached(careful(world), { ttlMs: 60_000 }))).toEqual([]);
});

const mutants: Record<string, { make: (world: World) => Provider; fails: RegExp[] }> = {
  "reads a file when it is created": {
    make: (world) => {
      readFileSync(import.meta.filename);
      return careful(world);
    },
    fails: [/^creating/],
  },
  "starts a timer when it is created": {
    make: (world) => {
      setTimeout(() => {}, 0).unref();
      return careful(world);
    },
    fails: [/^creating/],
  },
  "fetches when it is created": {
    make: (world) => {
      fetch("http://127.0.0.1:49151/").catch(() => {});
      return careful(world);
    },
    fails: [/^creating/],
  },
  "reads its secret when it is created": {
    make: (world) => {
      const { secret, state } = world;
      return careful({ gate: world.gate, secret, state });
    },
    fails: [/^creating/, /^a failure/, /^SEC-69/],
  },
  "has a name that changes": {
    make: (world) => {
      let reads = 0;
      const inner = careful(world);
      return {
        get name() {
          return `vault ${reads}`;
        },
        get: (options) => {
          reads++;
          return inner.get(options);
        },
      };
    },
    fails: [/^its name/, /^explain/],
  },
  "has its secret in its name": {
    make: (world) => ({ ...careful(world), name: `vault ${world.secret}` }),
    fails: [/^its name/, /^explain/, /^denied/, /^malformed/, /^half/, /^unreachable/],
  },
  "keeps its secret in a property": {
    make: (world) => Object.assign(careful(world), { options: world }),
    fails: [/^its name/],
  },
  "answers undefined for absent": {
    make: around(async (inner, options, world) =>
      world.state === "absent" ? undefined : inner.get(options),
    ),
    fails: [/^absent/, /^a failure/],
  },
  "answers an empty secret": {
    make: around((inner, options, world) => {
      if (world.state !== "present" || world.secret) return inner.get(options);
      return Promise.resolve(Object.freeze({ type: "api-key", key: new Secret("") }));
    }),
    fails: [/^a blank secret/],
  },
  "reports denied as absent": {
    make: onError((error) =>
      error.code === "ERR_AUTH_DENIED"
        ? new AuthError("ERR_AUTH_NOT_FOUND", error.reason, error.message)
        : error,
    ),
    fails: [/^denied/],
  },
  "reports what is malformed as absent": {
    make: onError((error, { state }) =>
      state === "malformed" ? new AuthError("ERR_AUTH_NOT_FOUND", error.reason, error.message) : error,
    ),
    fails: [/^malformed/],
  },
  "reports half a credential as a miss": {
    make: onError((error, { state }) =>
      state === "halfConfigured" ? new AuthError("ERR_AUTH_NOT_FOUND", error.reason, error.message) : error,
    ),
    fails: [/^half a credential/],
  },
  "reports a blip as final": {
    make: onError((error) =>
      error.code === "ERR_AUTH_UNREACHABLE"
        ? new AuthError(error.code, error.reason, error.message, { retryable: false })
        : error,
    ),
    fails: [/^unreachable/],
  },
  "throws a vendor's error": {
    make: onError((error) => Object.assign(new Error(error.message), { code: error.code })),
    fails: [/^absent/, /^denied/, /^malformed/, /^half/, /^unreachable/, /^a blank secret/, /^a failure/],
  },
  "has a sentence for a reason": {
    make: onError((error) => new AuthError(error.code, "Not found!", error.message)),
    fails: [/^absent/, /^denied/, /^malformed/, /^half/, /^unreachable/, /^a blank secret/, /^a failure/],
  },
  "quotes its input": {
    make: onError(
      (error, { secret }) =>
        new AuthError(error.code, error.reason, `vault: cannot parse ${secret}; mend it`),
    ),
    fails: [/^denied/, /^malformed/, /^half/, /^unreachable/],
  },
  "hides a raw error in its cause": {
    make: onError((error, { secret }) => {
      Object.defineProperty(error, "cause", { value: new Error(`Basic ${btoa(`user:${secret}`)}`) });
      return error;
    }),
    fails: [/^denied/, /^malformed/, /^half/, /^unreachable/],
  },
  "prints what it read": {
    make: onValue((value) => {
      console.debug("read %s", value.key.reveal());
      return value;
    }),
    fails: [/^SEC-135/],
  },
  "answers a value that can be changed": {
    make: onValue((value) => ({ ...value })),
    fails: [/^present/],
  },
  "shows its secret in the value": {
    make: onValue((value) => Object.freeze({ ...value, raw: value.key.reveal() })),
    fails: [/^present/],
  },
  "has a plain string for a secret": {
    make: onValue((value) => Object.freeze({ ...value, key: { text: value.key.reveal() } })),
    fails: [
      /^creating/,
      /^present/,
      /^SEC-28/,
      /^concurrent/,
      /^a failure/,
      /^SEC-69/,
      /^disposing/,
      /^a secret with/,
    ],
  },
  "trims its secret": {
    make: onValue((value) =>
      Object.freeze({ ...value, key: new Secret(value.key.reveal().replace(/\s+/g, " ")) }),
    ),
    fails: [/^a secret with inner spaces/],
  },
  "normalizes its secret": {
    make: onValue((value) => Object.freeze({ ...value, key: new Secret(value.key.reveal().normalize()) })),
    fails: [/^a secret with several scripts/],
  },
  "ignores an aborted signal": {
    make: around((inner) => inner.get()),
    fails: [/^SEC-28 abort rejects/, /^SEC-28 abort ends/],
  },
  "looks at its signal only before": {
    make: around(async (inner, options) => {
      options?.signal?.throwIfAborted();
      return inner.get();
    }),
    fails: [/^SEC-28 abort ends/],
  },
  "throws where it should reject": {
    make: around((inner, options) => {
      options?.signal?.throwIfAborted();
      return inner.get(options);
    }),
    fails: [/^SEC-28 abort rejects/],
  },
  "wraps the signal's reason": {
    make: around((inner, options) =>
      inner.get(options).catch((error: unknown) => {
        throw options?.signal?.aborted ? new Error("aborted", { cause: error }) : error;
      }),
    ),
    fails: [/^SEC-28 abort rejects/, /^SEC-28 abort ends/],
  },
  "lets one caller's abort end the others' wait": {
    make: (world) => {
      const inner = careful(world);
      const leave = new AbortController();
      const link = (signal?: AbortSignal): void =>
        signal?.addEventListener("abort", () => leave.abort(signal.reason));
      return {
        ...inner,
        get: ({ signal } = {}) => {
          signal?.throwIfAborted();
          link(signal);
          return inner.get({ signal: leave.signal });
        },
      };
    },
    fails: [/^SEC-28 abort rejects/, /^SEC-28 abort ends/],
  },
  "cannot be read twice at once": {
    make: (world) => {
      const inner = careful(world);
      let busy = false;
      return {
        ...inner,
        async get(options) {
          if (busy) return fail("ERR_AUTH_UNREACHABLE", "vault: busy; wait");
          busy = true;
          return inner.get(options).finally(() => {
            busy = false;
          });
        },
      };
    },
    fails: [/^SEC-28 abort ends/, /^concurrent/],
  },
  "keeps a rejected promise": {
    make: (world) => {
      const inner = careful(world);
      let kept: Promise<Credential> | undefined;
      return {
        ...inner,
        get: (options = {}) => {
          if (options.forceRefresh) kept = undefined;
          kept ??= inner.get(options);
          return kept;
        },
      };
    },
    fails: [/^SEC-28 abort rejects/, /^SEC-28 abort ends/, /^a failure/],
  },
  "keeps its own copy of the secret": {
    make: (world) => {
      const inner = careful(world);
      let kept: Credential | undefined;
      return {
        ...inner,
        async get(options) {
          options?.signal?.throwIfAborted();
          kept ??= await inner.get(options);
          return kept;
        },
      };
    },
    fails: [/^SEC-69/],
  },
  "explains something else than it does": {
    make: (world) => ({
      ...careful(world),
      explain: async () => ({ provider: "vault", outcome: "found", durationMs: 0 }),
    }),
    fails: [/^absent/, /^denied/, /^malformed/, /^half/, /^unreachable/],
  },
  "asks a person, and explains something else than it does": {
    make: (world) => ({
      ...careful(world),
      interactive: true,
      explain: async () => ({ provider: "vault", outcome: "found", durationMs: 0 }),
    }),
    fails: [/^absent/, /^denied/, /^malformed/, /^half/, /^unreachable/, /^explain/],
  },
  "explains with its secret": {
    make: (world) => ({
      ...careful(world),
      explain: async () => ({
        provider: "vault",
        outcome: world.state === "present" ? "found" : codes[world.state],
        reason: `read ${encodeURIComponent(world.secret)}`,
        durationMs: 0,
      }),
    }),
    fails: [/^explain/, /^denied/, /^malformed/, /^half/, /^unreachable/],
  },
  "cannot be disposed twice": {
    make: (world) => {
      let disposed = 0;
      return {
        ...careful(world),
        async [Symbol.asyncDispose]() {
          if (disposed++) throw new Error("disposed");
        },
      };
    },
    fails: [/^disposing/],
  },
};

describe("a provider fails that", () => {
  test.each(Object.entries(mutants))("%s", async (_, { make, fails }) => {
    const failed = await run(make);
    for (const expected of fails)
      expect(failed, `expected ${expected} to fail`).toContainEqual(expect.stringMatching(expected));
    const others = failed.filter((title) => !fails.some((expected) => expected.test(title)));
    expect(others, "and nothing else").toEqual([]);
  });
});

describe("arrangements and reasons", () => {
  const suite = suiteOf(careful);
  const { present, absent, malformed, halfConfigured } = suite.arrange;
  const bare = { ...suite, arrange: { present, absent, malformed, halfConfigured } };

  test("a missing arrangement without a reason fails and says what to do", async () => {
    const results = await outcomes((framework) => testProvider({ ...framework, ...bare }));
    expect(results.filter((each) => "error" in each).map((each) => String(each.error))).toEqual([
      'Error: Nothing is given to run this with. Give arrange.denied, or say why not: skip: { denied: "…" }',
    ]);
  });

  test("with a reason it is shown as skipped, and the reason is in the title", async () => {
    const skip = { denied: "nobody is refused here", long: "keys are short" };
    const results = await outcomes((framework) => testProvider({ ...framework, ...bare, skip }));
    expect(results.filter((each) => each.skipped).map((each) => each.title)).toEqual([
      "denied is told apart from absent: ERR_AUTH_DENIED (skipped: nobody is refused here)",
      "a secret with 4096 characters comes back unchanged (skipped: keys are short)",
    ]);
    expect(results.filter((each) => "error" in each)).toEqual([]);
  });

  test("a reason without words, or for a case that there is not, is refused", () => {
    const register = (skip: object) => () =>
      failures((framework) => testProvider({ ...framework, ...bare, skip }));
    return Promise.all([
      expect(register({ denied: " " })()).rejects.toThrow(/skip\.denied needs a reason/),
      expect(register({ dennied: "x" })()).rejects.toThrow(/no case "dennied".*denied/),
    ]);
  });

  test("another code for absence can be declared", async () => {
    const make = onError((error) =>
      error.code === "ERR_AUTH_NOT_FOUND"
        ? new AuthError("ERR_AUTH_EXHAUSTED", error.reason, error.message)
        : error,
    );
    const declared = { ...suiteOf(make), codes: { absent: "ERR_AUTH_EXHAUSTED" } as const };
    expect(await failures((framework) => testProvider({ ...framework, ...declared }))).toEqual([]);
    expect(await run(make)).toContainEqual(expect.stringMatching(/^absent/));
  });

  test("cleanup runs after each case, failed ones too", async () => {
    let cleaned = 0;
    const results = await outcomes((framework) =>
      testProvider({
        ...framework,
        ...suiteOf(onValue(() => undefined)),
        cleanup: () => {
          cleaned++;
        },
        skip: { slow: "it is not cleaned up here" },
      }),
    );
    expect(cleaned).toBe(results.filter((each) => !each.skipped).length);
  });
});
