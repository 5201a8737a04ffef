import { type Clock, systemClock } from "./clock.ts";
import type { Action } from "./decide.ts";
import { AuthError, type AuthErrorCode, isAuthError, toAuthError } from "./errors.ts";
import type { AuthEvent } from "./events.ts";
import type { Grant, Interaction, RequestParts, ResponseParts } from "./grant.ts";
import { logout } from "./logout.ts";
import { Memory } from "./memory.ts";
import { memoryStore } from "./memory-store.ts";
import type { TokenPolicy } from "./policy.ts";
import type { Provider } from "./provider.ts";
import { status } from "./status.ts";
import type { TokenStore } from "./store.ts";
import type { AccessToken } from "./token.ts";
import { type Flight, type Setup, Transaction } from "./transaction.ts";
import { waitFor } from "./wait.ts";

export interface AuthOptions {
  /** How a credential becomes tokens. */
  // biome-ignore lint/suspicious/noExplicitAny: a grant for one credential type is as good as one for all; the type is checked at run time
  readonly grant: Grant<any>;
  /** Where the credential comes from. Without it, only what a login left in the store is used. */
  readonly credentials?: Provider;
  /** Where token sets are kept. Default: `memoryStore()`. */
  readonly store?: TokenStore;
  /** Names the login, and its place in the store. Default: what the grant's partition says. */
  readonly name?: string;
  readonly policy?: Partial<TokenPolicy>;
  readonly onEvent?: (event: AuthEvent) => void;
  /** Default: the global one, looked up per call. */
  readonly fetch?: typeof fetch;
  readonly clock?: Clock;
}

export interface GetTokenOptions {
  /** Ends this call's wait, with the signal's reason. */
  readonly signal?: AbortSignal;
  /** A new token, whatever the present one has left. */
  readonly forceRefresh?: boolean;
  /** This call needs the token this long, in ms; capped at half of the lifetime, since the server grants no more. */
  readonly minTtlMs?: number;
}

export interface LoginOptions {
  readonly signal?: AbortSignal;
  readonly interaction?: Interaction;
  /** Asked for besides the configured ones. Default: those of the last login. */
  readonly scopes?: readonly string[];
}

/** One identity's token lifecycle: the object that apps hold. Safe to call from anywhere, any number of times at once. */
export interface Auth extends AsyncDisposable {
  readonly name: string;
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
    readonly expiresAt?: Date;
    readonly scopes?: readonly string[];
  };
  readonly from?: "memory" | "store";
  /** The credential's provider. */
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
  return new Driver(checked(options));
}

function checked(options: AuthOptions): Setup {
  const { grant, credentials, store, name, policy, onEvent, clock = systemClock } = options;
  if (typeof grant?.exchange !== "function" || typeof grant.partition !== "function")
    throw new TypeError(
      "createAuth: `grant` must be a grant (an object with `name`, `partition` and `exchange`)",
    );
  if (grant.accepts?.length && !credentials && !store)
    throw new TypeError(
      `createAuth: ${grant.name} needs a credential; give \`credentials\`, or a \`store\` that a login has filled`,
    );
  if (credentials && typeof credentials.get !== "function")
    throw new TypeError("createAuth: `credentials` must be a provider (an object with `name` and `get`)");
  if (store && !store.withLock && (grant.refresh || grant.keepAlive))
    throw new TypeError(
      `createAuth: ${grant.name} refreshes, and ${store.name} has no lock: two processes would spend one refresh token. Use locked(store, lock)`,
    );
  if (name === "") throw new TypeError("createAuth: `name` must not be empty");
  const merged = { ...grant.policy, ...policy };
  for (const [key, value] of Object.entries(merged)) {
    if (typeof value === "number" && !(value >= 0))
      throw new TypeError(`createAuth: policy.${key} must be 0 ms or more`);
  }
  const title = name ?? grant.name;
  return {
    name: title,
    named: name,
    grant,
    credentials,
    store: store ?? memoryStore({ clock }),
    policy: merged,
    clock,
    fetch: options.fetch ?? ((...args) => globalThis.fetch(...args)),
    emit(event) {
      try {
        onEvent?.({ ...event, auth: title, at: new Date(clock.now()) });
      } catch {
        // An observer that throws must not end what it observes.
      }
    },
  };
}

