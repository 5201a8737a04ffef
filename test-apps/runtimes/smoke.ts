// What core promises, in the plainest JavaScript there is: no test runner, no module of any one runtime.
import {
  AccessToken,
  AuthError,
  bearer,
  type Clock,
  type Credential,
  cached,
  chain,
  createAuth,
  fixed,
  type Grant,
  isAuthError,
  memoryStore,
  type Provider,
  Secret,
  type TokenSet,
} from "@auth/core";
import { createResolver, type Scheme } from "@auth/core/resolver";

function check(holds: boolean, what: string): asserts holds {
  if (!holds) throw new Error(`does not hold: ${what}`);
}

/** What the promise is rejected with. */
const failure = (work: Promise<unknown>): Promise<unknown> =>
  work.then(
    () => undefined,
    (error: unknown) => error,
  );

const nextTurn = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 0));

const credential: Credential = { type: "access-token", token: new Secret("canary-access") };

/** Time passes by assignment; a wait ends only by its signal. */
class StandingClock implements Clock {
  time = Date.UTC(2026, 0, 1);
  now = (): number => this.time;
  monotonic = (): number => this.time;
  random = (): number => 0.5;
  sleep: Clock["sleep"] = (_, { signal } = {}) =>
    new Promise((_resolve, reject) => signal?.addEventListener("abort", () => reject(signal.reason)));
}

/** A grant with rotating refresh tokens and tokens that last an hour; `gate` holds its answers back. */
class HourlyGrant implements Grant {
  readonly name = "hourly";
  readonly sent: string[] = [];
  gate: Promise<void> = Promise.resolve();
  readonly #clock: Clock;
  constructor(clock: Clock) {
    this.#clock = clock;
  }
  partition = (): string => "hourly";
  exchange = (): Promise<TokenSet> => this.#answer("exchange");
  refresh = (tokens: TokenSet): Promise<TokenSet> => this.#answer(tokens.refreshToken?.reveal() ?? "nothing");

  async #answer(sent: string): Promise<TokenSet> {
    const n = this.sent.push(sent);
    const obtainedAt = new Date(this.#clock.now());
    const expiresAt = new Date(obtainedAt.getTime() + 3_600_000);
    await this.gate;
    return {
      accessToken: new AccessToken(`access-${n}`, { obtainedAt, expiresAt }),
      refreshToken: new Secret(`refresh-${n}`),
    };
  }
}

