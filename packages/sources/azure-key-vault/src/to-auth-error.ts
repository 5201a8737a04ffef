import { AuthError, type AuthErrorCode, isAuthError } from "@auth/core";
import { networkWhy } from "@auth/core/network";
import { type FailureFacts, failureFacts } from "./failure-facts.ts";
import type { SecretPlace } from "./find-secret.ts";
import { loadFailure } from "./load-failure.ts";
import { proxyRefusal } from "./proxy-refusal.ts";
import { retryAfterOf } from "./retry-after.ts";

/** Whose read failed, and what may be named in the advice. */
export interface ReadPlace extends SecretPlace {
  readonly source: string;
}

type Row = readonly [code: AuthErrorCode, reason: string, advice: string];

/** Kinds of 403, by the service's inner code; where there is none, by how its message begins to say it. */
const refusals: readonly (readonly [
  codes: readonly string[],
  text: RegExp,
  row: (place: ReadPlace) => Row,
])[] = [
  [
    ["SecretDisabled"],
    /disabled secret/i,
    ({ version }) => [
      "ERR_AUTH_DENIED",
      "secret-disabled",
      version === undefined
        ? "its newest version is disabled, and a vault does not step back to an older one. Enable it, or name another `version`"
        : "this version is disabled. Enable it, or name another `version`",
    ],
  ],
  [
    ["ForbiddenByFirewall", "ForbiddenByConnection"],
    /client address is not authorized|public network access is disabled|private link/i,
    () => [
      "ERR_AUTH_DENIED",
      "network-blocked",
      "the vault's firewall refuses this network. Allow it in the vault's network rules, or come through its private endpoint",
    ],
  ],
  [
    ["ForbiddenByRbac"],
    /caller is not authorized to perform action/i,
    () => [
      "ERR_AUTH_DENIED",
      "no-role",
      'this identity has no role that reads it. Assign "Key Vault Secrets User" on the vault or the secret; it takes minutes to arrive',
    ],
  ],
  [
    ["ForbiddenByPolicy", "AccessDenied"],
    /does not have secrets get permission/i,
    () => [
      "ERR_AUTH_DENIED",
      "no-policy",
      "no access policy of the vault lets this identity read secrets. Add one with the secret permission Get",
    ],
  ],
];

export const wrongAudience =
  "the vault asks for a token for a service outside its own domain, so none was fetched. Check the vault's host, and who answers for it";

const forbidden: Row = [
  "ERR_AUTH_DENIED",
  "permission-denied",
  'access was refused. Assign the role "Key Vault Secrets User", or look at the vault\'s access policies and network rules',
];
const timeout: Row = ["ERR_AUTH_UNREACHABLE", "timeout", "the vault did not answer in time. Try again"];
const network: Row = [
  "ERR_AUTH_UNREACHABLE",
  "network",
  "the vault cannot be reached. Check its name, DNS, the proxy and which certificates this machine trusts",
];

/** ` (ECONNREFUSED)`. Azure's clients look at `HTTPS_PROXY` by themselves, so what Node makes of it is left out. */
export function whyIn(thrown: unknown): string {
  return networkWhy(thrown, undefined, { env: {}, versions: {}, execArgv: [] });
}

/** Node's and OpenSSL's words for a connection that did not come about or broke. */
const networkCode =
  /^(?:E(?:CONN\w+|NOTFOUND|AI_\w+|TIMEDOUT|HOSTUNREACH|NETUNREACH|PIPE|PROTO)|REQUEST_SEND_ERROR|UND_ERR_\w+|ERR_(?:TLS|SSL|SOCKET|STREAM_PREMATURE)_\w+|CERT_\w+|(?:DEPTH_ZERO_)?SELF_SIGNED\w*|UNABLE_TO_\w+|network_error|endpoints_resolution_error)$/;

export const isNetworkFailure = ({ codes }: FailureFacts): boolean =>
  codes.some((code) => networkCode.test(code));

/**
 * What a vault or its client says, in our words. Its own message is dropped, since it may quote what was sent or read; only
 * its name and code stay in the cause (SEC-3, SEC-4). `now`: wall clock, ms since 1970.
 */
