/** A place where calls wait until the test lets them go on. */
export interface Gate {
  /** Waits while the gate is shut. */
  pass(): Promise<void>;
  /** Resolves as soon as `count` calls stand at the gate or have passed it. Default 1. */
  arrived(count?: number): Promise<void>;
  /** Lets everybody through from now on. */
  open(): void;
}

/** A {@link Gate}, shut at first. */
export function gate(): Gate {
  const opened = Promise.withResolvers<void>();
  const watchers = new Set<() => void>();
  let calls = 0;
  return {
    pass() {
      calls++;
      for (const look of watchers) look();
      return opened.promise;
    },
    arrived: (count = 1) =>
      new Promise((resolve) => {
        const look = (): void => {
          if (calls < count) return;
          watchers.delete(look);
          resolve();
        };
        watchers.add(look);
        look();
      }),
    open: () => opened.resolve(),
  };
}
