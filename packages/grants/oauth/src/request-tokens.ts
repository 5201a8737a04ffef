import type { AuthError, GrantContext, TokenSet } from "@auth/core";
import type { AuthorizationServer, ClientAuth, Client as Known } from "oauth4webapi";
import { atEndpoint } from "./at-endpoint.ts";
import { type Binding, binding, checkBinding } from "./binding.ts";
import { type Client, clientAuth, proofOf } from "./client.ts";
import { type Http, through } from "./oauth-request.ts";
import type { Fields } from "./parse-body.ts";
import { readTokens } from "./read-tokens.ts";
import { refusal, type Spent } from "./refusal.ts";
import { type Call, send } from "./send.ts";
import type { Server } from "./server.ts";
import type { Settings } from "./settings.ts";

/** One token request. */
export interface TokenRequest {
  readonly client: Client;
  /** The stored set whose refresh token is about to be sent. */
  readonly renews?: TokenSet;
  readonly scopes?: readonly string[];
  readonly repeat: Call["repeat"];
  readonly spent: Spent;
  /** The oauth4webapi function that builds and sends it. */
  readonly send: (
    server: AuthorizationServer,
    client: Known,
    auth: ClientAuth,
    parameters: URLSearchParams,
    http: Http,
  ) => Promise<Response>;
}

/** Asks the token endpoint. Errors: those of discovery, `send` and `readTokens`. */
export async function requestTokens(
  request: TokenRequest,
  server: Server,
  context: GrantContext,
): Promise<TokenSet> {
  const { settings } = server;
  const { client, scopes = [] } = request;
  let place: Binding | undefined;
  const answer = await atEndpoint(server, context, async (endpoints, context) => {
    place = binding(endpoints, client.clientId);
    if (request.renews) checkBinding(request.renews, place, settings.name);
    const auth = await clientAuth(client, endpoints, context.clock);
    const form = parameters(scopes, settings);
    const known = { client_id: client.clientId };
    return send(
      {
        endpoint: "token endpoint",
        repeat: request.repeat,
        request: (send) => request.send(endpoints, known, auth, form, through(send)),
      },
      settings,
      context,
    );
  });
  const { name, refusals } = settings;
  const refused = (fields: Fields | SyntaxError): AuthError =>
    refusal(name, answer, fields, { spent: request.spent, proof: proofOf(client), refusals });
  const tokens = readTokens(answer, { ...request, refused }, settings, context);
  return { ...tokens, ...(place && { extra: place }) };
}

/** What is said of the tokens that are wanted. */
export function parameters(scopes: readonly string[], settings: Settings): URLSearchParams {
  const form = new URLSearchParams();
  if (scopes.length > 0) form.set("scope", scopes.join(" "));
  for (const value of settings.audience) form.append("audience", value);
  for (const value of settings.resource) form.append("resource", value);
  for (const [name, value] of settings.extraParameters) form.set(name, value);
  return form;
}

/** The configured scopes and those of this login, in one order. */
export function wantedScopes({ settings }: Server, context: GrantContext): string[] {
  return [...new Set([...settings.scopes, ...(context.scopes ?? [])])].sort();
}
