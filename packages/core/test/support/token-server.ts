import {
  AccessToken,
  AuthError,
  type Clock,
  type Credential,
  type Grant,
  type GrantContext,
  Secret,
  type TokenSet,
} from "@auth/core";

type Kind = "exchange" | "refresh" | "keep-alive" | "revoke";

/** One request as the server saw it. */
export interface Asked {
  readonly kind: Kind;
  /** The refresh token, or the user or client whose secret was presented. */
  readonly what: string;
  /** The context that core gave the grant. */
  readonly context: GrantContext;
}

export interface TokenServerOptions {
  readonly lifetimeMs?: number | undefined;
  /** Answers hold a new refresh token, and the old one dies. Default true. */
  readonly rotates?: boolean;
}

/** A strict token server: it rotates refresh tokens with no grace and ends the whole family when one is used twice. */
export interface TokenServer {
  /** What was asked, in order: `exchange alice`, `refresh rt-1`. */
  readonly log: string[];
  readonly asked: Asked[];
  /** What no client may do: a refresh token used again, or by two at once. Stays empty. */
  readonly faults: string[];
  /** Accepted secrets; emptied or changed to refuse what is presented. */
  readonly secrets: Set<string>;
  /** Called with each request before it is processed: throws to fail it, waits to hold it. */
  before: (asked: Asked) => unknown;
  /** Called after processing: throws to lose the answer, or gives another answer. */
  after: (asked: Asked, tokens: TokenSet) => TokenSet | Promise<TokenSet>;
  /** Access token lifetime from now on; `undefined`: unknown. */
  lifetimeMs: number | undefined;
  /** Ends every refresh token. */
  revokeAll(): void;
  /** A grant that talks to this server. */
  grant(members?: Partial<Grant>): Grant;
}

interface Family {
  alive: boolean;
}

export function tokenServer(clock: Clock, options: TokenServerOptions = {}): TokenServer {
  const { rotates = true } = options;
  const refreshTokens = new Map<
    string,
    { family: Family; spent: boolean; answered: boolean; using: number }
  >();
  let issued = 0;

  const server: TokenServer = {
    log: [],
    asked: [],
    faults: [],
    secrets: new Set(["pw", "rt-0"]),
    before: () => {},
    after: (_, tokens) => tokens,
    lifetimeMs: "lifetimeMs" in options ? options.lifetimeMs : 3_600_000,
    revokeAll() {
      for (const { family } of refreshTokens.values()) family.alive = false;
    },
    grant: (members = {}) => ({
      name: "acme",
      accepts: ["password"],
      partition: () => "acme alice",
      exchange: (credential, context) =>
        serve("exchange", presented(credential), context, exchange(credential)),
      refresh: (tokens, context) => refresh(tokens.refreshToken?.reveal() ?? "nothing", context),
      revoke: async (tokens, context) => {
        await serve("revoke", tokens.refreshToken?.reveal() ?? tokens.accessToken.reveal(), context, () => {
          const known = refreshTokens.get(tokens.refreshToken?.reveal() ?? "");
          if (known) known.family.alive = false;
          return issue();
        });
      },
      ...members,
    }),
  };

  async function serve(
    kind: Kind,
    what: string,
    context: GrantContext,
    work: () => TokenSet,
  ): Promise<TokenSet> {
    const asked = { kind, what, context };
    server.log.push(`${kind} ${what}`);
    server.asked.push(asked);
    await server.before(asked);
    return server.after(asked, work());
  }

  function issue(family?: Family): TokenSet {
    issued++;
    const now = clock.now();
    const { lifetimeMs } = server;
    const accessToken = new AccessToken(`at-${issued}`, {
      obtainedAt: new Date(now),
      expiresAt: lifetimeMs === undefined ? undefined : new Date(now + lifetimeMs),
    });
    if (!family) return { accessToken };
    const refreshToken = `rt-${issued}`;
    refreshTokens.set(refreshToken, { family, spent: false, answered: false, using: 0 });
    return { accessToken, refreshToken: new Secret(refreshToken) };
  }

  const exchange = (credential: Credential | undefined) => (): TokenSet => {
    if (credential && !server.secrets.has(secretOf(credential))) {
      throw refused(credential.type === "refresh-token" ? "refresh-token-rejected" : "credential-rejected");
    }
    if (credential?.type === "refresh-token" && rotates) server.secrets.delete(secretOf(credential));
    return issue({ alive: true });
  };

  async function refresh(text: string, context: GrantContext): Promise<TokenSet> {
    const token = refreshTokens.get(text) ?? {
      family: { alive: false },
      spent: true,
      answered: false,
      using: 0,
    };
    if (token.answered) server.faults.push(`${text} was sent after its answer`);
    if (++token.using > 1) server.faults.push(`${text} is used by two at once`);
    try {
      return await serve("refresh", text, context, () => {
        if (token.spent) token.family.alive = false;
        if (!token.family.alive) {
          token.answered = true;
          throw refused("refresh-token-rejected");
        }
        token.spent = rotates;
        token.answered = rotates;
        const tokens = issue(token.family);
        return rotates ? tokens : { accessToken: tokens.accessToken };
      });
    } finally {
      token.using--;
    }
  }
  return server;
}

/** An answer that is a refusal. */
export function refused(reason: string): AuthError {
  return new AuthError("ERR_AUTH_GRANT", reason, "acme: refused", { error: "invalid_grant", status: 400 });
}

/** A server or store that cannot be reached. */
export function unreachable(reason = "network", retryAfterMs?: number): AuthError {
  return new AuthError("ERR_AUTH_UNREACHABLE", reason, "it cannot be reached", { retryAfterMs });
}

function presented(credential: Credential | undefined): string {
  if (credential === undefined) return "nobody";
  if (credential.type === "password") return credential.username;
  return credential.type === "client-secret" ? credential.clientId : secretOf(credential);
}

function secretOf(credential: Credential): string {
  const [, secret] =
    Object.entries(credential).find(([, value]) => typeof value?.reveal === "function") ?? [];
  return secret.reveal();
}
