import { afterAll, beforeAll } from "vitest";

/**
 * `testStore` lets a holder's work fail a few turns after it asked for the lock. Whoever has to wait for a disk has not begun
 * the work by then, so nobody listens yet: not a fault of the store, but all the same a report of an unhandled rejection.
 */
export function forgiveLateWork(): void {
  let reports: NodeJS.UnhandledRejectionListener[] = [];
  const listen = (error: unknown, promise: Promise<unknown>): void => {
    if (error instanceof Error && error.message === "the work failed") return;
    for (const report of reports) report(error, promise);
  };
  beforeAll(() => {
    reports = process.listeners("unhandledRejection");
    process.removeAllListeners("unhandledRejection").on("unhandledRejection", listen);
  });
  afterAll(() => {
    process.off("unhandledRejection", listen);
    for (const report of reports) process.on("unhandledRejection", report);
  });
}
