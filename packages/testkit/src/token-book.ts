import type { Clock } from "@auth/core";

/** What a token request is answered with: RFC 6749 §5.1, or §5.2 when it has an `error`. */
export interface Answer {
  readonly error?: string;
  readonly [field: string]: unknown;
}

/** What the server has done since it started. */
export interface TokenServerCounts {
  /** Everything that came in, but the reading of these counts. */
  requests: number;
  tokenRequests: number;
  /** Token requests answered with a token, by grant. */
  clientCredentials: number;
  passwords: number;
  refreshes: number;
  /** Token requests answered with an `error` of RFC 6749 §5.2. */
  refusals: number;
  /** A refresh token that was already spent came again; its family was revoked. */
  reuses: number;
  /** Chains of refresh tokens that began: one for each login. */
  families: number;
  revocations: number;
  discoveries: number;
  resources: number;
  /** Resource requests answered with 401. */
  unauthorized: number;
}

interface Access {
  readonly expiresAt: number;
  readonly family?: Family;
  readonly clientId: string;
  readonly scope: string;
}

interface Family {
  readonly clientId: string;
  readonly scope: string;
  current: string;
  revoked: boolean;
}

export interface TokenBookOptions {
  readonly clock: Pick<Clock, "now">;
  /** Seconds. Undefined: the answer does not say, and the token lasts. */
  readonly expiresIn: number | undefined;
  readonly refreshTokens: "rotate" | "keep" | "none";
  /** Is part of every token, so that all of them can be looked for at once. */
  readonly marker: string;
}

/**
 * The tokens a server has given out. With `rotate`, a refresh token is good once: the second use revokes its whole family,
 * access tokens included, with no grace (RFC 9700 §4.14.2).
 */
export class TokenBook {
  readonly counts: TokenServerCounts = {
    requests: 0,
    tokenRequests: 0,
    clientCredentials: 0,
    passwords: 0,
    refreshes: 0,
    refusals: 0,
    reuses: 0,
    families: 0,
    revocations: 0,
    discoveries: 0,
    resources: 0,
    unauthorized: 0,
  };
  readonly #options: TokenBookOptions;
  #issued = 0;
  readonly #access = new Map<string, Access>();
  /** Refresh tokens, spent ones too: that is how reuse is seen. */
  readonly #families = new Map<string, Family>();

  constructor(options: TokenBookOptions) {
    this.#options = options;
  }

  /** A login: access token, and the first refresh token of a family if there are refresh tokens. */
  login(clientId: string, scope: string): Answer {
    if (this.#options.refreshTokens === "none") return this.client(clientId, scope);
    const family = this.#family(clientId, scope);
    return { ...this.#answer(clientId, scope, family), refresh_token: family.current };
  }

  /** The client for itself: no refresh token (RFC 6749 §4.4.3). */
  client(clientId: string, scope: string): Answer {
    return this.#answer(clientId, scope);
  }

  /** A refresh token from nowhere, as if somebody had logged in before. */
  seed(clientId: string, scope: string): string {
    return this.#family(clientId, scope).current;
  }

  refresh(clientId: string, refreshToken: string, scope: string | undefined): Answer {
    const family = this.#families.get(refreshToken);
    if (!family || family.clientId !== clientId) return { error: "invalid_grant" };
    if (family.current !== refreshToken) {
      this.counts.reuses++;
      family.revoked = true;
    }
    if (family.revoked) return { error: "invalid_grant" };
    const granted = new Set(family.scope.split(" "));
    if (scope?.split(" ").some((each) => !granted.has(each))) return { error: "invalid_scope" };
    this.counts.refreshes++;
    const answer = this.#answer(clientId, scope ?? family.scope, family);
    if (this.#options.refreshTokens !== "rotate") return answer;
    family.current = this.#refreshToken(family);
    return { ...answer, refresh_token: family.current };
  }

  /** RFC 7009 §2.1: a refresh token takes its access tokens along. Unknown ones, and other clients' ones, stay. */
  revoke(clientId: string, token: string): void {
    const family = this.#families.get(token);
    if (family?.clientId === clientId) family.revoked = true;
    if (this.#access.get(token)?.clientId === clientId) this.#access.delete(token);
  }

  revokeAll(): void {
    for (const family of this.#families.values()) family.revoked = true;
    this.#access.clear();
  }

  /** Would a resource server take this access token now? */
  accepts(token: string): boolean {
    const access = this.#access.get(token);
    return access !== undefined && access.expiresAt > this.#options.clock.now() && !access.family?.revoked;
  }

  #answer(clientId: string, scope: string, family?: Family): Answer {
    const { clock, expiresIn } = this.#options;
    const value = this.#issue("at");
    const expiresAt = expiresIn === undefined ? Number.POSITIVE_INFINITY : clock.now() + expiresIn * 1000;
    this.#access.set(value, { expiresAt, clientId, scope, ...(family && { family }) });
    return {
      access_token: value,
      token_type: "Bearer",
      ...(expiresIn !== undefined && { expires_in: expiresIn }),
      ...(scope !== "" && { scope }),
    };
  }

  #family(clientId: string, scope: string): Family {
    this.counts.families++;
    const family: Family = { clientId, scope, current: "", revoked: false };
    family.current = this.#refreshToken(family);
    return family;
  }

  #refreshToken(family: Family): string {
    const value = this.#issue("rt");
    this.#families.set(value, family);
    return value;
  }

  #issue(kind: string): string {
    return `${kind}.${this.#options.marker}.${++this.#issued}`;
  }
}
