import type { GrantContext, Secret, TokenSet } from "@auth/core";
import { refreshTokenGrantRequest } from "oauth4webapi";
import { required } from "./agree.ts";
import { requestTokens, type TokenRequest } from "./request-tokens.ts";
import { sendable } from "./sendable.ts";
import type { Server } from "./server.ts";

/** Sends a refresh token (RFC 6749 §6), and not again once it may have arrived: it may be good for one use. */
export async function renew(
  token: Secret | undefined,
  request: Pick<TokenRequest, "client" | "scopes" | "renews">,
  server: Server,
  context: GrantContext,
): Promise<TokenSet> {
  const { source } = request.client;
  const text = sendable(required(token, server.settings.name).reveal(), "refresh token", source);
  return requestTokens(
    {
      ...request,
      repeat: "refresh",
      spent: "refresh token",
      send: (as, client, auth, parameters, http) =>
        refreshTokenGrantRequest(as, client, auth, text, { additionalParameters: parameters, ...http }),
    },
    server,
    context,
  );
}
