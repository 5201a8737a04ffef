import type { Credential } from "./credential.ts";
import { type Attempt, type AuthError, type AuthErrorCode, failure, toAuthError } from "./errors.ts";
import { look } from "./explain.ts";
import type { Explanation, Provider } from "./provider.ts";

/** Going on is the exception: a chain that skips a broken source may run under somebody else's identity (SEC-68). */
const goesOn: ReadonlySet<AuthErrorCode> = new Set([
  "ERR_AUTH_NOT_FOUND",
  "ERR_AUTH_UNAVAILABLE",
  "ERR_AUTH_EXHAUSTED",
]);

/**
 * The first provider that has a value. It goes on only after `ERR_AUTH_NOT_FOUND` and `ERR_AUTH_UNAVAILABLE`; any other
 * failure is thrown as it is. The first winner is kept: later reads ask it alone.
 *
 * The last argument may be `{ sticky: false }`: then every read starts at the first provider again.
 *
 * Errors: `ERR_AUTH_EXHAUSTED/no-source-answered` with `attempts`; `ERR_AUTH_INVALID/winner-gone` when the kept winner has
 * nothing any more.
 *
 * @example
 * ```ts
 * const credentials = chain(fromEnv({ prefix: "ACME" }), fromFile({ path: "/run/secrets/acme" }), fromPrompt());
 * ```
 */
export function chain<T>(
  ...args: readonly [...Provider<T>[], { readonly sticky: boolean }] | readonly Provider<T>[]
): Provider<T> {
  const last = args.at(-1);
  const options = last && typeof last === "object" && !("get" in last) ? last : undefined;
  const providers = (options ? args.slice(0, -1) : args) as readonly Provider<T>[];
  if (
    !providers.length ||
    !providers.every((provider) => typeof provider?.get === "function" && provider.name)
  )
    throw new TypeError("chain: expected providers: objects with a `name` and a `get`");
  const sticky = options?.sticky ?? true;
  const name = providers.map((provider) => provider.name).join(" → ");
  let winner: Provider<T> | undefined;

  const self: Provider<T> = {
    name,
    get interactive() {
      return winner ? winner.interactive === true : providers.some((provider) => provider.interactive);
    },
    async get(options = {}) {
      const attempts: Attempt[] = [];
      for (const provider of winner ? [winner] : providers) {
        options.signal?.throwIfAborted();
        try {
          const value = signed(await provider.get(options), provider.name);
          if (sticky) winner ??= provider;
          // Another read may have found its winner meanwhile: all are to agree.
          return winner && winner !== provider ? self.get(options) : value;
        } catch (thrown) {
          options.signal?.throwIfAborted();
          const error = toAuthError(thrown, provider.name);
          const { code, reason, message } = error;
          if (!goesOn.has(code)) throw error;
          const attempt = { provider: provider.name, code, reason, message };
          attempts.push(attempt);
          options.onPassedOver?.(attempt);
        }
      }
      throw winner ? gone(winner.name, attempts) : exhausted(name, attempts);
    },
    async explain(options) {
      const links: Explanation[] = [];
      let outcome: Explanation["outcome"] = "ERR_AUTH_EXHAUSTED";
      for (const provider of providers) {
        const decided = outcome !== "ERR_AUTH_EXHAUSTED";
        const link = await look(provider, options);
        const wins = winner ? provider === winner : !decided && link.outcome === "found";
        links.push(wins ? { ...link, winner: true } : link);
        if (!decided && !goesOn.has(link.outcome as AuthErrorCode)) outcome = link.outcome;
      }
      return {
        provider: name,
        outcome,
        durationMs: links.reduce((sum, link) => sum + link.durationMs, 0),
        links,
      };
    },
    async [Symbol.asyncDispose]() {
      await Promise.all(providers.map(async (provider) => provider[Symbol.asyncDispose]?.()));
    },
  };
  return self;
}

/** A credential that does not say where it comes from: of this link. The secrets themselves are not copied. */
function signed<T>(value: T, source: string): T {
  const { type, source: own } = Object(value) as Partial<Credential>;
  const plain = type && Object.getPrototypeOf(value) === Object.prototype;
  return plain && own === undefined ? Object.freeze({ ...value, source }) : value;
}

function gone(name: string, attempts: readonly Attempt[]): AuthError {
  const what = "answered before, has nothing now. Put it back, or restart.";
  return failure("INVALID", "winner-gone", name, what, { attempts });
}

function exhausted(name: string, attempts: readonly Attempt[]): AuthError {
  const tried = attempts.map(({ message }) => `\n  - ${message}`).join("");
  return failure("EXHAUSTED", "no-source-answered", name, `none has the credential. Tried:${tried}`, {
    attempts,
  });
}
