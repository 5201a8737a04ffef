import {
  AccessToken,
  AuthError,
  type Grant,
  type GrantContext,
  type RefreshTokenCredential,
  type TokenSet,
} from "@auth/core";
import { agree, required } from "./agree.ts";
import { checkTypes } from "./arguments.ts";
import { boundClient } from "./binding.ts";
import { type Client, describeClient } from "./client.ts";
import { type ClientOptions, checkClient } from "./client-options.ts";
import { digest, partition } from "./partition.ts";
import { renew } from "./renew.ts";
import { wantedScopes } from "./request-tokens.ts";
import { revocation } from "./revocation.ts";
import { createServer } from "./server.ts";
import { checkOptions, type GrantOptions } from "./settings.ts";

export interface RefreshTokenOptions extends GrantOptions, ClientOptions {
  /** Whose login it is, told up front so that no source is asked for it. Default: the credential's account. */
  readonly account?: string;
}

/** A token given beside the refresh token is used if it lasts this much longer. */
const leewayMs = 30_000;

/**
 * The refresh token grant (RFC 6749 §6): a refresh token that was issued elsewhere, with the client it belongs to. The first
 * token is the credential's own access token while that is good. Rotated tokens are kept in the store; the source keeps
 * the first one.
 *
 * Errors: `ERR_AUTH_GRANT/refresh-token-rejected` if it is expired, revoked or used up, `/credential-rejected` for a wrong
 * client, `/refused` otherwise; `ERR_AUTH_INTERACTION_REQUIRED/issuer-changed` rather than sending a stored token to another
 * server; `ERR_AUTH_UNREACHABLE` after one attempt that may have arrived, which gets all the time there is; `ERR_AUTH_INVALID` for an answer that is no good.
 *
 * @example
 * ```ts
 * const auth = createAuth({
 *   grant: refreshToken({ issuer: "https://idp.example", clientId: "reports" }),
 *   credentials: fromEnv({ refreshToken: "ACME_REFRESH_TOKEN" }),
 *   store: tokenFile({ path: "tokens.json" }),
 * });
 * ```
 */
export function refreshToken(options: RefreshTokenOptions): Grant<RefreshTokenCredential> {
  checkClient("refresh-token", options);
  const settings = checkOptions("refresh-token", options);
  checkTypes("refresh-token", options, "string", "account");
  const server = createServer(settings);
  const { name } = settings;

  function clientIdOf(credential: RefreshTokenCredential | undefined, tokens?: TokenSet): string {
    const clientId = agree(name, "clientId", settings.clientId, credential?.clientId) ?? boundClient(tokens);
    if (clientId !== undefined) return clientId;
    throw new AuthError(
      "ERR_AUTH_INVALID",
      "client-missing",
      `${name}: nothing says which client the refresh token belongs to. Give clientId, or store it with the token.`,
      { provider: credential?.source ?? name },
    );
  }

  function identify(credential: RefreshTokenCredential | undefined, tokens?: TokenSet): Client {
    const clientId = clientIdOf(credential, tokens);
    return describeClient(options, clientId, credential?.source ?? name, credential?.clientSecret);
  }

  return {
    name,
    accepts: ["refresh-token"],
    async partition(credential) {
      let account = agree(name, "account", options.account, credential?.account);
      if (!credential && (account === undefined || settings.clientId === undefined)) return undefined;
      if (credential) account ??= `sha256:${await digest(credential.refreshToken.reveal())}`;
      return partition(settings, { subject: "person", clientId: clientIdOf(credential), account });
    },
    async exchange(credential, context) {
      const given = required(credential, name);
      const client = identify(given);
      const kept = { refreshToken: given.refreshToken };
      const accessToken = stillGood(given, context);
      if (accessToken) {
        return { ...kept, accessToken, extra: { issuer: settings.issuer, clientId: client.clientId } };
      }
      const scopes = wantedScopes(server, context);
      return { ...kept, ...(await renew(given.refreshToken, { client, scopes }, server, context)) };
    },
    async refresh(tokens, context, credential) {
      const client = identify(credential, tokens);
      const scopes = wantedScopes(server, context);
      return renew(tokens.refreshToken, { client, scopes, renews: tokens }, server, context);
    },
    ...revocation<RefreshTokenCredential>(server, (tokens, credential) => identify(credential, tokens)),
  };
}

function stillGood(credential: RefreshTokenCredential, { clock }: GrantContext): AccessToken | undefined {
  const { accessToken, accessTokenExpiresAt: expiresAt } = credential;
  if (!accessToken || !expiresAt || expiresAt.getTime() - clock.now() <= leewayMs) return undefined;
  return new AccessToken(accessToken.reveal(), { expiresAt });
}
