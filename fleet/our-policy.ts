import { type Action, decide, type Snapshot } from "@auth/core";
import { callAfter, callAt, type Member, type Policy } from "./policy.ts";

/** L8: the pause after a renewal that failed while the token is still good. */
const retryGapMs = 30_000;

/** L15: the pause after any failure, half of it fixed and half by chance; the longer one once it goes on for more than a minute. */
const failurePause = { firstMs: 1_000, maxMs: 8_000, longMs: 30_000, longAfterMs: 60_000 };

/** Ours, by asking the very function that decides in production. Without `jitter`: as if the random share were always nought. */
export function ourPolicy({ jitter }: { readonly jitter: boolean }): Policy {
  function actionAt(member: Member, time: number, pausedUntil?: number): Action {
    const { obtainedAt, expiresAt, spread } = member;
    const token = { obtainedAt, obtainedMonotonic: obtainedAt, expiresAt, spread: jitter ? spread : 0 };
    const can = { refresh: false, keepAlive: false, exchange: "unattended" } as const;
    const snapshot: Snapshot = { token, can, ...(pausedUntil !== undefined && { pausedUntil }) };
    return decide(snapshot, { wall: time, monotonic: time }, {});
  }

  return {
    name: jitter ? "ours" : "ours, without the spread",
    firstAt(member) {
      // Once it is time to renew it stays so: the first such call is found by halving.
      let before = callAt(member, member.obtainedAt);
      let after = callAt(member, member.expiresAt);
      while (after - before > member.callEveryMs) {
        const calls = Math.round((after - before) / member.callEveryMs);
        const middle = before + Math.floor(calls / 2) * member.callEveryMs;
        if (actionAt(member, middle) === "use") before = middle;
        else after = middle;
      }
      return after;
    },
    nextAt(member, failedAt) {
      const { count, since } = member.failures ?? { count: 0, since: failedAt };
      member.failures = { count: count + 1, since };
      const { firstMs, maxMs, longMs, longAfterMs } = failurePause;
      const most = failedAt - since > longAfterMs ? longMs : maxMs;
      const full = Math.min(most, firstMs * 2 ** Math.min(count, 30));
      const barredUntil = failedAt + full / 2 + (member.random() * full) / 2;
      let time = Math.max(callAfter(member, failedAt), callAt(member, barredUntil));
      while (actionAt(member, time, failedAt + retryGapMs) === "use") time += member.callEveryMs;
      return time;
    },
    hurts: (member, failedAt) => failedAt >= member.expiresAt,
  };
}
