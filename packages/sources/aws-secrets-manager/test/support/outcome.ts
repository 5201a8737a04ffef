import { type Credential, isAuthError, type Provider } from "@auth/core";
import type { FakeClock } from "@auth/testkit";

/** Lets time pass where the code pauses, and not while it waits for a real socket with its usual 10 s before it. */
export function unhurried<T>(clock: FakeClock, work: Promise<T>): Promise<T> {
  return clock.until(work, { paused: () => clock.pending[0]?.dueInMs === 10_000 });
}

/** What a read fails with, in the parts that tests look at. */
export async function failing(work: Provider | Promise<unknown>): Promise<unknown> {
  try {
    await ("get" in work ? work.get() : work);
    return "no error";
  } catch (error) {
    if (!isAuthError(error)) return error;
    const { code, reason, message, status, retryAfterMs } = error;
    return JSON.parse(JSON.stringify({ code, reason, message, status, retryAfterMs }));
  }
}

export function secretOf(found: Credential): string {
  if (found.type === "password") return found.password.reveal();
  if (found.type === "client-secret") return found.clientSecret.reveal();
  if (found.type === "access-token") return found.token.reveal();
  if (found.type === "api-key") return found.key.reveal();
  if (found.type === "private-key") return found.privateKey.reveal();
  return found.refreshToken.reveal();
}
