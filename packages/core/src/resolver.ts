import { AuthError } from "./errors.ts";
import type { Provider } from "./provider.ts";
import { parseReference, type Reference } from "./reference.ts";

export { formatReference, parseReference, type Reference } from "./reference.ts";

/** How a source package is reached by reference. Handed to {@link createResolver} by value: there is no registry. */
export interface Scheme {
  /** `env`, `aws-sm` … */
  readonly scheme: string;
  /** Other spellings that are accepted. */
  readonly aliases?: readonly string[];
  /** The package it comes from, for messages. */
  readonly package?: string;
  /** The selectors it knows, besides `optional`. Any other one is an error. */
  readonly selectors?: readonly string[];
  /** Makes the provider; touches nothing. */
  parse(reference: Reference): Provider;
  /** One line for people: what `reference` names. */
  describe?(reference: Reference): string;
}

/** Where the schemes of this project live, to answer "what do I install". */
const packages: Readonly<Record<string, string>> = {
  env: "@auth/env",
  file: "@auth/file",
  prompt: "@auth/prompt",
  "token-file": "@auth/token-file",
  keychain: "@auth/keychain",
  keyring: "@auth/keychain",
  "aws-sm": "@auth/aws-secrets-manager",
  "azure-kv": "@auth/azure-key-vault",
  exec: "@auth/exec",
};

export interface ResolverOptions {
  /** Configured instances, by the name that a reference gives after `@`. */
  readonly instances?: Readonly<Record<string, Scheme>>;
}

/**
 * Turns references into providers, with the schemes it was given and no others.
 *
 * Errors: `ERR_AUTH_INVALID/reference` for a malformed one, `/unknown-scheme` naming the package to install,
 * `/unknown-selector`. Every scheme accepts the selector `optional`: whoever collects several secrets may then go on
 * without this one.
 *
 * @example
 * ```ts
 * const resolve = createResolver([env, file]);
 * const provider = resolve("env:ACME_TOKEN");
 * ```
 */
export function createResolver(
  schemes: readonly Scheme[],
  { instances = {} }: ResolverOptions = {},
): (reference: string) => Provider {
  if (!Array.isArray(schemes) || !schemes.every((each) => each?.scheme && typeof each.parse === "function"))
    throw new TypeError("createResolver: expected a list of schemes, for example [env, file]");
  const known = new Map(
    schemes.flatMap((scheme) =>
      [scheme.scheme, ...(scheme.aliases ?? [])].map((name) => [name, scheme] as const),
    ),
  );
  return (text) => {
    const reference = parseReference(text);
    const scheme =
      reference.instance === undefined
        ? known.get(reference.scheme ?? "")
        : Object.hasOwn(instances, reference.instance)
          ? instances[reference.instance]
          : undefined;
    if (!scheme) throw unknownScheme(reference, [...known.keys()]);
    for (const key of reference.selectors.keys()) {
      if (key !== "optional" && !scheme.selectors?.includes(key)) throw unknownSelector(scheme, key);
    }
    return scheme.parse(reference);
  };
}

function unknownScheme({ scheme = "", instance }: Reference, known: readonly string[]): AuthError {
  if (instance !== undefined) {
    return invalid(
      "unknown-instance",
      `No instance "@${instance}" is configured. Define it, or name a scheme.`,
    );
  }
  const install = Object.hasOwn(packages, scheme) ? packages[scheme] : undefined;
  if (install) {
    return invalid(
      "unknown-scheme",
      `The scheme "${scheme}:" is not set up here. Install ${install} and hand its scheme to createResolver.`,
    );
  }
  const near = [...new Set([...known, ...Object.keys(packages)])].filter(
    (name) => distance(name, scheme) <= 2,
  );
  const hint =
    near.length > 0
      ? `did you mean ${near.map((name) => `"${name}:"`).join(" or ")}?`
      : `known here: ${known.join(", ")}.`;
  return invalid(
    "unknown-scheme",
    `Unknown scheme "${scheme}:"; ${hint} A literal value is not a reference.`,
  );
}

function unknownSelector(scheme: Scheme, key: string): AuthError {
  const allowed = ["optional", ...(scheme.selectors ?? [])].join(", ");
  return invalid(
    "unknown-selector",
    `"${key}" is not a selector of ${scheme.scheme}:. It knows: ${allowed}.`,
  );
}

function invalid(reason: string, message: string): AuthError {
  return new AuthError("ERR_AUTH_INVALID", reason, message);
}

/** Levenshtein's, for two short words. */
function distance(a: string, b: string): number {
  if (Math.abs(a.length - b.length) > 2) return 3;
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (const [i, char] of Array.from(a).entries()) {
    const next = [i + 1];
    for (const [j, other] of Array.from(b).entries()) {
      next.push(
        Math.min((next[j] ?? 0) + 1, (row[j + 1] ?? 0) + 1, (row[j] ?? 0) + (char === other ? 0 : 1)),
      );
    }
    row = next;
  }
  return row[b.length] ?? 0;
}
