import { configuredUrl } from "./transport.ts";

/** What every grant of this package may be told. */
export interface GrantOptions {
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
  /** Origins that may be spoken to over http, for closed networks: `http://host:port`. A warning event says so. */
  readonly allowInsecureOrigins?: readonly string[];
  /** Longest time of one attempt, connecting and body included (L1). Default 10000, ten seconds; at most 60000. */
  readonly timeoutMs?: number;
  /** Longest answer, counted after decompression (L2). Default 1048576, 1 MiB. */
  readonly maxResponseBytes?: number;
  /** How often a request is sent at most (L3). The defaults depend on what is sent. */
  readonly attempts?: AttemptLimits;
  /** Also reads `application/x-www-form-urlencoded` answers, for servers older than RFC 6749. Default false. */
  readonly formEncodedResponses?: boolean;
}

export interface AttemptLimits {
  /** After a failure that left the request unprocessed: no connection, 429, 503. Default 3. */
  readonly notProcessed?: number;
  /** After a failure that may have come too late: time-out, reset, 500, 502, 504. Default 3; refresh 2; password 1. */
  readonly unknownOutcome?: number;
}

/** Checked options. */
export interface Settings {
  /** The grant's name: `client-credentials https://idp.example`. */
  readonly name: string;
  readonly issuer: string;
  readonly tokenEndpoint: string | undefined;
  readonly revocationEndpoint: string | undefined;
  readonly clientId: string | undefined;
  readonly scopes: readonly string[];
  readonly audience: readonly string[];
  readonly resource: readonly string[];
  readonly extraParameters: readonly (readonly [name: string, value: string])[];
  readonly insecureOrigins: ReadonlySet<string>;
  readonly timeoutMs: number;
  readonly maxResponseBytes: number;
  readonly attempts: AttemptLimits;
  readonly formEncodedResponses: boolean;
}

/** These have an option of their own, or are none of the app's business. */
const reserved: ReadonlySet<string> = new Set([
  "grant_type",
  "client_id",
  "client_secret",
  "client_assertion",
  "client_assertion_type",
  "refresh_token",
  "username",
  "password",
  "scope",
  "audience",
  "resource",
]);

/** Checks the options that all grants share. Throws `TypeError` naming the option; no value is quoted. */
export function checkOptions(grant: string, options: GrantOptions): Settings {
  const fail = (problem: string): never => {
    throw new TypeError(`${grant}: ${problem}`);
  };
  const insecureOrigins = new Set(options.allowInsecureOrigins);
  for (const origin of insecureOrigins)
    if (!/^http:\/\/[^*]+$/.test(origin) || !URL.canParse(origin) || new URL(origin).origin !== origin)
      fail("allowInsecureOrigins holds something else than http origins (http://host or http://host:port)");

  const url = (option: "issuer" | "tokenEndpoint" | "revocationEndpoint", value: string): URL =>
    configuredUrl(value, `${grant}: ${option}`, insecureOrigins);
  const issuer = url("issuer", options.issuer);
  if (issuer.search) fail("issuer must not have a query");
  if (options.tokenEndpoint !== undefined) url("tokenEndpoint", options.tokenEndpoint);
  if (options.revocationEndpoint !== undefined) {
    url("revocationEndpoint", options.revocationEndpoint);
    if (options.tokenEndpoint === undefined) fail("revocationEndpoint is given without tokenEndpoint");
  }

  const scopes = [...new Set(options.scopes)].sort();
  if (typeof options.scopes === "string" || scopes.some((scope) => !/^[!#-[\]-~]+$/.test(scope)))
    fail("scopes must be a list with one scope per entry");
  const resource = list(options.resource);
  if (resource.some((uri) => !URL.canParse(uri) || uri.includes("#")))
    fail("resource must be an absolute URI without fragment");
  const extra = Object.entries(options.extraParameters ?? {});
  for (const [name] of extra) if (reserved.has(name)) fail(`extraParameters must not hold ${name}`);
  if (options.clientId === "") fail("clientId is empty");

  const whole = (option: string, value: number, most: number): number =>
    Number.isInteger(value) && value >= 1 && value <= most
      ? value
      : fail(`${option} must be a whole number from 1 to ${most}`);
  for (const kind of ["notProcessed", "unknownOutcome"] as const)
    if (options.attempts?.[kind] !== undefined) whole(`attempts.${kind}`, options.attempts[kind], 10);

  return {
    name: `${grant} ${issuer.origin}`,
    issuer: options.issuer,
    tokenEndpoint: options.tokenEndpoint,
    revocationEndpoint: options.revocationEndpoint,
    clientId: options.clientId,
    scopes,
    audience: list(options.audience),
    resource,
    extraParameters: extra.sort(([a], [b]) => (a < b ? -1 : 1)),
    insecureOrigins,
    timeoutMs: whole("timeoutMs", options.timeoutMs ?? 10_000, 60_000),
    maxResponseBytes: whole("maxResponseBytes", options.maxResponseBytes ?? 1_048_576, 2 ** 31 - 1),
    attempts: options.attempts ?? {},
    formEncodedResponses: options.formEncodedResponses ?? false,
  };
}

function list(value: string | readonly string[] | undefined): string[] {
  return value === undefined ? [] : typeof value === "string" ? [value] : [...value].sort();
}
