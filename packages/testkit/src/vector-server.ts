import type { TokenSet } from "@auth/core";
import { AccessToken, AuthError, type AuthErrorCode, type Credential, type Grant, Secret } from "@auth/core";
import type { FakeClock } from "./fake-clock.ts";
import type { AnswerFacts, GrantAbilities } from "./vector.ts";

/** A server that says what it is told to say, and the grant that asks it. */
export interface VectorServer {
  readonly grant: Grant;
  /** Every request so far: `exchange pw`, `refresh rt-1`. */
  readonly log: string[];
  /** Answers to the next requests, one each. */
  readonly queue: AnswerFacts[];
  /** The answer to all others. */
  usual: AnswerFacts;
  /** Lets the oldest held answer go. */
  release(): void;
}

/** Whose tokens they are unless a scenario says otherwise. */
export const partition = "acme alice";

export function vectorServer(clock: FakeClock, abilities: GrantAbilities = {}): VectorServer {
  const { refresh = true, keepAlive = false, interactive = false, credential = "password" } = abilities;
  const held: (() => void)[] = [];
  let issued = 0;

  async function answer(request: string): Promise<TokenSet> {
    server.log.push(request);
    const said = server.queue.shift() ?? server.usual;
    const sentAt = clock.now();
    const number = said.error === undefined ? ++issued : issued;
    if (said.held) await new Promise<void>((resolve) => held.push(resolve));
    if (said.error !== undefined) throw errorOf(said.error, said.retryAfterMs);
    if (said.lost) throw errorOf("UNREACHABLE/network");
    return tokens(said, sentAt, number);
  }

  function tokens(said: AnswerFacts, sentAt: number, number: number): TokenSet {
    const at = (ms: number): Date => new Date(sentAt + ms);
    const { lifetimeMs = 3_600_000, scopes, idToken, extra, refreshAfterMs, sessionMs } = said;
    const next = said.refresh === undefined && refresh ? `rt-${number}` : said.refresh;
    return {
      accessToken: new AccessToken(said.access ?? `at-${number}`, {
        obtainedAt: at(0),
        ...(lifetimeMs !== null && { expiresAt: at(lifetimeMs) }),
        scopes,
      }),
      ...(next && { refreshToken: new Secret(next) }),
      ...(idToken !== undefined && { idToken: new Secret(idToken) }),
      ...(refreshAfterMs !== undefined && { refreshAfter: at(refreshAfterMs) }),
      ...(sessionMs !== undefined && { sessionExpiresAt: at(sessionMs) }),
      ...(extra && { extra }),
    };
  }

  const server: VectorServer = {
    log: [],
    queue: [],
    usual: {},
    release() {
      const open = held.shift();
      if (!open) throw new Error("no answer is held");
      open();
    },
    grant: {
      name: "acme",
      accepts: credential === "none" ? [] : [credential],
      interactive,
      partition: () => partition,
      exchange: (given) => answer(given ? `exchange ${secretOf(given)}` : "exchange"),
      ...(refresh && {
        refresh: ({ refreshToken }: TokenSet) => answer(`refresh ${refreshToken?.reveal()}`),
      }),
      ...(keepAlive && {
        keepAlive: ({ accessToken }: TokenSet) => answer(`keep-alive ${accessToken.reveal()}`),
      }),
      async revoke({ refreshToken, accessToken }) {
        server.log.push(`revoke ${(refreshToken ?? accessToken).reveal()}`);
      },
    },
  };
  return server;
}

/** `UNREACHABLE/network` as the error that it names. */
export function errorOf(text: string, retryAfterMs?: number): AuthError {
  const [kind, reason = ""] = text.split("/");
  return new AuthError(`ERR_AUTH_${kind}` as AuthErrorCode, reason, `vector: ${text}`, { retryAfterMs });
}

/** A credential of that kind with this secret. */
export function credentialOf(kind: GrantAbilities["credential"], secret: string): Credential {
  const text = new Secret(secret);
  if (kind === "client-secret") return { type: kind, clientId: "alice", clientSecret: text };
  if (kind === "refresh-token") return { type: kind, refreshToken: text };
  return { type: "password", username: "alice", password: text };
}

function secretOf(credential: Credential): string {
  if (credential.type === "client-secret") return credential.clientSecret.reveal();
  if (credential.type === "refresh-token") return credential.refreshToken.reveal();
  return credential.type === "password" ? credential.password.reveal() : "?";
}
