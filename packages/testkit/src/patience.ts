import assert from "node:assert/strict";

const { setTimeout: timer, clearTimeout: stop } = globalThis; // the real ones, whatever a test puts in their place

/** How long a call may take before it counts as hanging, and what to do with calls under that limit. */
export interface Patience {
  /** `promise`, or a failure that says what hangs. */
  readonly settled: <T>(what: string, promise: Promise<T>) => Promise<T>;
  /** What `promise` rejects with; a failure if it does not. */
  readonly rejection: (what: string, promise: Promise<unknown>) => Promise<unknown>;
}

/** Nothing waits for the limit but the hopeless case. Default 4000 ms, less than test frameworks allow a whole test. */
export function patience(hangMs = 4000): Patience {
  function settled<T>(what: string, promise: Promise<T>): Promise<T> {
    let handle: ReturnType<typeof setTimeout>;
    const hangs = new Promise<never>((_, reject) => {
      handle = timer(() => reject(new Error(`${what} did not settle within ${hangMs} ms`)), hangMs);
    });
    return Promise.race([promise, hangs]).finally(() => stop(handle));
  }
  return {
    settled,
    rejection(what, promise) {
      const thrown = settled(what, promise.then(resolved, rejected)).then((outcome) => {
        assert.ok("rejected" in outcome, `${what} resolves, and should reject`);
        return outcome.rejected;
      });
      thrown.catch(() => {}); // whoever asked may still be busy; the failure is theirs when they look
      return thrown;
    },
  };
}

const resolved = (): Record<string, never> => ({});
const rejected = (thrown: unknown): { rejected: unknown } => ({ rejected: thrown });
