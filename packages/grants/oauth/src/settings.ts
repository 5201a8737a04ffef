import { checkTexts, checkTypes } from "./arguments.ts";
import { checkLimits, type HttpOptions } from "./limits.ts";
import type { Refusals } from "./refusal.ts";
import type { Transport } from "./send.ts";
import { configuredUrl } from "./transport.ts";

/** What every grant of this package may be told. */
export interface GrantOptions extends HttpOptions {
  /**
   * The authorization server's issuer identifier, letter by letter as the server writes it. Its metadata is read from
   * there (OpenID Connect Discovery, then RFC 8414) unless `tokenEndpoint` is given.
   */
  readonly issuer: string;
  /** The token endpoint. With it, nothing is discovered. */
  readonly tokenEndpoint?: string;
  /** The revocation endpoint (RFC 7009), where `tokenEndpoint` is given. Without it, `logout` revokes nothing. */
  readonly revocationEndpoint?: string;
  /** Told up front, so that a stored token is found without asking the credential's source. */
  readonly clientId?: string;
  /** What to ask for; one scope per entry. Default: the server's own choice. */
  readonly scopes?: readonly string[];
  /** Who the token is for, at servers that read `audience`. */
  readonly audience?: string | readonly string[];
  /** Who the token is for (RFC 8707): absolute URIs without fragment. */
  readonly resource?: string | readonly string[];
  /** Sent with every token request. Not for secrets, nor for parameters that have an option of their own. */
  readonly extraParameters?: Readonly<Record<string, string>>;
  /**
   * Words of the server's own that mean what RFC 6749 §5.2 has other words for, as they stand in `error`: `refreshToken` ends the
   * login, `credential` has the source read again. GitHub, Slack, Entra, Keycloak, Auth0, Salesforce and HubSpot are known.
   */
  readonly refusals?: Refusals;
  /** Also reads `application/x-www-form-urlencoded` answers, for servers older than RFC 6749. Default false. */
  readonly formEncodedResponses?: boolean;
}

/** Checked options. */
export interface Settings extends Transport {
  readonly issuer: string;
  readonly tokenEndpoint: string | undefined;
  readonly revocationEndpoint: string | undefined;
  readonly deviceAuthorizationEndpoint: string | undefined;
  readonly clientId: string | undefined;
  readonly scopes: readonly string[];
  readonly audience: readonly string[];
  readonly resource: readonly string[];
  readonly extraParameters: readonly (readonly [name: string, value: string])[];
  readonly formEncodedResponses: boolean;
  readonly refusals: Refusals | undefined;
}

/** These have an option of their own, or are none of the app's business. */
const reserved: ReadonlySet<string> = new Set([
  "grant_type",
  "client_id",
  "client_secret",
  "client_assertion",
  "client_assertion_type",
  "refresh_token",
  "device_code",
  "code_verifier",
  "code_challenge",
  "code_challenge_method",
  "username",
  "password",
  "scope",
  "audience",
  "resource",
]);

/** Checks the options that all grants share. Throws `TypeError` naming the option; no value is quoted. */
export function checkOptions(
  grant: string,
  options: GrantOptions & { readonly deviceAuthorizationEndpoint?: string },
): Settings {
  const fail = (problem: string): never => {
    throw new TypeError(`${grant}: ${problem}`);
  };
  const limits = checkLimits(grant, options);
  checkTypes(grant, options, "string", "clientId");
  checkTypes(grant, options, "boolean", "formEncodedResponses");
  checkTypes(grant, options, "object", "extraParameters", "refusals");
  checkTexts(grant, "scopes", options.scopes);
  for (const option of ["audience", "resource"] as const) checkTexts(grant, option, options[option], true);
  for (const option of ["refreshToken", "credential"] as const)
    checkTexts(grant, `refusals.${option}`, options.refusals?.[option]);
  const url = (option: string, value: string): URL =>
    configuredUrl(value, `${grant}: ${option}`, limits.insecureOrigins);
  const issuer = url("issuer", options.issuer);
  if (issuer.search) fail("issuer must not have a query");
  if (options.tokenEndpoint !== undefined) url("tokenEndpoint", options.tokenEndpoint);
  for (const option of ["revocationEndpoint", "deviceAuthorizationEndpoint"] as const) {
    const value = options[option];
    if (value === undefined) continue;
    url(option, value);
    if (options.tokenEndpoint === undefined) fail(`${option} is given without tokenEndpoint`);
  }

  const scopes = [...new Set(options.scopes)].sort();
  if (scopes.some((scope) => !/^[!#-[\]-~]+$/.test(scope)))
    fail("scopes must be a list with one scope per entry");
  const resource = list(options.resource);
  if (resource.some((uri) => !URL.canParse(uri) || uri.includes("#")))
    fail("resource must be an absolute URI without fragment");
  const extra = Object.entries(options.extraParameters ?? {});
  for (const [name, value] of extra) {
    if (reserved.has(name)) fail(`extraParameters must not hold ${name}`);
    if (typeof value !== "string") fail("extraParameters must hold texts");
  }
  if (options.clientId === "") fail("clientId is empty");

  return {
    ...limits,
    name: `${grant} ${issuer.origin}`,
    issuer: options.issuer,
    tokenEndpoint: options.tokenEndpoint,
    revocationEndpoint: options.revocationEndpoint,
    deviceAuthorizationEndpoint: options.deviceAuthorizationEndpoint,
    clientId: options.clientId,
    scopes,
    audience: list(options.audience),
    resource,
    extraParameters: extra.sort(([a], [b]) => (a < b ? -1 : 1)),
    formEncodedResponses: options.formEncodedResponses ?? false,
    refusals: options.refusals,
  };
}

function list(value: string | readonly string[] | undefined): string[] {
  return value === undefined ? [] : typeof value === "string" ? [value] : [...value].sort();
}
