import type {
  AccessTokenCredential,
  ApiKeyCredential,
  ClientSecretCredential,
  PasswordCredential,
} from "./credential.ts";
import { digest } from "./digest.ts";
import { type AuthError, failure } from "./errors.ts";
import type { Grant } from "./grant.ts";
import type { Secret } from "./secret.ts";
import { AccessToken, headerWord, type TokenSet } from "./token.ts";

/**
 * Uses an access token as it is: a JWT from the environment, a long-running application token. After a 401 the source is
 * read again past its cache.
 *
 * @example
 * ```ts
 * const auth = createAuth({ grant: bearer(), credentials: fromEnv({ token: "ACME_TOKEN" }) });
 * ```
 */
export function bearer(): Grant<AccessTokenCredential> {
  return {
    name: "bearer",
    accepts: ["access-token"],
    local: true,
    partition: (credential) => credential && whose("bearer", credential, credential.token),
    exchange: async (credential) => present("Bearer", credential, credential?.token.reveal()),
  };
}

/**
 * Sends an API key in a header of its own. `header` defaults to `x-api-key`.
 *
 * @example
 * ```ts
 * const auth = createAuth({ grant: apiKey({ header: "x-acme-key" }), credentials: fromEnv({ apiKey: "ACME_KEY" }) });
 * ```
 */
export function apiKey({ header = "x-api-key" }: { readonly header?: string } = {}): Grant<ApiKeyCredential> {
  if (!headerWord.test(header)) throw new TypeError("apiKey: not an HTTP header name");
  return {
    name: `api-key ${header}`,
    accepts: ["api-key"],
    local: true,
    partition: (credential) => credential && whose("api-key", credential, credential.key),
    exchange: async (credential) => present("ApiKey", credential, credential?.key.reveal()),
    authorize: (request, token) => request.headers.set(header, token.reveal()),
  };
}

/**
 * HTTP Basic (RFC 7617) with a user name and password, or a client id and secret.
 *
 * @example
 * ```ts
 * const auth = createAuth({ grant: basic(), credentials: fromEnv({ prefix: "ACME" }) });
 * ```
 */
export function basic(): Grant<PasswordCredential | ClientSecretCredential> {
  return {
    name: "basic",
    accepts: ["password", "client-secret"],
    local: true,
    partition: (credential) => credential && `basic ${pair(credential)[0]}`,
    exchange: async (credential) => {
      const [user, secret] = credential ? pair(credential) : ["", ""];
      if (user.includes(":") || /\p{Cc}/u.test(user + secret) || secret.length > 32_768)
        throw format(credential?.source ?? "basic", "a colon, a control character, or too much text");
      const bytes = new TextEncoder().encode(`${user}:${secret}`);
      return present("Basic", credential, btoa(String.fromCharCode(...bytes)));
    },
  };
}

function pair(credential: PasswordCredential | ClientSecretCredential): [user: string, secret: string] {
  return credential.type === "password"
    ? [credential.username, credential.password.reveal()]
    : [credential.clientId, credential.clientSecret.reveal()];
}

/** Its own identity, unless it says whose it is (SEC-55). */
async function whose(
  kind: string,
  { account }: { readonly account?: string },
  secret: Secret,
): Promise<string> {
  return `${kind} ${account ?? (await digest(secret.reveal()))}`;
}

function present(
  type: string,
  credential: { source?: string; expiresAt?: Date } | undefined,
  value: string | undefined,
): TokenSet {
  try {
    return { accessToken: new AccessToken(value ?? "", { type, expiresAt: credential?.expiresAt }) };
  } catch {
    throw format(credential?.source ?? type, "characters that no header takes");
  }
}

/** SEC-10: said before anything is sent, and naming the place to look at. */
function format(source: string, found: string): AuthError {
  return failure("INVALID", "secret-format", source, `the secret holds ${found}. Store it again without.`);
}
