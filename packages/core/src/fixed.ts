import type { Credential } from "./credential.ts";
import type { Provider } from "./provider.ts";

/**
 * A provider of a value that the program already has.
 *
 * @example
 * ```ts
 * const provider = fixed({ type: "api-key", key: new Secret(key) });
 * ```
 */
export function fixed<T = Credential>(value: T, name = "fixed"): Provider<T> {
  const kept = typeof value === "object" && value !== null ? Object.freeze({ ...value }) : value;
  return {
    name,
    get: async ({ signal } = {}) => {
      signal?.throwIfAborted();
      return kept;
    },
  };
}
