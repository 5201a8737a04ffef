import { setTimeout as sleep } from "node:timers/promises";

/** Waits for something that others bring about. Resolves to false if it has not come in time. */
export async function until(come: () => boolean, patienceMs: number): Promise<boolean> {
  const end = performance.now() + patienceMs;
  while (!come()) {
    if (performance.now() > end) return false;
    await sleep(10);
  }
  return true;
}
