import type { Clock } from "@auth/core";

/** A clock for actors that take turns: time passes only when all who live are asleep, and nobody shows a sign of life meanwhile. */
export class SleepyClock implements Clock {
  readonly #start: number = Date.now();
  #passed = 0;
  #sleepers: (() => void)[] = [];
  #rounds = 0;

  readonly now = (): number => this.#start + this.#passed;
  readonly monotonic = (): number => this.#passed;
  readonly random = (): number => 0.5;
  readonly sleep: Clock["sleep"] = (_, { background } = {}) =>
    new Promise((resolve) => {
      if (!background) this.#sleepers.push(resolve);
    });

  /** Wakes everybody up, after a moment; after many of them in a row, a long time has passed. False: nobody sleeps. */
  wake(longMs: number): boolean {
    const sleepers = this.#sleepers;
    this.#sleepers = [];
    this.#passed += ++this.#rounds % 30 === 0 ? longMs : 10;
    for (const go of sleepers) go();
    return sleepers.length > 0;
  }
}
