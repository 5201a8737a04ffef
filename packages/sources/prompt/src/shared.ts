interface Flight<T> {
  readonly result: Promise<T>;
  readonly abandon: AbortController;
  callers: number;
}

/**
 * Callers at the same time share one run of `work`. An abort ends that caller's wait, with the signal's reason (SEC-28);
 * when the last caller has left, the signal that `work` was given aborts.
 */
export function shared<T>(
  work: (abandoned: AbortSignal) => Promise<T>,
): (signal: AbortSignal | undefined) => Promise<T> {
  let flight: Flight<T> | undefined;

  function take(): Flight<T> {
    const abandon = new AbortController();
    const mine: Flight<T> = { result: work(abandon.signal), abandon, callers: 0 };
    flight = mine;
    const land = (): void => {
      if (flight === mine) flight = undefined;
    };
    mine.result.then(land, land);
    return mine;
  }

  return async (signal) => {
    const mine = flight ?? take();
    mine.callers += 1;
    try {
      return await untilAborted(mine.result, signal);
    } finally {
      mine.callers -= 1;
      if (mine.callers === 0) {
        if (flight === mine) flight = undefined;
        mine.abandon.abort();
      }
    }
  };
}

function untilAborted<T>(work: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (!signal) return work;
  return new Promise((resolve, reject) => {
    const leave = (): void => reject(signal.reason);
    signal.addEventListener("abort", leave, { once: true });
    void work.then(resolve, reject).finally(() => signal.removeEventListener("abort", leave));
  });
}
