import { readFileSync } from "node:fs";
import { AuthError, Secret } from "@auth/core";
import { around, careful, type Mutant, onError, onValue } from "./careful.ts";

/** What goes wrong with what a provider answers. */
export const outcomeMutants: Readonly<Record<string, Mutant>> = {
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
  "looks at the environment when it is created": {
    make: (world) => Object.assign(careful(world), { name: process.env["AUTH_NOBODY_SETS_THIS"] ?? "vault" }),
    fails: [/^creating/],
  },
  "copies the environment when it is created": {
    make: (world) => {
      void { ...process.env };
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
    fails: [/^its name/],
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
  "cuts the blanks off its secret": {
    make: onValue((value) => Object.freeze({ ...value, key: new Secret(value.key.reveal().trim()) })),
    fails: [/^a secret with blanks at its ends/],
  },
  "trims its secret": {
    make: onValue((value) =>
      Object.freeze({ ...value, key: new Secret(value.key.reveal().replace(/\s+/g, " ")) }),
    ),
    fails: [/^a secret with inner spaces/, /^a secret with blanks/],
  },
  "normalizes its secret": {
    make: onValue((value) => Object.freeze({ ...value, key: new Secret(value.key.reveal().normalize()) })),
    fails: [/^a secret with several scripts/],
  },
};
