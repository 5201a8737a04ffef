/** Everybody's clocks are moved ahead, ours and the peers', until it is disposed. Timers are not. */
export function leap(ms: number): Disposable {
  const RealDate = Date;
  const now = performance.now.bind(performance);
  class LeaptDate extends RealDate {
    constructor(...given: [] | [value: number | string | Date]) {
      if (given.length === 0) super(RealDate.now() + ms);
      else super(...given);
    }

    static override now(): number {
      return RealDate.now() + ms;
    }
  }
  globalThis.Date = LeaptDate as DateConstructor;
  performance.now = () => now() + ms;
  return {
    [Symbol.dispose]() {
      globalThis.Date = RealDate;
      performance.now = now;
    },
  };
}
