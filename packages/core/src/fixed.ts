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
export function fixed(value: Credential, name?: string): Provider;
export function fixed<T>(value: T, name?: string): Provider<T>;
export function fixed<T>(value: T, name = "fixed"): Provider<T> {
  const kept =
    value && Object.getPrototypeOf(value) === Object.prototype ? Object.freeze({ ...value }) : value;
  return {
    name,
    get: async ({ signal } = {}) => {
      signal?.throwIfAborted();
      return kept;
    },
  };
}
