import { AuthError, isAuthError } from "@auth/core";
import { expect } from "vitest";

/** What `promise` rejects with; fails if it resolves. */
export async function rejection(promise: Promise<unknown>): Promise<unknown> {
  const outcome = await promise.then(
    (value) => ({ value }),
    (thrown: unknown) => ({ thrown }),
  );
  if (!("thrown" in outcome)) expect.fail("expected a rejection, and it resolved");
  return outcome.thrown;
}

/** `INVALID/store-corrupted`: code and reason of what `promise` rejects with, which must be an `AuthError`. */
export async function failure(promise: Promise<unknown>): Promise<string> {
  return short(await rejection(promise));
}

export function short(error: unknown): string {
  if (!isAuthError(error)) expect.fail(`not an AuthError but ${Object.prototype.toString.call(error)}`);
  expect(error).toBeInstanceOf(AuthError);
  return `${error.code.replace("ERR_AUTH_", "")}/${error.reason}`;
}

/** What `work` throws; fails if it does not. */
export function thrownBy(work: () => unknown): unknown {
  try {
    work();
  } catch (error) {
    return error;
  }
  return expect.fail("expected a throw");
}
