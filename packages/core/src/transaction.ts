import type { Clock } from "./clock.ts";
import type { Credential } from "./credential.ts";
import { digest, sameCredential } from "./credential-identity.ts";
import { type Action, decide } from "./decide.ts";
import { AuthError, isAuthError, toAuthError } from "./errors.ts";
import type { AuthEvent } from "./events.ts";
import type { Grant, GrantContext, Interaction } from "./grant.ts";
import type { Memory, Unsaved } from "./memory.ts";
import type { TokenPolicy } from "./policy.ts";
import type { Provider } from "./provider.ts";
import { decodeRecord, encodeRecord, type TokenRecord } from "./record.ts";
import type { Secret } from "./secret.ts";
import type { Lease, Stored, TokenStore } from "./store.ts";
import { AccessToken, type TokenSet } from "./token.ts";
import { waitFor } from "./wait.ts";

/** What one `Auth` is made of. */
export interface Setup {
  readonly name: string;
  /** The app's name for the login, if it gave one: then it is the store key. */
  readonly named: string | undefined;
  readonly grant: Grant;
  readonly credentials: Provider | undefined;
  readonly store: TokenStore;
  readonly policy: Partial<TokenPolicy>;
  readonly clock: Clock;
  readonly fetch: typeof fetch;
  emit(event: Omit<AuthEvent, "auth" | "at">): void;
}

/** Why a transaction runs, and how far it has come. Whoever waits for it holds this too. */
export interface Flight {
  /** Somebody waits, so a person may be asked. */
  attended: boolean;
  /** A new token, whatever the present one has left. */
  readonly force: boolean;
  /** Exchange at once, with a person if need be. */
  readonly login?: { readonly interaction?: Interaction; readonly scopes?: readonly string[] } | undefined;
  /** Ends whatever happens before a refresh token is sent; nothing after that. */
  readonly signal: AbortSignal;
  /** Something that cannot be taken back has left. */
  sent: boolean;
  /** Hands a token to those who wait, ahead of the end (SEC-59, opt-in). */
  serve(token: AccessToken): void;
}

type Work = "keep-alive" | "refresh" | "exchange";
/** The lock is let go, what a source or sibling has is read, and the question asked again. */
const again = Symbol("again");
/** A credential that is not there, rather than one that is broken. */
const absent: ReadonlySet<string> = new Set([
  "ERR_AUTH_NOT_FOUND",
  "ERR_AUTH_UNAVAILABLE",
  "ERR_AUTH_EXHAUSTED",
]);
const served: ReadonlySet<Action> = new Set(["use", "use-and-refresh"]);
const free: Lease = { signal: new AbortController().signal };

/** One trip: read, lock, read again, send, save, publish. */
export class Transaction {
  readonly #setup: Setup;
  readonly #memory: Memory;
  readonly #flight: Flight;
  readonly #startedAt: number;
  readonly #epoch: number;
  #replaced: AccessToken | undefined;
  #key = "";
  #partition: string | undefined;
  /** The store's mark of what was there when we looked last. */
  #generation: string | undefined;
  /** A record of another identity lies under our name. */
  #foreign = false;
  #loggedOut = false;
  #keptAlive = true;
  #credential: Credential | undefined;
  #asked = false;
  /** What the server said of the credential, until the source was read once more. */
  #refusal: AuthError | undefined;
  #healed = false;
  #reborn = false;
  /** The store cannot be reached, and we go on without. */
  #away = false;

  constructor(setup: Setup, memory: Memory, flight: Flight) {
    this.#setup = setup;
    this.#memory = memory;
    this.#flight = flight;
    this.#startedAt = setup.clock.monotonic();
    this.#epoch = memory.epoch;
    this.#replaced = memory.token;
  }

