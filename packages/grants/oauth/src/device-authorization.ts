import { AuthError, type GrantContext, type InteractionStep } from "@auth/core";
import {
  calculatePKCECodeChallenge,
  deviceAuthorizationRequest,
  generateRandomCodeVerifier,
} from "oauth4webapi";
import { atEndpoint } from "./at-endpoint.ts";
import { type Client, clientAuth, proofOf } from "./client.ts";
import { malformed, problem } from "./failures.ts";
import { lifetime } from "./lifetime.ts";
import { through } from "./oauth-request.ts";
import { type Fields, parseBody, parseRefusal } from "./parse-body.ts";
import { refusal } from "./refusal.ts";
import { parameters } from "./request-tokens.ts";
import { hasError } from "./said.ts";
import { type Answer, send } from "./send.ts";
import type { Server } from "./server.ts";
import { isExempt, isSafe } from "./transport.ts";

/** What is asked for. */
export interface DeviceRequest {
  readonly client: Client;
  readonly scopes: readonly string[];
  readonly pkce: boolean;
  readonly loginTimeoutMs: number;
}

/** A login that a person can now finish. */
export interface DeviceLogin {
  readonly deviceCode: string;
  readonly verifier: string | undefined;
  readonly step: Extract<InteractionStep, { type: "device-code" }>;
  readonly intervalMs: number;
  /** On the monotonic clock. */
  readonly endsAt: number;
}

const endpoint = "device authorization endpoint";

/**
 * The device authorization request (RFC 8628 §3.1). Errors: those of `send`, `ERR_AUTH_GRANT`,
 * `ERR_AUTH_UNAVAILABLE/no-device-endpoint`, `ERR_AUTH_INVALID/malformed-response` and `/insecure-transport`.
 */
export async function requestDeviceCode(
  { client, scopes, pkce, loginTimeoutMs }: DeviceRequest,
  server: Server,
  context: GrantContext,
): Promise<DeviceLogin> {
  const { settings } = server;
  const { name } = settings;
  const form = parameters(scopes, settings);
  const verifier = pkce ? generateRandomCodeVerifier() : undefined;
  if (verifier !== undefined) {
    form.set("code_challenge_method", "S256");
    form.set("code_challenge", await calculatePKCECodeChallenge(verifier));
  }
  const known = { client_id: client.clientId };
  let startedAt = 0;
  const answer = await atEndpoint(server, context, async (endpoints, context) => {
    const address = endpoints.device_authorization_endpoint;
    if (!address) {
      const text = `${name}: the server offers no login by device code. Use another grant, or have it allowed at the server.`;
      throw new AuthError("ERR_AUTH_UNAVAILABLE", "no-device-endpoint", text, { provider: name });
    }
    if (isExempt(new URL(address), settings.insecureOrigins)) server.warn("insecure-transport", context);
    const auth = await clientAuth(client, endpoints, context.clock);
    startedAt = context.clock.monotonic();
    return send(
      {
        endpoint,
        repeat: "freely",
        request: (send) => deviceAuthorizationRequest(endpoints, known, auth, form, through(send)),
      },
      settings,
      context,
    );
  });
  return { verifier, ...read(answer, { client, loginTimeoutMs, startedAt }, server) };
}

/** The answer (RFC 8628 §3.2). */
function read(
  answer: Answer,
  asked: Pick<DeviceRequest, "client" | "loginTimeoutMs"> & { readonly startedAt: number },
  { settings }: Server,
): Omit<DeviceLogin, "verifier"> {
  const { name, refusals } = settings;
  const { client, loginTimeoutMs, startedAt } = asked;
  const success = answer.status >= 200 && answer.status < 300;
  const told = parseRefusal(answer);
  if (!success || hasError(told))
    throw refusal(name, answer, told, { spent: "nothing", proof: proofOf(client), refusals });
  const parsed = parseBody(answer, false);
  if (parsed instanceof SyntaxError) throw malformed(`is ${parsed.message}`, answer, name);
  const fields: Fields = parsed;

  const { device_code: deviceCode, user_code: userCode } = fields;
  if (typeof deviceCode !== "string" || deviceCode === "" || deviceCode.length > 65_536)
    throw malformed("has no device code", answer, name);
  // It is printed on terminals and pages (SEC-123).
  if (typeof userCode !== "string" || !/^[^\p{C}\p{Zl}\p{Zp}]{1,100}$/u.test(userCode))
    throw malformed("has no user code that can be shown", answer, name);
  const page = (field: string, value: unknown): string => {
    const url = typeof value === "string" && URL.canParse(value) ? new URL(value) : undefined;
    if (url?.username !== "" || url.password !== "")
      throw malformed(`has a ${field} that is no address`, answer, name);
    if (isSafe(url, settings.insecureOrigins)) return url.href;
    const text = `sends people to an address that is not https, so nobody was sent there. Have its ${field} corrected.`;
    throw problem({ name, ...answer }, "ERR_AUTH_INVALID", "insecure-transport", text);
  };
  const verificationUri = page("verification_uri", fields["verification_uri"]);
  const complete = fields["verification_uri_complete"] ?? undefined;
  const seconds = lifetime(fields["expires_in"]);
  if (seconds === 0) throw malformed("has a code that has already expired", answer, name);
  const lifeMs = Math.min(typeof seconds === "number" ? seconds * 1_000 : loginTimeoutMs, loginTimeoutMs);
  return {
    deviceCode,
    step: {
      type: "device-code",
      userCode,
      verificationUri,
      ...(complete !== undefined && {
        verificationUriComplete: page("verification_uri_complete", complete),
      }),
      expiresAt: new Date(answer.sentAt + lifeMs),
    },
    intervalMs: intervalMs(fields["interval"]),
    endsAt: startedAt + lifeMs,
  };
}

/** L12. */
function intervalMs(value: unknown): number {
  const seconds = typeof value === "number" && Number.isFinite(value) ? value : 5;
  return Math.min(Math.max(seconds, 1), 60) * 1_000;
}
