import { type Auth, isAuthError } from "@auth/core";
import { type Blow, countSteps, type Steps, saved, stepsSoFar } from "./kill-steps.ts";
import { openStore, type SharedLogin, sharedAuth } from "./login.ts";
import { shiftedClock } from "./shifted-clock.ts";

/** One call of `getToken`, and what is to happen in it. */
export interface Order {
  readonly login: SharedLogin;
  /** How far the clock of everybody stands ahead. */
  readonly aheadMs: number;
  /** As in a process that has just started: with an `Auth` and a store of its own. */
  readonly cold: boolean;
  readonly blow?: Blow | undefined;
}

/** What the call came to, if the process lived. */
export interface Reply {
  readonly tokenId?: string;
  /** `CODE/reason`. */
  readonly error?: string;
  readonly message?: string;
  readonly steps: Steps;
  readonly tookMs: number;
}

const clock = shiftedClock();
let aheadMs = 0;
let auth: Auth | undefined;
let store: AsyncDisposable | undefined;

async function open(login: SharedLogin): Promise<Auth> {
  await store?.[Symbol.asyncDispose]();
  const opened = await openStore(login);
  store = opened;
  const write: typeof opened.write = async (...args) => {
    const generation = await opened.write(...args);
    if (login.kind === "redis" && generation !== undefined) saved();
    return generation;
  };
  return sharedAuth(login, { ...opened, write }, clock);
}

async function obey({ login, cold, blow, ...order }: Order): Promise<Reply> {
  clock.leap(order.aheadMs - aheadMs);
  aheadMs = order.aheadMs;
  if (cold || !auth) auth = await open(login);
  countSteps(blow);
  const startedAt = performance.now();
  const done = (): Pick<Reply, "steps" | "tookMs"> => ({
    steps: stepsSoFar(),
    tookMs: performance.now() - startedAt,
  });
  try {
    const { id } = await auth.getToken();
    return { tokenId: id, ...done() };
  } catch (error) {
    const known = isAuthError(error);
    return {
      error: known ? `${error.code}/${error.reason}` : String(error),
      message: String(error),
      ...done(),
    };
  }
}

process.on("message", (order: Order) => {
  void obey(order).then((reply) => process.send?.(reply));
});
process.on("disconnect", () => process.exit());