export function toAuthError(thrown: unknown, place: ReadPlace, now: number): AuthError {
  if (isAuthError(thrown)) return thrown;
  const unloaded = loadFailure(thrown, "@azure/keyvault-secrets", place.source);
  if (unloaded) return unloaded;
  const facts = failureFacts(thrown);
  if (facts.fromProxy) return proxyRefusal(facts.status as number, { source: place.source, cause: thrown });
  const row = rowOf(facts, place);
  const [code, reason] = row;
  const advice = row === network ? row[2].replace("reached", (what) => what + whyIn(thrown)) : row[2];
  const id = facts.header("x-ms-request-id") ?? "";
  const request = /^[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}$/i.test(id) ? ` (request id ${id})` : "";
  return new AuthError(code, reason, `${place.source}: ${advice}.${request}`, {
    provider: place.source,
    cause: thrown,
    status: facts.status,
    retryAfterMs: code === "ERR_AUTH_UNREACHABLE" ? retryAfterOf(facts, now) : undefined,
  });
}

function rowOf(facts: FailureFacts, place: ReadPlace): Row {
  const { status, codes, text, name } = facts;
  if (status === 404) return ["ERR_AUTH_NOT_FOUND", "no-secret", absent(place)];
  if (status === 401) return tokenRefused(text);
  if (status === 403) return refusal(codes, text, place);
  if (status === 429)
    return ["ERR_AUTH_UNREACHABLE", "rate-limited", "the vault wants no more requests for now"];
  if (status === 409)
    return [
      "ERR_AUTH_NOT_FOUND",
      "no-secret",
      "it is being deleted or recovered. Wait for that, then try again",
    ];
  if (status === 408 || name === "AbortError") return timeout;
  if (status !== undefined && status >= 500)
    return ["ERR_AUTH_UNREACHABLE", "server-error", "the vault failed. Try again later"];
  if (status !== undefined && status >= 300 && status < 400)
    return ["ERR_AUTH_INVALID", "redirect", `the vault redirects${whereTo(facts)}. Check the host`];
  if (status !== undefined && status >= 400)
    return ["ERR_AUTH_INVALID", "bad-request", "the vault does not take this name or version. Check both"];
  // Without a status the body broke off; with one it was complete and no JSON.
  if (codes.includes("PARSE_ERROR") && status === undefined) return network;
  if (codes.includes("PARSE_ERROR") || name === "SyntaxError")
    return ["ERR_AUTH_INVALID", "malformed-response", "the answer is no secret. Is this a Key Vault?"];
  if (isNetworkFailure(facts)) return network;
  // How Microsoft's own check says it, in a client that is not ours.
  if (/^The challenge (?:resource|contains)/.test(text))
    return ["ERR_AUTH_INVALID", "challenge-resource", wrongAudience];
  return ["ERR_AUTH_INVALID", "unexpected-failure", "failed unexpectedly; its words are withheld"];
}

/** Where a redirect leads: scheme, host and port, and nothing that may hold a secret (SEC-23). */
function whereTo(facts: FailureFacts): string {
  const target = URL.parse(facts.header("location") ?? "");
  const origin = target && /^https?:$/.test(target.protocol) ? ` to ${target.origin}` : "";
  return `${origin}, which no Key Vault does`;
}

function absent({ vaultUrl = "", name, version }: ReadPlace): string {
  const vault = /^https:\/\/([a-z0-9-]+)\.vault\./.exec(vaultUrl)?.[1] ?? "VAULT";
  return `there is no such secret${version === undefined ? "" : " or version"}. Create it, or mend the name. If it was deleted: az keyvault secret recover --vault-name ${vault} --name ${name}`;
}

function tokenRefused(text: string): Row {
  return /AKV10032|invalid issuer/i.test(text)
    ? [
        "ERR_AUTH_DENIED",
        "wrong-tenant",
        "the vault belongs to another tenant than this identity. Sign in to the vault's",
      ]
    : [
        "ERR_AUTH_DENIED",
        "token-refused",
        "the vault refuses this identity's token, a new one too. Check tenant and clock",
      ];
}

function refusal(codes: readonly string[], text: string, place: ReadPlace): Row {
  const known =
    refusals.find(([inner]) => inner.some((code) => codes.includes(code))) ??
    refusals.find(([, pattern]) => pattern.test(text));
  return known ? known[2](place) : forbidden;
}
