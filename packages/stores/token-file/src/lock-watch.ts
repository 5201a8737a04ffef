import type { Chain } from "./lock-chain.ts";
import { type LockLimits, mayTakeOver } from "./lock-verdict.ts";
import { hasEnded } from "./process-identity.ts";
import type { System } from "./system.ts";

/** One waiter's view of the lock that it waits for. */
export class LockWatch {
  readonly #system: System;
  readonly #limits: LockLimits;
  #state = "";
  #silentMs = 0;
  #lookedAt: number;

  constructor(system: System, limits: LockLimits) {
    this.#system = system;
    this.#limits = limits;
    this.#lookedAt = system.clock.monotonic();
  }

  /** Whether this state may be taken over. */
  judge(chain: Chain): boolean {
    const { clock, self } = this.#system;
    const { holder, frozen, seenAt } = chain;
    const now = clock.monotonic();
    const state = `${chain.next} ${seenAt}`;
    // Time in which we did not look ourselves, because we were stopped too, does not count.
    this.#silentMs =
      state === this.#state
        ? this.#silentMs + Math.min(now - this.#lookedAt, this.#limits.heartbeatMs / 5)
        : 0;
    this.#state = state;
    this.#lookedAt = now;
    const local = holder?.space === self.space;
    return mayTakeOver(
      {
        ended: holder !== undefined && hasEnded(holder, self, seenAt, clock.now()),
        alive: local ? (holder.pid === self.pid ? "own" : "other") : undefined,
        frozen,
        ageMs: clock.now() - seenAt,
        silentMs: this.#silentMs,
      },
      this.#limits,
    );
  }
}
