import type { Clock } from "./clock.ts";
import type { Action } from "./decide.ts";
import { type AuthError, type AuthErrorCode, failure, isAuthError, toAuthError } from "./errors.ts";
import type { AuthEvent } from "./events.ts";
import { engine, exchangeLocally } from "./exchange.ts";
import type { Flight } from "./flight.ts";
import type { Grant, Interaction, RequestParts, ResponseParts } from "./grant.ts";
import { HotPath } from "./hot-path.ts";
import { Memory } from "./memory.ts";
import type { TokenPolicy } from "./policy.ts";
import type { Provider } from "./provider.ts";
import { checked } from "./setup.ts";
import type { TokenStore } from "./store.ts";
import type { AccessToken } from "./token.ts";
import { waitFor } from "./wait.ts";

export interface AuthOptions {
  /** How a credential becomes tokens. */
  // biome-ignore lint/suspicious/noExplicitAny: a grant for one credential type is as good as one for all; the type is checked at run time
  readonly grant: Grant<any>;
  /** Where the credential comes from. Without it, only what a login left in the store is used. */
  readonly credentials?: Provider | undefined;
  /** Where token sets are kept. Default: `memoryStore()`. */
  readonly store?: TokenStore | undefined;
  /** Names the login, and its place in the store. Default: what the grant's partition says. */
  readonly name?: string | undefined;
  readonly policy?: Partial<TokenPolicy> | undefined;
  readonly onEvent?: ((event: AuthEvent) => void) | undefined;
  /** Default: the global one, looked up per call. */
  readonly fetch?: typeof fetch | undefined;
  readonly clock?: Clock | undefined;
}

export interface GetTokenOptions {
  /** Ends this call's wait, with the signal's reason. */
  readonly signal?: AbortSignal | undefined;
  /** A new token, whatever the present one has left. */
  readonly forceRefresh?: boolean | undefined;
  /** This call needs the token this long, in ms; capped at half of the lifetime, since the server grants no more. */
  readonly minTtlMs?: number | undefined;
}

export interface LoginOptions {
  readonly signal?: AbortSignal | undefined;
  readonly interaction?: Interaction | undefined;
  /** Asked for besides the configured ones. Default: those of the last login. */
  readonly scopes?: readonly string[] | undefined;
}

/** One identity's token lifecycle: the object that apps hold. Safe to call from anywhere, any number of times at once. */
export interface Auth extends AsyncDisposable {
  readonly name: string;
  /** The next renewal may ask a person. */
  readonly interactive: boolean;
  /**
   * Whose login is in hand: what it was asked for with, and which login it is where a person chose. Known once there is a
   * token, and another one as soon as somebody else has logged in; secret-free.
   */
  readonly account?: string | undefined;
  /**
   * A usable token: from memory, from the store, or from the server. Concurrent callers share one request.
   *
   * Errors: those of the source, the grant and the store; with a token that is still good, none of them.
   */
  getToken(options?: GetTokenOptions): Promise<AccessToken>;
  /** A usable token or nothing, at once. Never starts work. */
  peek(): AccessToken | undefined;
  /** Puts the credential on `request.headers`; resolves to the token it was. */
  authorize(request: RequestParts, options?: GetTokenOptions): Promise<AccessToken>;
  /** The same for a grant that needs no method and URL. */
  headers(options?: GetTokenOptions): Promise<Headers>;
  /** Says that the server refused this token. Does nothing if it is no longer the current one. */
  reject(token: AccessToken, response?: ResponseParts): void;
  /** Exchanges the credential now, with a person if the grant needs one. */
  login(options?: LoginOptions): Promise<AccessToken>;
  /** Deletes every copy, then revokes. */
  logout(options?: { readonly signal?: AbortSignal }): Promise<LogoutReport>;
  /** What there is and what would happen next. Reads memory and store only. */
  status(): Promise<AuthStatus>;
}

