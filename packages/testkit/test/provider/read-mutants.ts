import type { Credential } from "@auth/core";
import { around, careful, codes, fail, type Mutant } from "./careful.ts";

/** What goes wrong with how a provider reads. */
export const readMutants: Readonly<Record<string, Mutant>> = {
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
