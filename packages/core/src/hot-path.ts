import type { GetTokenOptions } from "./auth.ts";
import type { Clock } from "./clock.ts";
import type { Memory } from "./memory.ts";
import type { AccessToken } from "./token.ts";

/** How long after a look at both clocks the wall clock alone is believed. */
const longestTrustMs = 50;

/** Says that both clocks were looked at, at `seen`, and that nothing changes within `ms`. */
export type Trust = (seen: number, ms: number) => void;

/**
 * A fresh token, with one look at one clock. What that takes lies in this object itself, so that a thousand identities are
 * about as quick as one.
 */
export class HotPath {
  readonly #clock: Clock;
  #seen = 0;
  #trustMs = 0;
  /** A wall clock that stands still would be believed for ever: so many answers, then a look at both. */
  #left = 0;
  #served: Promise<AccessToken> | undefined;
  readonly #acquire: (options?: GetTokenOptions) => Promise<AccessToken>;
  readonly #memory: Memory;

  constructor(memory: Memory, clock: Clock, acquire: (options?: GetTokenOptions) => Promise<AccessToken>) {
    this.#memory = memory;
    this.#clock = clock;
    this.#acquire = acquire;
    memory.trust = (seen, ms) => {
      this.#seen = seen;
      this.#trustMs = Math.min(ms, longestTrustMs);
      this.#left = 1_000;
      if (memory.token && ms > 0) this.#served = Promise.resolve(memory.token);
    };
  }

  getToken(options?: GetTokenOptions): Promise<AccessToken> {
    const since = this.#clock.now() - this.#seen;
    return options === undefined && since > 0 && since < this.#trustMs && this.#left-- > 0
      ? (this.#served as Promise<AccessToken>)
      : this.#acquire(options);
  }

  peek(): AccessToken | undefined {
    const since = this.#clock.now() - this.#seen;
    return since > 0 && since < this.#trustMs && this.#left-- > 0
      ? this.#memory.token
      : this.#memory.servable();
  }

  get interactive(): boolean {
    const { can } = this.#memory.snapshot();
    return can.exchange === "attended" && !can.refresh;
  }
}