export interface AuthStatus {
  readonly name: string;
  /** The place in the store, if it is known without asking a source. */
  readonly key?: string;
  /** What the next `getToken` would do. */
  readonly next: Action;
  /** When the next renewal is due. */
  readonly nextAt?: Date;
  readonly token?: {
    readonly id: string;
    readonly type: string;
    readonly obtainedAt?: Date;
    readonly expiresAt?: Date;
    readonly scopes?: readonly string[];
    /** The source of the credential that bought it: of a chain, the link that answered. */
    readonly provider?: string;
    /** That credential's version, as the source calls it. */
    readonly version?: string;
    /** Whose that credential is. */
    readonly account?: string;
  };
  readonly from?: "memory" | "store";
  /** Where the next credential would come from: of a chain, all its links. */
  readonly source?: string;
  readonly store: string;
  readonly sessionExpiresAt?: Date;
  readonly lastFailure?: { readonly code: AuthErrorCode; readonly reason: string; readonly at: Date };
  /** Until when a call with nothing usable is given the last failure, and nothing is asked for again. */
  readonly barredUntil?: Date;
}

export interface LogoutReport {
  /** Every part is done or had nothing to do. */
  readonly complete: boolean;
  readonly parts: readonly {
    readonly part: string;
    readonly outcome: "done" | "nothing-there" | "failed";
    readonly reason?: string;
  }[];
}

/**
 * The lifecycle of one identity's tokens. Checks its arguments and does no I/O; `TypeError` for a grant that needs a
 * credential without any way to get one, and for a grant that refreshes over a store without a lock.
 *
 * @example
 * ```ts
 * const auth = createAuth({
 *   grant: clientCredentials({ issuer: "https://idp.example" }),
 *   credentials: chain(fromEnv({ prefix: "ACME" }), fromFile({ path: "/run/secrets/acme.json" })),
 *   store: tokenFile(),
 * });
 * const token = await auth.getToken();
 * await auth[Symbol.asyncDispose](); // when the program ends
 * ```
 */
