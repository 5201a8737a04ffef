import type { GetTokenOptions } from "./auth.ts";
import type { Clock } from "./clock.ts";
import type { Now } from "./decide.ts";
import type { Memory } from "./memory.ts";
import type { AccessToken } from "./token.ts";

/** How long after a look at both clocks the wall clock alone is believed. */
const longestTrustMs = 50;

/** Says that both clocks were looked at, and that nothing changes within `ms`; without: look at both again. */
export type Trust = (seen?: Now, ms?: number) => void;

/**
 * A fresh token, with one look at one clock. What that takes lies in this object itself, so that a thousand identities are
 * about as quick as one.
 */
export class HotPath {
  readonly #clock: Clock;
  #wall = 0;
  #monotonic = 0;
  #trustMs = 0;
  /** Counts answers: a wall clock that stands still would be believed for ever. */
  #count = 0;
  #served: Promise<AccessToken> | undefined;
  readonly #acquire: (options?: GetTokenOptions) => Promise<AccessToken>;
  readonly #memory: Memory;

  constructor(memory: Memory, clock: Clock, acquire: (options?: GetTokenOptions) => Promise<AccessToken>) {
    this.#memory = memory;
    this.#clock = clock;
    this.#acquire = acquire;
    memory.trust = (seen, ms = 0) => {
      if (seen) {
        this.#wall = seen.wall;
        this.#monotonic = seen.monotonic;
      }
      this.#trustMs = Math.min(ms, longestTrustMs);
      if (memory.token) this.#served = Promise.resolve(memory.token);
    };
  }

  #fresh(): boolean {
    const since = this.#trustMs && this.#clock.now() - this.#wall; // nothing in hand: no look at a clock
    if (!(since > 0 && since < this.#trustMs)) return false;
    // Every so often the other clock has to agree; where it does not, neither is believed before both were looked at.
    this.#count = (this.#count + 1) & 1023;
    if (this.#count > 0 || this.#clock.monotonic() - this.#monotonic < this.#trustMs) return true;
    this.#trustMs = 0;
    return false;
  }

  getToken(options?: GetTokenOptions): Promise<AccessToken> {
    // Wishes need thought; a signal that has not fired is none, since nothing is waited for.
    const wishes = options && (options.forceRefresh || options.minTtlMs || options.signal?.aborted);
    return !wishes && this.#fresh() ? (this.#served as Promise<AccessToken>) : this.#acquire(options);
  }

  peek(): AccessToken | undefined {
    return this.#fresh() ? this.#memory.token : this.#memory.servable();
  }

  get account(): string | undefined {
    return this.#memory.account;
  }

  get interactive(): boolean {
    const { can } = this.#memory.snapshot();
    return can.exchange === "attended" && !can.refresh;
  }
}
