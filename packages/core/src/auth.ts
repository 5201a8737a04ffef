import type { Clock } from "./clock.ts";
import type { Action } from "./decide.ts";
import { type AuthError, type AuthErrorCode, failure, isAuthError, toAuthError } from "./errors.ts";
import type { AuthEvent } from "./events.ts";
import { exchangeLocally } from "./exchange.ts";
import type { Flight } from "./flight.ts";
import type { Grant, Interaction, RequestParts, ResponseParts } from "./grant.ts";
import { HotPath } from "./hot-path.ts";
import { Memory } from "./memory.ts";
import type { TokenPolicy } from "./policy.ts";
import type { Provider } from "./provider.ts";
import { checked, type Setup } from "./setup.ts";
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
 * ```
 */
export function createAuth(options: AuthOptions): Auth {
  const setup = checked(options);
  const { name, grant, clock, policy } = setup;
  const memory = new Memory(setup);
  const runs = new Set<Run>();
  /** The one that callers share. */
  let shared: Run | undefined;
  let idle: AbortController | undefined;
  let ended: AuthError | undefined;
  let api: Awaited<ReturnType<typeof engine>> | undefined;

  function start(attended: boolean, force: boolean, login?: Flight["login"]): Run {
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
      login,
      sent: false,
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
        memory.failed(error, login !== undefined);
        setup.emit({ type: before && memory.usable() ? "warning" : "failed", error });
      }
      const last = memory.usable();
      if (last && !before && !force)
        resolve(last); // a login has brought it meanwhile
      else reject(error);
    };
    const got =
      grant.local && !policy.renewWhenIdle && !options.onEvent
        ? exchangeLocally(setup, memory, run)
        : Promise.resolve(api ?? engine(setup)).then((loaded) => {
            api = loaded;
            return (grant.local ? exchangeLocally : api.transaction)(setup, memory, run);
          });
    void got.then(resolve, fail).finally(() => {
      runs.delete(run);
      if (shared === run) shared = undefined;
      schedule();
    });
    return run;
  }

  /** Waits for the shared run; the caller's signal and the time limit (L6) end the wait, not the run. */
  function wait(run: Run, signal: AbortSignal | undefined, since: number): Promise<AccessToken> {
    run.attended = true;
    run.shared ??= Promise.race([run.done, deadline(run, policy.timeoutMs - (clock.monotonic() - since))]);
    return waitFor(run.shared, signal);
  }

  function deadline(run: Run, leftMs: number): Promise<never> {
    const over = new AbortController();
    run.done.catch(() => {}).finally(() => over.abort());
    return new Promise((_, reject) => {
      const late = (): void => {
        run.shared = undefined;
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

  /** `renewWhenIdle`: sets the one background timer anew. */
  function schedule(): void {
    idle?.abort();
    if (!policy.renewWhenIdle || ended) return;
    idle = new AbortController();
    const { signal } = idle;
    const renew = (): unknown => shared || auth.interactive || start(false, false);
    void api?.renewWhenIdle(setup, memory, renew, signal);
  }

  function acquire(options?: GetTokenOptions): Promise<AccessToken> {
    // While the first token is on its way, who comes without wishes waits like those before.
    return (!options && !memory.token && !ended && shared?.shared) || slowly(options);
  }

  async function slowly({
    signal,
    forceRefresh = false,
    minTtlMs,
  }: GetTokenOptions = {}): Promise<AccessToken> {
    signal?.throwIfAborted();
    if (ended) throw ended;
    const since = clock.monotonic();
    const action = memory.decide(minTtlMs);
    if (memory.token && !forceRefresh && action.startsWith("use")) {
      if (!shared && (memory.unsaved || action !== "use")) start(false, false);
      return memory.token;
    }
    try {
      const looking = shared;
      if (forceRefresh && looking && !looking.force) {
        await wait(looking, signal, since).catch(() => {});
        signal?.throwIfAborted();
        if (looking.renewed && memory.token) return memory.token;
      }
      return await wait(shared ?? start(true, forceRefresh), signal, since);
    } catch (error) {
      const last = memory.usable();
      // A renewal that failed is no reason to fail a call that the present token can serve.
      if (!last || forceRefresh || signal?.aborted) throw error;
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
      await ours(async () => {
        if (grant.authorize) await grant.authorize(request, token);
        else request.headers.set("authorization", `${token.type} ${token.reveal()}`);
      });
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
      memory.reject();
      setup.emit({ type: "rejected", tokenId: token.id });
    },
    async login({ signal, ...login }: LoginOptions = {}) {
      signal?.throwIfAborted();
      if (ended) throw ended;
      const run = start(true, true, login);
      return waitFor(run.done, signal).catch((error: unknown) => {
        end(run, error); // who asked has left
        throw error;
      });
    },
    async logout({ signal }: { readonly signal?: AbortSignal } = {}) {
      if (ended) throw ended;
      signal?.throwIfAborted();
      memory.ended = memory.turns; // at once: what is under way now must not bring the login back
      idle?.abort();
      const done = ours(async () => (await engine(setup)).logout(setup, memory, signal));
      const report = await waitFor(done, signal);
      setup.emit({ type: "logout" });
      return report;
    },
    status: () => ours(async () => (await engine(setup)).status(setup, memory)),
    async [Symbol.asyncDispose]() {
      ended ??= failure("UNAVAILABLE", "disposed", name, "disposed.");
      idle?.abort();
      memory.trust();
      memory.trust = () => {};
      for (const run of runs) end(run, ended);
      await Promise.allSettled([...runs].map((run) => run.done));
    },
  });
  return auth;
}

interface Run extends Flight {
  readonly done: Promise<AccessToken>;
  readonly controller: AbortController;
  /** What all wait for: the end of it, or that of those who came first, once for each `timeoutMs`. */
  shared?: Promise<AccessToken> | undefined;
}

/** Whoever listens hears from here on: before it, there is nothing to hear. */
async function engine(setup: Setup): Promise<typeof import("./engine/index.ts")> {
  const loaded = await import("./engine/index.ts");
  loaded.listen(setup);
  return loaded;
}

/** Ends a run, unless there is no way back. */
function end(run: Run, reason: unknown): void {
  if (!run.sent) run.controller.abort(reason);
}
