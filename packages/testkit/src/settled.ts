import assert from "node:assert/strict";

const { setTimeout: timer, clearTimeout: stop } = globalThis; // the real ones, whatever a test puts in their place

/** `promise`, or a failure that says what hangs. The limit is for the hopeless case: nothing waits for it otherwise. */
export function settled<T>(what: string, promise: Promise<T>, limitMs = 10_000): Promise<T> {
  let handle: ReturnType<typeof setTimeout>;
  const tooLong = new Promise<never>((_, reject) => {
    handle = timer(() => reject(new Error(`${what} did not settle within ${limitMs / 1000} s`)), limitMs);
  });
  return Promise.race([promise, tooLong]).finally(() => stop(handle));
}

/** What `promise` rejects with; a failure if it does not. */
export async function rejection(what: string, promise: Promise<unknown>): Promise<unknown> {
  const outcome = await settled(what, promise.then(resolved, rejected));
  assert.ok("rejected" in outcome, `${what} resolves, and should reject`);
  return outcome.rejected;
}

const resolved = (): Record<string, never> => ({});
const rejected = (thrown: unknown): { rejected: unknown } => ({ rejected: thrown });