const steps: Record<string, () => Promise<void>> = {
  async "a fixed credential becomes a header"() {
    await using auth = createAuth({ grant: bearer(), credentials: fixed(credential) });
    check((await auth.getToken()).reveal() === "canary-access", "the token is the credential");
    check((await auth.headers()).get("authorization") === "Bearer canary-access", "the header holds it");
    check(auth.peek() !== undefined, "peek() is the token");
  },

  async "a chain goes on after what is absent, and stops at what is broken"() {
    const failing = (code: "ERR_AUTH_NOT_FOUND" | "ERR_AUTH_DENIED"): Provider => ({
      name: code,
      get: () => Promise.reject(new AuthError(code, "test", `${code}: as arranged`)),
    });
    const found = await chain(failing("ERR_AUTH_NOT_FOUND"), fixed(credential)).get();
    check(found.type === "access-token", "the second answered");
    const error = await failure(chain(failing("ERR_AUTH_DENIED"), fixed(credential)).get());
    check(isAuthError(error, "ERR_AUTH_DENIED"), "denied is not absent");
    const nothing = await failure(chain(failing("ERR_AUTH_NOT_FOUND")).get());
    check(
      isAuthError(nothing, "ERR_AUTH_EXHAUSTED") && nothing.attempts?.length === 1,
      "it lists what it tried",
    );
  },

  async "a cached source is read once by many, and again once it is too old"() {
    const clock = new StandingClock();
    let reads = 0;
    const source: Provider = {
      name: "counting",
      get: async () => ({ ...credential, version: `${++reads}` }),
    };
    const provider = cached(source, { ttlMs: 60_000, clock });
    await Promise.all(Array.from({ length: 100 }, () => provider.get()));
    check(reads === 1, "100 callers, one read");
    clock.time += 60_001;
    check((await provider.get()).version === "2", "too old: read again");
    check((await provider.get({ forceRefresh: true })).version === "3", "forced: read again");
  },

  async "a token is fetched once, renewed ahead of time, and replaced once it has expired"() {
    const clock = new StandingClock();
    const grant = new HourlyGrant(clock);
    const store = memoryStore({ clock });
    await using auth = createAuth({ grant, store, clock });
    const tokens = await Promise.all(Array.from({ length: 1_000 }, () => auth.getToken()));
    check(grant.sent.join() === "exchange", "1000 first callers, one request");
    check(new Set(tokens).size === 1, "and one token");

    clock.time += 3_400_000;
    check((await auth.getToken()).reveal() === "access-1", "nobody waits for an early renewal");
    for (let turn = 0; turn < 100 && auth.peek()?.reveal() === "access-1"; turn++) await nextTurn();
    check(grant.sent.join() === "exchange,refresh-1", "the renewal spent the refresh token");

    clock.time += 3_600_001;
    check(auth.peek() === undefined, "an expired token is not shown");
    check((await auth.getToken()).reveal() === "access-3", "expired: renewed while the caller waits");
    check(grant.sent.join() === "exchange,refresh-1,refresh-2", "no refresh token was spent twice");

    await using sibling = createAuth({ grant, store, clock });
    check((await sibling.getToken()).reveal() === "access-3", "the store serves whoever shares it");
    check(grant.sent.length === 3, "without a request");
  },

  async "an abort ends one caller's wait, with the signal's reason"() {
    const clock = new StandingClock();
    const grant = new HourlyGrant(clock);
    const gate = Promise.withResolvers<void>();
    grant.gate = gate.promise;
    await using auth = createAuth({ grant, clock });
    const leaver = new AbortController();
    const reason = new Error("changed my mind");
    const left = failure(auth.getToken({ signal: leaver.signal }));
    const stayed = auth.getToken();
    leaver.abort(reason);
    check((await left) === reason, "the reason itself");
    gate.resolve();
    check((await stayed).reveal() === "access-1" && grant.sent.length === 1, "the others are served");
  },

  async "a failure is typed, says nothing secret, and is no obstacle"() {
    let broken = true;
    const source: Provider = {
      name: "moody",
      get: async () => {
        if (broken) throw new Error("canary-access");
        return credential;
      },
    };
    await using auth = createAuth({ grant: bearer(), credentials: source });
    const error = await failure(auth.getToken());
    check(
      isAuthError(error, "ERR_AUTH_INVALID") && error.provider === "moody",
      "an AuthError that says whose",
    );
    check(
      !`${error.message}${error.stack}${JSON.stringify(error)}${String(error.cause)}`.includes("canary"),
      "no secret",
    );
    broken = false;
    const insisting = await auth.getToken({ forceRefresh: true });
    check(insisting.reveal() === "canary-access", "whoever insists tries again");
  },

  async "secrets do not print"() {
    const secret = new Secret("canary-secret");
    for (const text of [
      `${secret as unknown as string}`,
      JSON.stringify({ secret }),
      JSON.stringify(Object.entries(secret)),
    ])
      check(!text.includes("canary"), `"${text}" holds no secret`);
    check(secret.reveal() === "canary-secret", "but for those who ask");
  },

  async "a reference finds its source"() {
    const scheme: Scheme = { scheme: "fixed", parse: () => fixed(credential) };
    const resolve = createResolver([scheme]);
    check((await resolve("fixed:anything").get()).type === "access-token", "the scheme made it");
    check(
      isAuthError(await failure((async () => resolve("unknown:x"))()), "ERR_AUTH_INVALID"),
      "an unknown one is an error",
    );
  },
};

/** Runs every step; resolves to their names, or rejects with the first that does not hold. */
export async function smoke(): Promise<string[]> {
  for (const [name, step] of Object.entries(steps)) {
    try {
      await step();
    } catch (error) {
      throw new Error(`${name}: ${error instanceof Error ? error.stack : String(error)}`);
    }
  }
  return Object.keys(steps);
}
