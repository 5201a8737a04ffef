import { AuthError, type Grant } from "@auth/core";
import { deviceCodeGrantRequest } from "oauth4webapi";
import { checkTypes } from "./arguments.ts";
import { attended } from "./attended.ts";
import { describeClient } from "./client.ts";
import { type ClientOptions, checkClient } from "./client-options.ts";
import { requestDeviceCode } from "./device-authorization.ts";
import { partition } from "./partition.ts";
import { pollTokens } from "./poll-tokens.ts";
import { renew } from "./renew.ts";
import { requestTokens, wantedScopes } from "./request-tokens.ts";
import { revocation } from "./revocation.ts";
import { createServer } from "./server.ts";
import { checkOptions, type GrantOptions } from "./settings.ts";

export interface DeviceCodeOptions extends GrantOptions, ClientOptions {
  readonly clientId: string;
  /** The device authorization endpoint, where `tokenEndpoint` is given. */
  readonly deviceAuthorizationEndpoint?: string;
  /** Whose login it is, for apps that keep more than one. Default: there is one. */
  readonly account?: string;
  /** Binds the token request to the device request by S256 (RFC 7636), for servers that ask for it. Default false. */
  readonly pkce?: boolean;
  /** Longest time that a person may take, where the server's code lives longer (L12). Default 1800000, 30 minutes, which is also the most. */
  readonly loginTimeoutMs?: number;
}

const longestLoginMs = 1_800_000;

/**
 * The device authorization grant (RFC 8628): the person types a short code on another device, and the program asks until
 * that is done. It opens nothing, needs no port, and works over ssh. Only `auth.login()` starts it; renewals are by refresh
 * token and need nobody (ask for `offline_access` where the server wants that).
 *
 * The code reaches the person through the `interaction` of `login()`, as a step of type `device-code`. An interaction that
 * rejects ends the login with what it rejected with; the login does not wait for it otherwise.
 *
 * Errors: `ERR_AUTH_DENIED/login-denied` if the person said no; `ERR_AUTH_INTERACTION_REQUIRED/login-timeout` if nobody came
 * in time, `/no-interaction` without an `interaction`, `/issuer-changed`; `ERR_AUTH_UNAVAILABLE/no-device-endpoint` if the
 * server offers none; `ERR_AUTH_INVALID/insecure-transport` for a page that is not https; `ERR_AUTH_GRANT`,
 * `ERR_AUTH_UNREACHABLE` and `ERR_AUTH_INVALID` as `refreshToken`. While the person is waited for, an unreachable server is asked
 * again. `TypeError` for wrong options.
 *
 * @example
 * ```ts
 * const auth = createAuth({ grant: deviceCode({ issuer: "https://idp.example", clientId: "tv" }) });
 * await auth.login({
 *   interaction(step) {
 *     if (step.type === "device-code") console.log(`Enter ${step.userCode} at ${step.verificationUri}`);
 *   },
 * });
 * await auth[Symbol.asyncDispose](); // when the program ends
 * ```
 */
export function deviceCode(options: DeviceCodeOptions): Grant {
  checkClient("device-code", options);
  const settings = checkOptions("device-code", options);
  checkTypes("device-code", options, "string", "account");
  checkTypes("device-code", options, "boolean", "pkce");
  const { clientId, account, pkce = false, loginTimeoutMs = longestLoginMs } = options;
  if (typeof clientId !== "string") throw new TypeError("device-code: clientId is missing");
  if (options.tokenEndpoint !== undefined && options.deviceAuthorizationEndpoint === undefined)
    throw new TypeError("device-code: tokenEndpoint is given without deviceAuthorizationEndpoint");
  if (!Number.isInteger(loginTimeoutMs) || loginTimeoutMs < 1 || loginTimeoutMs > longestLoginMs)
    throw new TypeError(`device-code: loginTimeoutMs must be a whole number from 1 to ${longestLoginMs}`);
  const server = createServer(settings);
  const { name } = settings;
  const client = describeClient(options, clientId, name);

  return {
    name,
    interactive: true,
    partition: () => partition(settings, { subject: "person", clientId, account }),
    async exchange(_, context) {
      const { interaction } = context;
      if (!interaction) {
        const text = `${name}: nobody can be shown a code, because login() was given no interaction. Give it one.`;
        throw new AuthError("ERR_AUTH_INTERACTION_REQUIRED", "no-interaction", text, { provider: name });
      }
      const scopes = wantedScopes(server, context);
      const { deviceCode, verifier, step, ...times } = await requestDeviceCode(
        { client, scopes, pkce, loginTimeoutMs },
        server,
        context,
      );
      return attended(
        () => interaction(step),
        (signal) =>
          pollTokens(
            () =>
              requestTokens(
                {
                  client,
                  scopes,
                  repeat: "never",
                  spent: "nothing",
                  send: (as, known, auth, parameters, http) => {
                    parameters.delete("scope"); // the device request said it
                    if (verifier !== undefined) parameters.set("code_verifier", verifier);
                    const more = { additionalParameters: parameters, ...http };
                    return deviceCodeGrantRequest(as, known, auth, deviceCode, more);
                  },
                },
                server,
                { ...context, signal },
              ),
            { name, ...times },
            context.clock,
            signal,
          ),
        context.signal,
      );
    },
    // No scopes: the person may have granted fewer than were asked for, and the server refuses those.
    refresh: (tokens, context) => renew(tokens.refreshToken, { client, renews: tokens }, server, context),
    ...revocation(server, () => client),
  };
}
