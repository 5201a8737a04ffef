import { type Clock, type GrantContext, type Secret, systemClock } from "@auth/core";

/** What core would hand to a grant, and what the grant said through it. */
export interface TestContext extends GrantContext {
  readonly warnings: string[];
  readonly salvaged: string[];
}

export function testContext(over: Partial<GrantContext> = {}): TestContext {
  const warnings: string[] = [];
  const salvaged: string[] = [];
  return {
    signal: new AbortController().signal,
    fetch: (input, init) => fetch(input, init),
    clock: systemClock,
    timeLeftMs: 600_000, // so that a hasty clock can tell a time-out from a pause
    warn: (reason) => warnings.push(reason),
    salvage: (token: Secret) => salvaged.push(token.reveal()),
    ...over,
    warnings,
    salvaged,
  };
}

/** What `work` fails with. */
export async function failure(work: Promise<unknown>): Promise<unknown> {
  return work.then(
    () => {
      throw new Error("this should have failed");
    },
    (thrown: unknown) => thrown,
  );
}

export interface HastyClock extends Clock {
  readonly pauses: number[];
  pass(ms: number): void;
}

/** A clock whose short waits (the back-off) are over at once, and whose long ones (the time-out) never end. Notes the short ones. */
export function hastyClock(now: number = Date.UTC(2026, 0, 1), longestPauseMs: number = 36_000): HastyClock {
  const pauses: number[] = [];
  let passed = 0;
  return {
    pauses,
    pass(ms) {
      passed += ms;
    },
    now: () => now + passed,
    monotonic: () => 1_000 + passed,
    random: () => 0.5,
    sleep(ms, { signal } = {}) {
      if (ms < longestPauseMs) {
        pauses.push(ms);
        passed += ms;
        return Promise.resolve();
      }
      return new Promise((_, reject) => {
        signal?.addEventListener("abort", () => reject(signal.reason), { once: true });
      });
    },
  };
}
