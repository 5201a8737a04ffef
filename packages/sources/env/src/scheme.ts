import { AuthError } from "@auth/core";
import { formatReference, type Reference, type Scheme } from "@auth/core/resolver";
import { type FromEnvOptions, fromEnv } from "./from-env.ts";

/**
 * `env:ACME_TOKEN` is one variable, a bare secret or JSON (`env:DB_SECRET#/password`); `env:ACME_*` is a prefix.
 * Selectors: `encoding` (`utf8`, `base64`) and `bare` (`token`, `apiKey`, `refreshToken`: what a bare secret is).
 *
 * @example
 * ```ts
 * const resolve = createResolver([scheme]);
 * const key = resolve("env:ACME_KEY?bare=apiKey");
 * ```
 */
export const scheme: Scheme = {
  scheme: "env",
  package: "@auth/env",
  selectors: ["bare", "encoding"],
  parse: (reference) => fromEnv(optionsOf(reference)),
  describe: (reference) => {
    const { prefix, payload, field } = optionsOf(reference);
    if (prefix !== undefined) return `the environment variables ${prefix}_*`;
    return `${field === undefined ? "" : `"${field}" in `}the environment variable ${payload}`;
  },
};

function optionsOf(reference: Reference): FromEnvOptions {
  const { locator = "", path, selectors, field } = reference;
  // `env://NAME` is accepted too: there the name stands where others have a place.
  const name = locator + path;
  if (!/^[A-Za-z_]\w*$|^[A-Za-z_]\w*_\*$/.test(name))
    throw invalid(
      "The reference after env: is not the name of a variable, nor a prefix like ACME_*; its text is not shown",
    );
  if (name.endsWith("_*")) {
    if (selectors.has("bare") || selectors.has("encoding") || field !== undefined)
      throw invalid(`${formatReference(reference)} has a part that goes with a single variable only`);
    return { prefix: name.slice(0, -2) };
  }
  return {
    payload: name,
    field,
    bare: choice(reference, "bare", ["token", "apiKey", "refreshToken"]),
    encoding: choice(reference, "encoding", ["utf8", "base64"]),
  };
}

function choice<T extends string>(reference: Reference, key: string, values: readonly T[]): T | undefined {
  const value = reference.selectors.get(key);
  if (value === undefined) return undefined;
  const known = values.find((known) => known === value);
  if (!known) throw invalid(`${formatReference(reference)}: "${key}" is one of ${values.join(", ")}`);
  return known;
}

function invalid(problem: string): AuthError {
  return new AuthError("ERR_AUTH_INVALID", "reference", `${problem}.`);
}
