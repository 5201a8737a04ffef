import assert from "node:assert/strict";
import { type AuthError, type AuthErrorCode, isAuthError, type Provider } from "@auth/core";
import type { Canary } from "./canary.ts";

/** Gives `use` a new provider and disposes it afterwards. */
export async function withProvider<T, R>(
  create: () => Provider<T>,
  use: (provider: Provider<T>) => Promise<R>,
): Promise<R> {
  const provider = create();
  try {
    return await use(provider);
  } finally {
    await provider[Symbol.asyncDispose]?.();
  }
}

/** An error that a caller can decide on and a person can act on. */
export function assertAuthError(
  what: string,
  thrown: unknown,
  codes: readonly AuthErrorCode[],
): asserts thrown is AuthError {
  assert.ok(isAuthError(thrown), `${what}: expected an AuthError, got ${kindOf(thrown)}`);
  assert.ok(codes.includes(thrown.code), `${what}: expected ${codes.join(" or ")}, got ${thrown.code}`);
  assert.match(thrown.reason, /^[a-z\d]+(?:-[a-z\d]+)*$/, `${what}: the reason is a kebab-case word`);
  assert.match(thrown.message, /\S+ \S+/, `${what}: the message says who, what, and what to do next`);
  assert.equal(
    thrown.retryable,
    thrown.code === "ERR_AUTH_UNREACHABLE",
    `${what}: what can be tried again is ERR_AUTH_UNREACHABLE, and nothing else`,
  );
}

/** Names the kind of a thing without printing it. */
export function kindOf(thing: unknown): string {
  if (thing instanceof Error) return thing.name;
  return thing === null ? "null" : typeof thing;
}

/** The parts of each credential type: those that must be there, and those of them that are secrets. */
const parts: Readonly<Record<string, { texts: readonly string[]; secrets: readonly string[] }>> = {
  password: { texts: ["username"], secrets: ["password"] },
  "client-secret": { texts: ["clientId"], secrets: ["clientSecret"] },
  "private-key": { texts: ["clientId"], secrets: ["privateKey"] },
  "refresh-token": { texts: [], secrets: ["refreshToken"] },
  "access-token": { texts: [], secrets: ["token"] },
  "api-key": { texts: [], secrets: ["key"] },
};

/** A value is there, cannot be changed, shows no secret, and is complete if it is one of core's credentials. */
export function assertValue(value: unknown, secret: Canary): void {
  assert.ok(
    value !== undefined && value !== null && value !== "",
    "get resolves to a value, never to nothing",
  );
  secret.check(value);
  if (typeof value !== "object") return;
  assert.ok(Object.isFrozen(value), "the value is read-only: freeze it");
  const fields = value as Record<string, unknown>;
  const expected = parts[String(fields["type"])];
  if (!expected) return;
  for (const name of expected.texts)
    assert.ok(typeof fields[name] === "string" && fields[name] !== "", `the credential has its ${name}`);
  for (const name of expected.secrets) {
    const field = fields[name] as { reveal?: unknown } | undefined;
    assert.equal(typeof field?.reveal, "function", `the credential's ${name} is a Secret`);
  }
  if (fields["expiresAt"] !== undefined) {
    assert.ok(fields["expiresAt"] instanceof Date, "expiresAt is a Date");
    assert.ok(!Number.isNaN(fields["expiresAt"].getTime()), "expiresAt is a valid Date");
  }
}
