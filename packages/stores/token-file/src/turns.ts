import { AuthError, type Clock } from "@auth/core";

/** Lets the callers of one process in one by one, in the order they came, so that only the first looks at the disk. */
export class Turns {
  readonly #last = new Map<string, Promise<void>>();
  readonly #clock: Clock;
  readonly #of: { readonly name: string };

  /** `of`: whose lock it is, for messages. */
  constructor(clock: Clock, of: { readonly name: string }) {
    this.#clock = clock;
    this.#of = of;
  }

  /** Will whoever comes now have to wait? */
  taken(lock: string): boolean {
    return this.#last.has(lock);
  }

  /**
   * Waits for one's turn; resolves to what ends it. Errors: `ERR_AUTH_UNREACHABLE/lock-timeout`, or the signal's reason.
   */
  async wait(lock: string, waitMs: number, signal: AbortSignal | undefined): Promise<() => void> {
    const before = this.#last.get(lock);
    const turn = Promise.withResolvers<void>();
    const mine = (before ?? Promise.resolve()).then(() => turn.promise);
    this.#last.set(lock, mine);
    void mine.then(() => this.#last.get(lock) === mine && this.#last.delete(lock));
    if (before) {
      const patience = new AbortController();
      const end = AbortSignal.any(signal ? [signal, patience.signal] : [patience.signal]);
      const tooLong = this.#clock.sleep(waitMs, { signal: end }).then(() => {
        throw new AuthError(
          "ERR_AUTH_UNREACHABLE",
          "lock-timeout",
          `${this.#of.name}: waited ${Math.round(waitMs / 1000)} s for the lock ${lock}: this very process (${process.pid}) has it, in another place. Try again.`,
          { provider: this.#of.name },
        );
      });
      try {
        await Promise.race([before, tooLong]);
      } catch (error) {
        turn.resolve();
        throw error;
      } finally {
        tooLong.catch(() => {}); // ended by `patience`
        patience.abort();
      }
    }
    return turn.resolve;
  }
}
