import type { Memory } from "../memory.ts";
import type { Setup } from "../setup.ts";

/** Waits for the next window and renews, with nobody asking; the flight that follows sets the next timer. */
export async function renewWhenIdle(
  { clock }: Setup,
  memory: Memory,
  renew: () => unknown,
  signal: AbortSignal,
): Promise<void> {
  for (
    let waitMs = memory.renewalInMs();
    waitMs !== undefined && !signal.aborted;
    waitMs = memory.renewalInMs()
  ) {
    const slept = await clock.sleep(waitMs, { signal, background: true }).then(
      () => true,
      () => false,
    );
    if (!slept) return;
    if (memory.renewalInMs()) continue; // the clock had jumped, or somebody else was faster
    if (memory.decide() !== "login-needed") renew();
    return;
  }
}
