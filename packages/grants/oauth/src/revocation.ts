import {
  AuthError,
  type Credential,
  type Grant,
  type GrantContext,
  isAuthError,
  type TokenSet,
} from "@auth/core";
import { revocationRequest } from "oauth4webapi";
import { atEndpoint } from "./at-endpoint.ts";
import { binding, checkBinding } from "./binding.ts";
import { type Client, clientAuth, proofOf } from "./client.ts";
import { through } from "./oauth-request.ts";
import { parseRefusal } from "./parse-body.ts";
import { refusal } from "./refusal.ts";
import { send } from "./send.ts";
import type { Server } from "./server.ts";

/**
 * A grant's `revoke` (RFC 7009): the refresh token, then the access token; one that the server does not know counts as
 * revoked. Absent where the endpoints are configured and this one is not among them.
 *
 * Errors: `ERR_AUTH_UNAVAILABLE/no-revocation-endpoint` if the metadata names none, those of the token requests otherwise.
 */
export function revocation<C extends Credential>(
  server: Server,
  identify: (tokens: TokenSet, credential: C | undefined) => Client,
): Pick<Grant<C>, "revoke"> {
  const { tokenEndpoint, revocationEndpoint } = server.settings;
  if (tokenEndpoint && !revocationEndpoint) return {};
  return {
    async revoke(tokens, context, credential) {
      const client = identify(tokens, credential);
      let refused: unknown;
      for (const kind of ["refresh_token", "access_token"] as const) {
        const token = kind === "refresh_token" ? tokens.refreshToken : tokens.accessToken;
        if (!token) continue;
        try {
          await revoke(token.reveal(), kind, tokens, client, server, context);
        } catch (error) {
          // A server may revoke one kind of token and not the other.
          if (!isAuthError(error, "ERR_AUTH_GRANT") || error.reason !== "refused") throw error;
          refused ??= error;
        }
      }
      if (refused) throw refused;
    },
  };
}

async function revoke(
  token: string,
  kind: string,
  from: TokenSet,
  client: Client,
  server: Server,
  context: GrantContext,
): Promise<void> {
  const { settings } = server;
  const { name, refusals } = settings;
  const answer = await atEndpoint(server, context, async (endpoints, context) => {
    checkBinding(from, binding(endpoints, client.clientId), name);
    if (!endpoints.revocation_endpoint) {
      throw new AuthError(
        "ERR_AUTH_UNAVAILABLE",
        "no-revocation-endpoint",
        `${name}: the server offers no revocation, so its tokens live until they expire. Revoke them at the server if that matters.`,
        { provider: name },
      );
    }
    const auth = await clientAuth(client, endpoints, context.clock);
    const known = { client_id: client.clientId };
    const more = { additionalParameters: { token_type_hint: kind } };
    return send(
      {
        endpoint: "revocation endpoint",
        repeat: "freely",
        request: (send) => revocationRequest(endpoints, known, auth, token, { ...more, ...through(send) }),
      },
      settings,
      context,
    );
  });
  if (answer.status < 400) return;
  throw refusal(name, answer, parseRefusal(answer), { spent: "nothing", proof: proofOf(client), refusals });
}