interface Trip extends Flight {
  readonly done: Promise<AccessToken>;
  readonly controller: AbortController;
  /** Ends the waits of those who came first, once for each `timeoutMs`. */
  deadline?: Promise<never> | undefined;
}

class Driver implements Auth {
  readonly name: string;
  readonly #setup: Setup;
  readonly #clock: Clock;
  readonly #memory: Memory;
  readonly #trips = new Set<Trip>();
  /** The one that callers share. */
  #trip: Trip | undefined;
  #ended = false;
  #idle: AbortController | undefined;

  constructor(setup: Setup) {
    this.name = setup.name;
    this.#setup = setup;
    this.#clock = setup.clock;
    this.#memory = new Memory(setup);
  }

  getToken(options?: GetTokenOptions): Promise<AccessToken> {
    if (options === undefined) {
      const now = this.#clock.now();
      const memory = this.#memory;
      if (now > memory.seen && now < memory.trusted) return memory.served as Promise<AccessToken>;
    }
    return this.#getToken(options);
  }

  peek(): AccessToken | undefined {
    const now = this.#clock.now();
    const memory = this.#memory;
    if (now > memory.seen && now < memory.trusted) return memory.token;
    const action = memory.decide();
    return action === "use" || action === "use-and-refresh" ? memory.token : undefined;
  }

