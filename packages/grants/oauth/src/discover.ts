import type { AuthError, GrantContext } from "@auth/core";
import { type AuthorizationServer, discoveryRequest } from "oauth4webapi";
import { problem, type Who } from "./failures.ts";
import { through } from "./oauth-request.ts";
import { parseBody } from "./parse-body.ts";
import { type Answer, send } from "./send.ts";
import type { Settings } from "./settings.ts";
import { isPlain } from "./transport.ts";

const endpoint = "metadata document";

/**
 * Reads the server's metadata (OpenID Connect Discovery §4; RFC 8414 §3 where there is none).
 *
 * Errors: those of `send`; `ERR_AUTH_INVALID/no-metadata` if neither address has it, `/issuer-mismatch` if it is another
 * server's (SEC-36), `/malformed-response` if it cannot be read or names no usable endpoint.
 */
export async function discover(settings: Settings, context: GrantContext): Promise<AuthorizationServer> {
  const issuer = new URL(settings.issuer);
  for (const algorithm of ["oidc", "oauth2"] as const) {
    const answer = await send(
      {
        endpoint,
        repeat: "freely",
        request: (send) => discoveryRequest(issuer, { algorithm, ...through(send) }),
      },
      settings,
      context,
    );
    if (answer.status < 400) return readMetadata(answer, settings);
  }
  const who: Who = { name: settings.name, endpoint, origin: issuer.origin };
  const text = "is at neither of its two places. Check the issuer, or give tokenEndpoint.";
  throw problem(who, "ERR_AUTH_INVALID", "no-metadata", text);
}

function readMetadata(answer: Answer, settings: Settings): AuthorizationServer {
  const who: Who = { name: settings.name, ...answer };
  const metadata = parseBody(answer, false);
  if (metadata instanceof SyntaxError) throw malformed(who, `is ${metadata.message}`);
  const { issuer, token_endpoint, revocation_endpoint, device_authorization_endpoint } = metadata;
  if (typeof issuer !== "string")
    throw malformed(who, "is JSON that names no issuer, so it is none of an authorization server's");
  if (issuer !== settings.issuer)
    throw problem(who, "ERR_AUTH_INVALID", "issuer-mismatch", difference(issuer, settings.issuer));
  if (!isUrl(token_endpoint)) throw malformed(who, "names no token endpoint");
  const found = {
    issuer,
    token_endpoint,
    // One that is no address is as good as none; only one grant misses it.
    ...(isUrl(device_authorization_endpoint) && { device_authorization_endpoint }),
  };
  if (revocation_endpoint === undefined || revocation_endpoint === null) return found;
  if (!isUrl(revocation_endpoint)) throw malformed(who, "names a revocation endpoint that is no URL");
  return { ...found, revocation_endpoint };
}

/**
 * How two issuers differ. The server's is shown where it lies at the configured origin and holds nothing but a path; another
 * origin's is somebody else's text.
 */
function difference(theirs: string, ours: string): string {
  const url = URL.canParse(theirs) ? new URL(theirs) : undefined;
  const shown = url && isPlain(url) && !url.search && /^[!-~]{1,200}$/.test(theirs);
  if (!shown || url.origin !== new URL(ours).origin)
    return `belongs to the issuer of another server${url ? `, at ${url.origin}` : ""}, and configured is "${ours}". Nothing more was sent. Correct issuer.`;
  const slash =
    theirs === `${ours}/` ? "with a slash at the end" : `${theirs}/` === ours && "without a slash at the end";
  const how = slash || "letter by letter";
  return `calls its issuer "${theirs}", and configured is "${ours}". Write it as the server does, ${how}.`;
}

function isUrl(value: unknown): value is string {
  return typeof value === "string" && URL.canParse(value);
}

function malformed(who: Who, flaw: string): AuthError {
  const text = `${flaw}. Check the issuer, or give tokenEndpoint.`;
  return problem(who, "ERR_AUTH_INVALID", "malformed-response", text);
}
