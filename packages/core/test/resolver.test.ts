import { fixed, isAuthError, Secret } from "@auth/core";
import { createResolver, formatReference, type Reference, type Scheme } from "@auth/core/resolver";
import { canary } from "@auth/testkit";
import { expect, test } from "vitest";
import { short, thrownBy } from "./support/outcome.ts";

function scheme(name: string, more: Partial<Scheme> = {}): Scheme & { seen: Reference[] } {
  const seen: Reference[] = [];
  return {
    scheme: name,
    seen,
    parse(reference) {
      seen.push(reference);
      return fixed({ type: "api-key", key: new Secret("k") }, formatReference(reference));
    },
    ...more,
  };
}

const message = (work: () => unknown): string => (thrownBy(work) as Error).message;

test("a reference goes to the scheme it names, or to an alias of it", () => {
  const env = scheme("env");
  const keychain = scheme("keychain", { aliases: ["keyring"] });
  const resolve = createResolver([env, keychain]);
  expect(resolve("env:A").name).toBe("env:A");
  expect(resolve("keyring://billing/alice").name).toBe("keyring://billing/alice");
  expect(env.seen).toHaveLength(1);
  expect(keychain.seen).toHaveLength(1);
});

test("a configured instance is named with an at sign, and is no scheme", () => {
  const prod = scheme("aws-sm");
  const resolve = createResolver([], { instances: { prod } });
  expect(resolve("@prod:/billing").name).toBe("@prod:/billing");
  expect(short(thrownBy(() => resolve("prod:/billing")))).toBe("INVALID/unknown-scheme");
  expect(short(thrownBy(() => resolve("@test:/billing")))).toBe("INVALID/unknown-instance");
});

test("an unknown scheme of ours names the package to install", () => {
  const resolve = createResolver([]);
  for (const [reference, name] of [
    ["aws-sm://eu/x", "@auth/aws-secrets-manager"],
    ["azure-kv://v/x", "@auth/azure-key-vault"],
    ["keychain://s/a", "@auth/keychain"],
    ["keyring://s/a", "@auth/keychain"],
    ["env:A", "@auth/env"],
    ["file:/a", "@auth/file"],
    ["prompt:A", "@auth/prompt"],
    ["exec:a", "@auth/exec"],
    ["token-file:/a", "@auth/token-file"],
  ] as const) {
    expect(short(thrownBy(() => resolve(reference)))).toBe("INVALID/unknown-scheme");
    expect(message(() => resolve(reference))).toContain(name);
  }
});

test("a misspelt scheme is asked about", () => {
  const resolve = createResolver([scheme("env"), scheme("vault")]);
  expect(message(() => resolve("awssm:x"))).toContain('"aws-sm:"');
  expect(message(() => resolve("valt:x"))).toContain('"vault:"');
  expect(message(() => resolve("envv:x"))).toContain('"env:"');
  expect(message(() => resolve("completely-else:x"))).toContain("env, vault");
});

test("names of Object.prototype are no schemes", () => {
  const resolve = createResolver([scheme("env")]);
  for (const name of ["constructor", "tostring", "valueof", "hasownproperty"])
    expect(short(thrownBy(() => resolve(`${name}:x`)))).toBe("INVALID/unknown-scheme");
  expect(short(thrownBy(() => resolve("@constructor:x")))).toBe("INVALID/unknown-instance");
});

test("a selector that the scheme does not know is an error that lists those it knows", () => {
  const resolve = createResolver([scheme("aws-sm", { selectors: ["stage", "version"] }), scheme("env")]);
  expect(resolve("aws-sm:x?stage=A&version=1&optional").name).toContain("stage=A");
  expect(resolve("env:x?optional").name).toBe("env:x?optional=");
  expect(short(thrownBy(() => resolve("aws-sm:x?region=eu")))).toBe("INVALID/unknown-selector");
  expect(message(() => resolve("aws-sm:x?region=eu"))).toContain("optional, stage, version");
  expect(short(thrownBy(() => resolve("env:x?stage=A")))).toBe("INVALID/unknown-selector");
});

test("SEC-3 what stands in an unknown selector is not quoted", () => {
  const { value, check } = canary("selector");
  check(thrownBy(() => createResolver([scheme("env")])(`env:A?pwd=${value}`)));
});

test("a literal value is not a reference, and is not quoted", () => {
  const { value, check } = canary("literal");
  const error = thrownBy(() => createResolver([scheme("env")])(value));
  expect(short(error)).toBe("INVALID/reference");
  check(error);
});

test("resolving touches nothing: a scheme only makes a provider", () => {
  let reads = 0;
  const lazy = scheme("lazy", { parse: () => ({ name: "lazy", get: async () => ++reads as never }) });
  createResolver([lazy])("lazy:x");
  expect(reads).toBe(0);
});

test("there is no registry: a resolver knows what it was given", () => {
  createResolver([scheme("vault")]);
  const error = thrownBy(() => createResolver([])("vault:x"));
  expect(isAuthError(error, "ERR_AUTH_INVALID")).toBe(true);
});
