import type { AuthOptions } from "./auth.ts";
import { type Clock, systemClock } from "./clock.ts";
import type { AuthEvent, Happening } from "./events.ts";
import type { Grant } from "./grant.ts";
import type { TokenPolicy } from "./policy.ts";
import type { Provider } from "./provider.ts";
import type { TokenStore } from "./store.ts";

/** The limits that always have a value; the two windows depend on each token's lifetime. */
const limits = { retryGapMs: 30_000, timeoutMs: 60_000, lockWaitMs: 30_000 };

/** What one `Auth` is made of: its options, checked and completed. */
export interface Setup {
  readonly name: string;
  /** The app's name for the login, if it gave one: then it is the store key. */
  readonly named: string | undefined;
  readonly grant: Grant;
  credentials: Provider | undefined;
  /** Without one, the tokens stay in memory. */
  readonly store: TokenStore | undefined;
  readonly policy: Partial<TokenPolicy> & typeof limits;
  readonly clock: Clock;
  readonly fetch: typeof fetch;
  /** Who is to hear of events, until it does. */
  onEvent: ((event: AuthEvent) => void) | undefined;
  emit: (event: Happening) => void;
}

/** Checks what `createAuth` was given. Throws `TypeError`; does nothing else. */
export function checked(options: AuthOptions): Setup {
  const { grant, credentials, clock = systemClock, store, name: named, onEvent } = options ?? {};
  const demand = (good: unknown, what: string): void => {
    if (!good) throw new TypeError(`createAuth: ${what}`);
  };
  demand(
    (["exchange", "partition"] as const).every((able) => typeof grant?.[able] === "function"),
    "`grant` is not a grant",
  );
  demand(!credentials || typeof credentials.get === "function", "`credentials` is not a provider");
  const { name = grant.name } = options;
  demand(name, "`name` is empty");
  demand(
    credentials || store || !grant.accepts?.length,
    `${grant.name} needs \`credentials\`, or a login in a \`store\``,
  );
  demand(
    !store || store.withLock || !(grant.refresh || grant.keepAlive),
    `${store?.name} has no lock; use locked(store, lock)`,
  );
  const policy = { ...limits, ...grant.policy, ...options.policy };
  const { keepAliveWindow, ...times } = policy;
  // Of a switch, both values pass.
  for (const [key, value] of Object.entries({ ...times, ...keepAliveWindow }))
    demand(Number(value) >= 0, `policy.${key} is not a time in ms`);
  const { fromMs = 0, toMs = 0 } = keepAliveWindow ?? {};
  demand(fromMs >= toMs, "policy.keepAliveWindow is not a window");
  return {
    name,
    named,
    grant,
    credentials,
    store,
    policy,
    clock,
    fetch: options.fetch ?? ((...args) => globalThis.fetch(...args)),
    onEvent,
    emit: () => {}, // until the engine gives it a voice: engine/listen.ts
  };
}
