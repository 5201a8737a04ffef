import type { System } from "./system.ts";
import { failedWith } from "./to-auth-error.ts";

/**
 * Windows refuses to open or replace a file that another process, a virus scanner perhaps, has open just now: tries at most
 * 10 times more, within 2 seconds (SEC-71). Elsewhere the same codes are final.
 */
export async function patiently<T>({ platform, clock }: System, work: () => Promise<T>): Promise<T> {
  for (let tries = 0; ; tries++) {
    try {
      return await work();
    } catch (error) {
      if (platform !== "win32" || tries === 10 || !failedWith(error, "EPERM", "EACCES", "EBUSY")) throw error;
      await clock.sleep(Math.min(10 * 2 ** tries, 250)); // 1.6 s in all
    }
  }
}