export function createAuth(options: AuthOptions): Auth {
  const setup = checked(options);
  const { name, grant, clock, policy } = setup;
  const memory = new Memory(setup);
  const runs = new Set<Run>();
  /** The one that callers share. */
  let shared: Run | undefined;
  /** Ends the present wait of the background timer, which then looks again. */
  let wakeIdle = (): void => {};
  /** A logout under way: whoever comes after it waits for its end. */
  let leaving: Promise<unknown> | undefined;
  let lookedAt = Number.NEGATIVE_INFINITY;
  let looking: Promise<AccessToken | undefined> | undefined;
  let ended: AuthError | undefined;
  let api: Awaited<ReturnType<typeof engine>> | undefined;

  function start(attended: boolean, { force = false, minTtlMs = 0, login }: Wish = {}): Run {
    const { promise: done, resolve, reject } = Promise.withResolvers<AccessToken>();
    done.catch(() => {}); // whoever waits hears of it; nobody may be waiting
    const controller = new AbortController();
    const { signal } = controller;
    const startedAt = clock.monotonic();
    const run: Run = {
      startedAt,
      turn: ++memory.turns,
      attended,
      force,
      minTtlMs,
      login,
      sent: false,
      waiting: 0,
      controller,
      signal,
      serve: resolve,
      done,
    };
    runs.add(run);
    if (!login) shared = run;
    const before = memory.usable();
    const fail = (thrown: unknown): void => {
      const error = signal.aborted && thrown === signal.reason ? thrown : toAuthError(thrown, name);
      if (isAuthError(error)) {
        memory.failed(error, run);
        setup.emit({ type: before && memory.usable() ? "warning" : "failed", error });
      }
      const last = memory.usable();
      if (last && !before && !force)
        resolve(last); // a login has brought it meanwhile
      else reject(error);
    };
    const got =
      grant.local && !leaving && !options.onEvent
        ? exchangeLocally(setup, memory, run)
        : Promise.resolve(api ?? engine(setup)).then(async (loaded) => {
            api = loaded;
            await leaving;
            return (grant.local ? exchangeLocally : api.transaction)(setup, memory, run);
          });
    void got.then(resolve, fail).finally(() => {
      runs.delete(run);
      if (shared === run) shared = undefined;
      wakeIdle();
    });
    return run;
  }

  /** Waits for the shared run; the caller's signal and the time limit (L6) end the wait, not the run. */
  function wait(run: Run, signal: AbortSignal | undefined, since: number): Promise<AccessToken> {
    run.attended = true;
    run.shared ??= Promise.race([run.done, deadline(run, policy.timeoutMs - (clock.monotonic() - since))]);
    if (!signal) {
      run.waiting = Number.POSITIVE_INFINITY; // to the end
      return run.shared;
    }
    run.waiting++;
    return waitFor(run.shared, signal).finally(() => {
      run.waiting--;
      // Its clock must not keep a process alive in which nobody waits.
      if (run.waiting === 0) run.stopClock?.();
    });
  }

  function deadline(run: Run, leftMs: number): Promise<never> {
    const over = new AbortController();
    run.stopClock = () => {
      run.shared = undefined;
      over.abort();
    };
    run.done.catch(() => {}).finally(() => over.abort());
    return new Promise((_, reject) => {
      const late = (): void => {
        run.shared = undefined;
        run.overdue = true;
        // Whoever does not heed the signal must not hold up the next call as well.
        if (!run.sent && shared === run) shared = undefined;
        const what = `no token within ${policy.timeoutMs} ms. Try again.`;
        const error = memory.unsaved?.error ?? failure("UNREACHABLE", "timeout", name, what);
        end(run, error);
        reject(error);
      };
      clock.sleep(leftMs, { signal: over.signal }).then(late, () => {}); // answered in time
    });
  }

  /** What is in hand could not be saved within the time limit: one more try, and what came of it (SEC-59). */
  function saved(run: Run, signal: AbortSignal | undefined): Promise<AccessToken> {
    const again = memory.saving?.tried.promise.then(() => {
      throw memory.unsaved?.error;
    });
    memory.saving?.hurry();
    return waitFor(Promise.race([run.done, ...(again ? [again] : [])]), signal);
  }

  /** While nothing is asked for again, a sibling may have got what we need: its record is looked for now and then. */
  function look(): Promise<AccessToken | undefined> {
    if (!api || clock.monotonic() - lookedAt < lookGapMs) return looking ?? Promise.resolve(undefined);
    lookedAt = clock.monotonic();
    looking = api.look(setup, memory).finally(() => {
      looking = undefined;
    });
    return looking;
  }

  /**
   * `renewWhenIdle`: the one background timer. It is set here and nowhere else, so that it belongs to whoever made this `Auth`, and
   * to none of the requests that use it.
   */
  async function renewWhenIdle(): Promise<void> {
    let failedAt = Number.NEGATIVE_INFINITY;
    while (!ended) {
      const woken = new AbortController();
      wakeIdle = () => woken.abort();
      const ms = memory.idleMs(failedAt);
      const stuck =
        ms === undefined || (ms <= 0 && (shared || auth.interactive || memory.decide() === "login-needed"));
      if (!stuck && ms <= 0) await start(false).done.catch(() => (failedAt = clock.monotonic()));
      else if (stuck) await new Promise((resolve) => woken.signal.addEventListener("abort", resolve));
      else await clock.sleep(ms, { signal: woken.signal, background: true }).catch(() => {});
    }
  }

  function acquire(options?: GetTokenOptions): Promise<AccessToken> {
    // While the first token is on its way, who comes without wishes waits like those before.
    return (!options && !memory.token && !ended && shared?.shared) || slowly(options);
  }

  async function slowly(options?: GetTokenOptions): Promise<AccessToken> {
    try {
      return await decided(options);
    } finally {
      memory.asked++;
    }
  }

  async function decided({
    signal,
    forceRefresh: force = false,
    minTtlMs = 0,
  }: GetTokenOptions = {}): Promise<AccessToken> {
    signal?.throwIfAborted();
    if (ended) throw ended;
    const since = clock.monotonic();
    const action = memory.decide(minTtlMs);
    if (memory.token && !force && action.startsWith("use")) {
      if (!shared && (memory.unsaved || action !== "use")) start(false);
      return memory.token;
    }
    try {
      const known = force || shared ? undefined : memory.knownFailure();
      if (known) {
        const found = await waitFor(look(), signal);
        if (found) return found;
        throw known;
      }
      const before = shared;
      if (before?.overdue && memory.unsaved) {
        const token = await saved(before, signal);
        if (memory.usable()) return token;
        if (shared === before) shared = undefined; // it took longer than the token lived
      } else if (force && before && !before.force) {
        await wait(before, signal, since).catch(() => {});
        signal?.throwIfAborted();
        if (before.renewed && memory.token) return memory.token;
      }
      let run = shared ?? start(true, { force, minTtlMs });
      let token = await wait(run, signal, since);
      // It found a token that was good enough for whoever came first.
      if (minTtlMs > run.minTtlMs && !run.renewed && !memory.decide(minTtlMs).startsWith("use")) {
        run = shared ?? start(true, { minTtlMs });
        token = await wait(run, signal, since);
      }
      if (!run.renewed && !shared && memory.decide() === "use-and-refresh") start(false);
      return token;
    } catch (error) {
      const last = memory.usable();
      // A renewal that failed is no reason to fail a call that the present token can serve.
      if (!last || force || signal?.aborted) throw error;
      return last;
    }
  }

  /** Whatever a plugin throws is wrapped (SEC-117). */
  async function ours<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (thrown) {
      throw toAuthError(thrown, name);
    }
  }

  const auth: Auth = Object.assign(new HotPath(memory, clock, acquire), {
    name,
    async authorize(request: RequestParts, options?: GetTokenOptions) {
      const token = await auth.getToken(options);
      try {
        if (grant.authorize) await grant.authorize(request, token);
        else request.headers.set("authorization", `${token.type} ${token.reveal()}`);
      } catch (thrown) {
        throw toAuthError(thrown, name);
      }
      return token;
    },
    async headers(options?: GetTokenOptions) {
      const headers = new Headers();
      await auth.authorize({ method: "GET", url: "", headers }, options);
      return headers;
    },
    reject(token: AccessToken, response?: ResponseParts) {
      if (memory.token?.id !== token.id || memory.rejected) return;
      try {
        if (response && grant.rejected?.(response, token) === "keep") return;
      } catch {
        // It cannot say, so the token counts as refused.
      }
      const lasting = memory.reject()
        ? {}
        : ({ code: "ERR_AUTH_GRANT", reason: "new-token-refused" } as const);
      setup.emit({ type: "rejected", tokenId: token.id, ...lasting });
    },
    async login({ signal, ...login }: LoginOptions = {}) {
      signal?.throwIfAborted();
      if (ended) throw ended;
      const run = start(true, { force: true, login });
      memory.asked++;
      return waitFor(run.done, signal).catch((error: unknown) => {
        end(run, error); // who asked has left
        throw error;
      });
    },
    async logout({ signal }: { readonly signal?: AbortSignal } = {}) {
      if (ended) throw ended;
      signal?.throwIfAborted();
      memory.ended = memory.turns; // at once: what is under way now must not bring the login back
      memory.saving?.hurry();
      const before = leaving;
      const done = ours(async () => {
        await before;
        return (await engine(setup)).logout(setup, memory, signal);
      });
      const over = done.then(
        () => {},
        () => {},
      );
      leaving = over;
      void over.finally(() => {
        if (leaving === over) leaving = undefined;
      });
      const report = await waitFor(done, signal);
      setup.emit({ type: "logout" });
      return report;
    },
    status: () => ours(async () => (await engine(setup)).status(setup, memory)),
    async [Symbol.asyncDispose]() {
      ended ??= failure("UNAVAILABLE", "disposed", name, "disposed.");
      memory.gone = true;
      memory.saving?.hurry();
      wakeIdle();
      memory.trust();
      memory.trust = () => {};
      for (const run of runs) end(run, ended);
      await Promise.allSettled([...runs].map((run) => run.done));
    },
  });
  if (policy.renewWhenIdle) void renewWhenIdle();
  return auth;
}

/** How often a sibling's record is looked for while nothing is asked for again. */
const lookGapMs = 500;

/** What a token is got for. */
type Wish = Partial<Pick<Flight, "force" | "minTtlMs" | "login">>;

interface Run extends Flight {
  readonly done: Promise<AccessToken>;
  readonly controller: AbortController;
  /** What all wait for: the end of it, or that of those who came first, once for each `timeoutMs`. */
  shared?: Promise<AccessToken> | undefined;
  /** How many wait. */
  waiting: number;
  /** Ends the time limit of those who wait. */
  stopClock?: () => void;
  /** Longer under way than anybody waits. */
  overdue?: boolean;
}

/** Ends a run, unless there is no way back. */
function end(run: Run, reason: unknown): void {
  if (!run.sent) run.controller.abort(reason);
}