  async #getToken({ signal, forceRefresh = false, minTtlMs }: GetTokenOptions = {}): Promise<AccessToken> {
    signal?.throwIfAborted();
    this.#throwIfDisposed();
    const memory = this.#memory;
    if (!forceRefresh) {
      const action = memory.decide(minTtlMs);
      const { token } = memory;
      if (token && (action === "use" || action === "use-and-refresh")) {
        if (action === "use-and-refresh" || memory.unsaved) this.#behind();
        return token;
      }
    }
    try {
      return await this.#wait(this.#join(forceRefresh), signal);
    } catch (error) {
      const token = memory.usable();
      // A renewal that failed is no reason to fail a call that the present token can serve.
      if (!token || forceRefresh || signal?.aborted) throw error;
      return token;
    }
  }

  /** The flight under way, or a new one. */
  #join(force: boolean): Trip {
    if (this.#trip) {
      this.#trip.attended = true;
      return this.#trip;
    }
    return this.#start({ attended: true, force });
  }

  /** Renews with nobody waiting. */
  #behind(): void {
    if (!this.#trip) this.#start({ attended: false, force: false });
  }

  #start(kind: Pick<Flight, "attended" | "force" | "login">): Trip {
    const { promise, resolve, reject } = Promise.withResolvers<AccessToken>();
    promise.catch(() => {}); // whoever waits hears of it; nobody may be waiting
    const controller = new AbortController();
    const trip: Trip = {
      ...kind,
      sent: false,
      controller,
      signal: controller.signal,
      serve: resolve,
      done: promise,
    };
    this.#trips.add(trip);
    if (!kind.login) this.#trip = trip;
    const before = this.#memory.usable();
    void new Transaction(this.#setup, this.#memory, trip)
      .run()
      .then(resolve, (thrown: unknown) => reject(this.#failed(trip, thrown, before)))
      .finally(() => {
        this.#trips.delete(trip);
        if (this.#trip === trip) this.#trip = undefined;
        this.#schedule();
      });
    return trip;
  }

  #failed(trip: Trip, thrown: unknown, before: AccessToken | undefined): unknown {
    if (trip.controller.signal.aborted && thrown === trip.controller.signal.reason && !isAuthError(thrown))
      return thrown;
    const error = toAuthError(thrown, this.name);
    if (!trip.login) this.#memory.failed(error);
    const { code, reason } = error;
    this.#setup.emit({ type: before && this.#memory.usable() ? "warning" : "failed", code, reason });
    return error;
  }

  /** Waits for the flight; the caller's signal and the time limit (L6) end the wait, not the flight. */
  #wait(trip: Trip, signal: AbortSignal | undefined): Promise<AccessToken> {
    trip.deadline ??= this.#deadline(trip);
    return waitFor(Promise.race([trip.done, trip.deadline]), signal);
  }

  async #deadline(trip: Trip): Promise<never> {
    const { policy, clock, name } = this.#setup;
    const over = new AbortController();
    const end = (): void => over.abort();
    trip.done.then(end, end);
    const timeoutMs = policy.timeoutMs ?? 60_000;
    const late = await clock.sleep(timeoutMs, { signal: over.signal }).then(
      () => true,
      () => false,
    );
    if (!late) return new Promise(() => {}); // the flight has answered
    trip.deadline = undefined;
    const error = new AuthError(
      "ERR_AUTH_UNREACHABLE",
      "timeout",
      `${name}: no token within ${timeoutMs} ms. Try again, or look at auth.status().`,
      {
        provider: name,
      },
    );
    if (!trip.sent) trip.controller.abort(error);
    throw error;
  }

  async authorize(request: RequestParts, options?: GetTokenOptions): Promise<AccessToken> {
    const token = await this.getToken(options);
    const { grant } = this.#setup;
    if (grant.authorize) await grant.authorize(request, token);
    else request.headers.set("authorization", `${token.type} ${token.reveal()}`);
    return token;
  }

  async headers(options?: GetTokenOptions): Promise<Headers> {
    const headers = new Headers();
    await this.authorize({ method: "GET", url: "", headers }, options);
    return headers;
  }

  reject(token: AccessToken, response?: ResponseParts): void {
    const { token: current } = this.#memory;
    if (!current || current.id !== token.id) return;
    if (response && this.#setup.grant.rejected?.(response, token) === "keep") return;
    if (this.#memory.rejected) return;
    this.#memory.reject();
    this.#setup.emit({ type: "rejected", tokenId: token.id });
  }

  async login({ signal, interaction, scopes }: LoginOptions = {}): Promise<AccessToken> {
    signal?.throwIfAborted();
    this.#throwIfDisposed();
    const login = { ...(interaction && { interaction }), ...(scopes && { scopes }) };
    const trip = this.#start({ attended: true, force: true, login });
    const leave = (): void => void (trip.sent || trip.controller.abort(signal?.reason));
    signal?.addEventListener("abort", leave, { once: true });
    return waitFor(trip.done, signal).finally(() => signal?.removeEventListener("abort", leave));
  }

  async logout({ signal }: { readonly signal?: AbortSignal } = {}): Promise<LogoutReport> {
    this.#throwIfDisposed();
    const report = await logout(this.#setup, this.#memory, signal);
    this.#setup.emit({ type: "logout" });
    return report;
  }

  status(): Promise<AuthStatus> {
    return status(this.#setup, this.#memory);
  }

  /** `renewWhenIdle`: one background timer, for the beginning of the next window. */
  #schedule(): void {
    const { policy, clock } = this.#setup;
    if (!policy.renewWhenIdle || this.#ended) return;
    this.#idle?.abort();
    this.#idle = new AbortController();
    const waitMs = this.#memory.renewalInMs();
    if (waitMs === undefined) return;
    void clock.sleep(waitMs, { signal: this.#idle.signal, background: true }).then(
      () => (this.#memory.decide() === "use" ? this.#schedule() : this.#behind()),
      () => {}, // ended
    );
  }

  #throwIfDisposed(): void {
    if (this.#ended) throw this.#disposed();
  }

  #disposed(): AuthError {
    return new AuthError(
      "ERR_AUTH_UNAVAILABLE",
      "disposed",
      `${this.name}: this Auth was disposed. Create another one.`,
      { provider: this.name },
    );
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#ended = true;
    this.#idle?.abort();
    const trips = [...this.#trips];
    for (const trip of trips) if (!trip.sent) trip.controller.abort(this.#disposed());
    await Promise.allSettled(trips.map((trip) => trip.done));
  }
}