  async run(): Promise<AccessToken> {
    const { grant } = this.#setup;
    if (grant.local) return this.#locally();
    await this.#identify();
    const { unsaved } = this.#memory;
    if (unsaved) await this.#locked(() => this.#save(unsaved), "whatever it takes");
    const ready = await this.#tolerant(() => this.#adopt());
    if (ready) return ready;

    const { login } = this.#flight;
    if (login && grant.interactive) {
      // A person takes minutes; nobody else should wait for the lock that long, and nothing is spent here.
      await this.#locked(async () => this.#setup.store.prepare?.(this.#key));
      await this.#read("exchange");
      const answer = await this.#send("exchange");
      const token = await this.#locked(() => this.#save(answer), "whatever it takes");
      if (token !== again) return token;
    }
    for (let round = 0; round < 6; round++) {
      await this.#read(this.#next());
      const result = await this.#locked((lease) => this.#attempt(lease));
      if (result === again) continue;
      if ("reveal" in result) return result;
      // The lock was lost while the answer was under way: it holds the only living refresh token all the same (SEC-78).
      const saved = await this.#locked(() => this.#save(result), "whatever it takes");
      if (saved !== again) return saved;
    }
    throw new AuthError(
      "ERR_AUTH_UNREACHABLE",
      "store-contended",
      `${this.#setup.name}: others kept changing the stored login. Try again.`,
      { provider: this.#setup.store.name },
    );
  }

  // --- who we are -------------------------------------------------------------------------------------------------

  /** The store key. A grant that is told its client up front needs no vault to serve a stored token. */
  async #identify(): Promise<void> {
    const { grant, named, credentials, name } = this.#setup;
    this.#partition =
      (await grant.partition()) ?? (this.#credential && (await grant.partition(this.#credential)));
    if (this.#partition === undefined && !this.#credential && credentials && grant.accepts?.length) {
      // Where only a person or an unreachable source could tell, a named login is used on the strength of its name.
      if (named === undefined) await this.#ask();
      else if (!credentials.interactive) await this.#ask().catch(() => (this.#asked = false));
    }
    const key = named ?? this.#partition;
    if (key === undefined) {
      throw new AuthError(
        "ERR_AUTH_INVALID",
        "no-identity",
        `${name}: nothing says whose login this is. Give createAuth a \`name\` or \`credentials\`, or tell the grant its client id.`,
        { provider: grant.name },
      );
    }
    this.#key = key;
    this.#memory.key = key;
  }

  /** Reads the credential that `work` needs: outside the lock, because sources may be slow or ask a person. */
  async #read(work: Work): Promise<void> {
    const { credentials } = this.#setup;
    const refusal = this.#refusal;
    if (refusal) {
      // SEC-69: a rotated secret shows only past the source's cache; the same secret again is final.
      this.#refusal = undefined;
      const refused = this.#credential;
      await this.#ask(true).catch(() => {});
      if (sameCredential(refused, this.#credential)) throw refusal;
      this.#partition = undefined; // another credential may be another identity
      return this.#identify();
    }
    if (!this.#lacks(work)) return;
    try {
      await this.#ask();
    } catch (thrown) {
      const error = toAuthError(thrown, credentials?.name ?? "");
      // A refresh may do without: only the grant knows whether its client has a secret.
      if (work !== "refresh" || !absent.has(error.code)) throw error;
      this.#asked = true;
    }
  }

  #lacks(work: Work): boolean {
    const { credentials, grant } = this.#setup;
    if (this.#refusal) return true;
    if (this.#asked || !credentials || !grant.accepts?.length || work === "keep-alive") return false;
    return work === "exchange" || !credentials.interactive;
  }

  async #ask(forceRefresh = false): Promise<void> {
    const { credentials, grant, name } = this.#setup;
    const { signal } = this.#flight;
    if (!credentials) return;
    if (credentials.interactive && !this.#flight.attended) throw this.#loginNeeded();
    try {
      // A source that does not heed the signal must not hold everybody up.
      const credential = await waitFor(
        credentials.get(forceRefresh ? { signal, forceRefresh } : { signal }),
        signal,
      );
      if (!grant.accepts?.includes(credential?.type)) {
        throw new AuthError(
          "ERR_AUTH_INVALID",
          "credential-type",
          `${name}: ${credentials.name} holds a credential of another type than ${grant.name} takes (${grant.accepts?.join(", ")}). Change one of them.`,
          { provider: credentials.name },
        );
      }
      this.#credential = credential;
      this.#asked = true;
      this.#partition ??= await grant.partition(credential);
    } catch (thrown) {
      signal.throwIfAborted();
      throw toAuthError(thrown, credentials.name);
    }
  }

  // --- what there is ----------------------------------------------------------------------------------------------

  /** Takes over what the store has; resolves to it if it is what we came for. */
  async #adopt(): Promise<AccessToken | undefined> {
    if (this.#away) return undefined;
    const { store } = this.#setup;
    const memory = this.#memory;
    const { held } = memory;
    const { login, force, signal } = this.#flight;
    const stored = await waitFor(store.read(this.#key), signal);
    this.#generation = stored?.generation;
    if (!stored) {
      if (held?.generation === undefined) return undefined;
      memory.forget(); // somebody logged out
      this.#loggedOut = true;
      return undefined;
    }
    if (stored.generation !== held?.generation) {
      const record = this.#decode(stored);
      if (!record) return undefined;
      const older = held && held.generation === undefined && instant(held.record) >= instant(record);
      if (!older) memory.hold(record, stored.generation, "store");
    }
    // In a process that knew nothing, the token to be replaced is the stored one.
    if (force) this.#replaced ??= memory.token;
    const token = memory.usable();
    if (!token || login || token.id === this.#replaced?.id || !served.has(memory.decide())) return undefined;
    this.#setup.emit({ type: "adopted", tokenId: token.id });
    return token;
  }

  /** The stored record if it is ours. A login replaces what cannot be read; anything else reports it. */
  #decode(stored: Stored): TokenRecord | undefined {
    let record: TokenRecord;
    try {
      record = decodeRecord(stored.value);
    } catch (error) {
      if (this.#flight.login && isAuthError(error) && error.reason === "store-corrupted") return undefined;
      throw error;
    }
    this.#foreign =
      record.partition !== undefined && this.#partition !== undefined && record.partition !== this.#partition;
    return this.#foreign ? undefined : record;
  }

  /** What is to be sent. */
  #next(): Work {
    const { login, force, attended } = this.#flight;
    if (login) return "exchange";
    const memory = this.#memory;
    if (!force && this.#keptAlive && !this.#away && memory.decide() === "keep-alive") return "keep-alive";
    const { token: _, ...snapshot } = memory.snapshot();
    const action = decide(snapshot, memory.now(), this.#setup.policy);
    if (action !== "refresh" && action !== "exchange") throw this.#loginNeeded();
    if (action === "exchange" && snapshot.can.exchange === "attended" && !attended) throw this.#loginNeeded();
    return action;
  }

  // --- under the lock ---------------------------------------------------------------------------------------------

  async #locked<T>(work: (lease: Lease) => Promise<T>, must?: "whatever it takes"): Promise<T> {
    const { store, policy } = this.#setup;
    if (this.#away || !store.withLock) return work(free);
    const { signal } = this.#flight;
    let entered = false;
    const enter = (lease: Lease): Promise<T> => {
      entered = true;
      return work(lease);
    };
    try {
      return await store.withLock(this.#key, enter, { signal, waitMs: policy.lockWaitMs ?? 30_000 });
    } catch (thrown) {
      if (entered) throw thrown;
      if (must) return work(free);
      signal.throwIfAborted();
      const error = toAuthError(thrown, store.name);
      this.#goWithout(error);
      return work(free);
    }
  }

  async #tolerant<T>(work: () => Promise<T>): Promise<T | undefined> {
    try {
      return await work();
    } catch (thrown) {
      this.#flight.signal.throwIfAborted();
      const error = toAuthError(thrown, this.#setup.store.name);
      if (this.#flight.login && error.reason === "store-corrupted") return undefined;
      this.#goWithout(error);
      return undefined;
    }
  }

  /** A store that is away stops whatever spends a refresh token (SEC-57); anything else goes on from memory. */
  #goWithout(error: AuthError): void {
    const away =
      error.code === "ERR_AUTH_DENIED" ||
      (error.code === "ERR_AUTH_UNREACHABLE" && error.reason !== "lock-timeout");
    const { can } = this.#memory.snapshot();
    const exchanges = !this.#flight.login && !can.refresh && can.exchange && !this.#spends("exchange");
    if (!away || !exchanges || this.#flight.signal.aborted) throw error;
    this.#away = true;
    this.#warn(error.reason, error.code);
  }

  #spends(work: Work): boolean {
    const takes = this.#credential ? [this.#credential.type] : this.#setup.grant.accepts;
    return work !== "exchange" || (takes?.includes("refresh-token") ?? false);
  }

  async #attempt(lease: Lease): Promise<AccessToken | Unsaved | typeof again> {
    const { store } = this.#setup;
    const ready = await this.#tolerant(() => this.#adopt());
    if (ready) return ready;
    for (;;) {
      const work = this.#next();
      if (this.#lacks(work)) return again;
      if (!this.#away) await this.#tolerant(async () => store.prepare?.(this.#key));
      if (lease.signal.aborted) throw this.#leaseLost();
      if (this.#spends(work)) {
        await lease.sent?.();
        this.#flight.sent = true;
      }
      let answer: Unsaved;
      try {
        answer = await this.#send(work);
      } catch (thrown) {
        if (await this.#refused(work, toAuthError(thrown, this.#setup.grant.name))) continue;
        return again;
      }
      return lease.signal.aborted ? answer : this.#save(answer);
    }
  }

  /** Asks the server. What comes back is not handed out before it is saved. */
  async #send(work: Work): Promise<Unsaved> {
    const { grant, clock } = this.#setup;
    const memory = this.#memory;
    memory.throwIfBarred();
    const held = memory.held?.record;
    const credential = this.#credential;
    const spent =
      credential?.type === "refresh-token" ? await digest(credential.refreshToken.reveal()) : undefined;
    if (work === "exchange" && spent && (spent === memory.refused || (held?.dead && spent === held.spent))) {
      throw this.#loginNeeded("refresh-token-rejected");
    }
    const startedAt = clock.monotonic();
    const old = work === "exchange" ? undefined : held?.tokens;
    const sent = work === "refresh" ? old?.refreshToken?.reveal() : undefined;
    const scopes = this.#flight.login?.scopes ?? held?.scopes;
    const facts = {
      ...(this.#partition !== undefined && { partition: this.#partition }),
      ...(scopes && { scopes }),
      ...(held?.more && { more: held.more }),
    };
    const keep = (tokens: TokenSet, mark = work === "exchange" ? spent : held?.spent): Unsaved => ({
      record: { tokens, ...facts, ...(mark !== undefined && { spent: mark }) },
      generation: this.#generation,
      sent,
      startedAt,
      work,
    });
    let salvaged: Secret | undefined;
    const context = this.#context(this.#spends(work), scopes, (token) => {
      salvaged = token;
    });
    try {
      const tokens =
        work === "exchange"
          ? await grant.exchange(credential, context)
          : await (work === "refresh"
              ? grant.refresh?.(old as TokenSet, context, credential)
              : grant.keepAlive?.(old as TokenSet, context));
      if (!tokens?.accessToken) throw new TypeError("a grant must answer with a token set");
      return keep(old ? merge(old, tokens) : tokens);
    } catch (thrown) {
      if (salvaged && old) await this.#save(keep({ ...old, refreshToken: salvaged })); // SEC-32
      this.#flight.signal.throwIfAborted();
      throw thrown;
    }
  }

  #context(
    spends: boolean,
    scopes: readonly string[] | undefined,
    salvage: (token: Secret) => void,
  ): GrantContext {
    const { fetch, clock } = this.#setup;
    const interaction = this.#flight.login?.interaction;
    return {
      // Once a refresh token has left, only the answer ends it (SEC-28).
      signal: spends ? free.signal : this.#flight.signal,
      fetch,
      clock,
      salvage,
      warn: (reason) => this.#warn(reason),
      ...(interaction && { interaction }),
      ...(scopes && { scopes }),
    };
  }

  /** What a refusal means. Resolves to true: go on under this lock; false: read and lock again. Throws what is final. */
  async #refused(work: Work, error: AuthError): Promise<boolean> {
    if (work === "keep-alive") {
      this.#keptAlive = false; // the same flight goes on to renew
      this.#warn(error.reason, error.code);
      return true;
    }
    const credential = this.#credential;
    if (error.code !== "ERR_AUTH_GRANT") throw error;
    const tokenRefused = error.reason === "refresh-token-rejected";
    if (tokenRefused && work === "refresh") return this.#bury();
    const hopeful = this.#setup.credentials && credential && !this.#healed;
    if (tokenRefused && credential?.type === "refresh-token") {
      this.#memory.refused = await digest(credential.refreshToken.reveal());
      if (!hopeful) throw this.#loginNeeded("refresh-token-rejected", error);
      this.#refusal = this.#loginNeeded("refresh-token-rejected", error);
    } else if (hopeful && error.reason === "credential-rejected") {
      this.#refusal = error;
    } else throw error;
    this.#healed = true;
    return false;
  }

  /** SEC-61: a refused refresh token is believed dead only if the store still has that one; then it is kept, marked. */
  async #bury(): Promise<boolean> {
    const { store, clock } = this.#setup;
    const memory = this.#memory;
    const sent = memory.held?.record.tokens.refreshToken?.reveal();
    const stored = await store.read(this.#key);
    const record = stored && this.#decode(stored);
    if (stored && record && record.tokens.refreshToken?.reveal() !== sent) {
      if (this.#reborn) throw this.#loginNeeded("refresh-token-rejected");
      this.#reborn = true;
      memory.hold(record, stored.generation, "store");
      return false;
    }
    if (!stored) {
      memory.forget();
      this.#loggedOut = true;
      return true;
    }
    const base = record ?? memory.held?.record;
    if (!base) throw this.#loginNeeded("refresh-token-rejected");
    const buried = { ...base, dead: { reason: "refresh-token-rejected", at: new Date(clock.now()) } };
    const generation = await store.write(this.#key, encodeRecord(buried), stored.generation);
    if (generation === undefined) return false; // somebody was faster: look again
    this.#generation = generation;
    memory.hold(buried, generation, "store");
    return true; // `#next` exchanges if it can without a person
  }

  /** One record, compared and swapped, before anybody sees the token (SEC-58). */
  async #save(unsaved: Unsaved): Promise<AccessToken | typeof again> {
    const { store, clock, policy } = this.#setup;
    const memory = this.#memory;
    const { record, sent, startedAt } = unsaved;
    const { accessToken, refreshToken } = record.tokens;
    const arrivedDead = accessToken.expiresAt && accessToken.expiresAt.getTime() <= clock.now();
    if (this.#away || (arrivedDead && !refreshToken)) return this.#publish(unsaved, undefined);
    if (memory.epoch !== this.#epoch) return this.#takeBack(record);
    let expected = unsaved.generation;
    for (let tries = 0; ; tries++) {
      try {
        const generation = await store.write(this.#key, encodeRecord(record), expected);
        if (generation !== undefined) return this.#publish(unsaved, generation);
        const stored = await store.read(this.#key);
        if (!stored) {
          if (expected !== undefined) return this.#takeBack(record);
          continue;
        }
        const theirs = this.#flight.login ? undefined : this.#decode(stored);
        const ours = !theirs || (sent !== undefined && theirs.tokens.refreshToken?.reveal() === sent);
        if (!ours) memory.hold(theirs, stored.generation, "store"); // newer than what we have
        if (!ours && (memory.usable() || sent !== undefined)) {
          memory.unsaved = undefined;
          return memory.usable() ?? again;
        }
        expected = stored.generation;
      } catch (thrown) {
        const error = toAuthError(thrown, store.name);
        if (error.code === "ERR_AUTH_INTERACTION_REQUIRED") throw error;
        if (!refreshToken) {
          this.#warn(error.reason, error.code);
          return this.#publish(unsaved, undefined);
        }
        memory.unsaved = { ...unsaved, generation: expected };
        if (policy.serveUnsaved && !tries) {
          this.#warn("serving-unsaved");
          this.#flight.serve(memory.hold(record, expected, "memory", startedAt));
        }
        const left = this.#startedAt + (policy.timeoutMs ?? 60_000) - clock.monotonic();
        if (left <= 0) throw saveFailed(store.name, error);
        await clock.sleep(Math.min(left, clock.random() * Math.min(5_000, 200 * 2 ** tries)));
      }
    }
  }

  #publish({ record, startedAt, work }: Unsaved, generation: string | undefined): AccessToken {
    const memory = this.#memory;
    const token = memory.hold(record, generation, "memory", startedAt);
    memory.unsaved = undefined;
    if (!memory.usable() && startedAt >= this.#startedAt) {
      throw new AuthError(
        "ERR_AUTH_INVALID",
        "expired-on-arrival",
        `${this.#setup.name}: ${this.#setup.grant.name} answered with a token that has already expired. Check this machine's clock.`,
        { provider: this.#setup.grant.name },
      );
    }
    const durationMs = this.#setup.clock.monotonic() - this.#startedAt;
    const type = this.#flight.login ? "login" : "renewed";
    this.#setup.emit({ type, action: work, tokenId: token.id, durationMs });
    return token;
  }

  /** The login was ended while we renewed it: what we got must not bring it back (SEC-67). */
  async #takeBack({ tokens }: TokenRecord): Promise<never> {
    const { grant } = this.#setup;
    this.#memory.unsaved = undefined;
    this.#memory.forget();
    const context = this.#context(true, undefined, () => {});
    await grant.revoke?.(tokens, context, this.#credential).catch(() => this.#warn("revocation-failed"));
    throw this.#loginNeeded("logged-out");
  }

  /** A grant that costs nothing has nothing to lock or keep. */
  async #locally(): Promise<AccessToken> {
    const { grant } = this.#setup;
    // The token is the credential: a new one can only come from past the source's cache.
    if (grant.accepts?.length) await this.#ask(this.#memory.rejected || this.#flight.force);
    this.#memory.key = this.#setup.named ?? this.#partition;
    return this.#publish(await this.#send("exchange"), undefined);
  }

  // --- saying so --------------------------------------------------------------------------------------------------

  #warn(reason: string, code?: AuthError["code"]): void {
    this.#setup.emit({ type: "warning", reason, ...(code && { code }) });
  }

  #leaseLost(): AuthError {
    const { name, store } = this.#setup;
    return new AuthError(
      "ERR_AUTH_UNREACHABLE",
      "lock-lost",
      `${name}: the lock of ${store.name} was lost before anything was sent. Try again.`,
      {
        provider: store.name,
      },
    );
  }

  #loginNeeded(reason?: string, cause?: AuthError): AuthError {
    const { name, clock } = this.#setup;
    const record = this.#memory.held?.record;
    const ended = record?.tokens.sessionExpiresAt && record.tokens.sessionExpiresAt.getTime() <= clock.now();
    const why =
      reason ??
      (this.#loggedOut
        ? "logged-out"
        : this.#foreign
          ? "issuer-changed"
          : (record?.dead?.reason ?? (ended ? "session-ended" : "login-needed")));
    return new AuthError(
      "ERR_AUTH_INTERACTION_REQUIRED",
      why,
      `${name}: ${reasons[why] ?? reasons["login-needed"]} Log in again.`,
      {
        provider: name,
        cause,
      },
    );
  }
}

const reasons: Readonly<Record<string, string>> = {
  "login-needed": "nobody is logged in, and only a person can do that.",
  "logged-out": "this login was ended.",
  "issuer-changed":
    "the stored login was made for another server, client, account or scope, and is not sent to this one.",
  "refresh-token-rejected":
    "the server no longer takes the refresh token; the stored login is kept but dead.",
  "session-ended": "the session has reached its end at the server.",
};

/** What an answer leaves out stays as it was (SEC-60). `refreshAfter` belongs to the one token. */
function merge(old: TokenSet, { accessToken: fresh, ...answer }: TokenSet): TokenSet {
  const { accessToken, refreshAfter: _, ...kept } = old;
  const scopes = fresh.scopes ?? accessToken.scopes;
  const named = new AccessToken(fresh.reveal(), { ...facts(fresh), scopes });
  return { ...kept, ...answer, accessToken: fresh.scopes || !scopes ? fresh : named };
}

function facts({
  type,
  expiresAt,
  obtainedAt,
  id,
}: AccessToken): Pick<AccessToken, "type" | "expiresAt" | "obtainedAt" | "id"> {
  return { type, id, ...(expiresAt && { expiresAt }), ...(obtainedAt && { obtainedAt }) };
}

function instant(record: TokenRecord): number {
  return record.tokens.accessToken.obtainedAt?.getTime() ?? 0;
}

function saveFailed(store: string, cause: AuthError): AuthError {
  return new AuthError(
    "ERR_AUTH_UNREACHABLE",
    "save-failed",
    `${store}: the renewed login could not be saved (${cause.reason}). It is kept in this process and saved as soon as that works: make room or give access, and do not end the process before.`,
    { provider: store, cause },
  );
}
