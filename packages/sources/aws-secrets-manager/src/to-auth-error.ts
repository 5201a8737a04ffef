import { AuthError, type AuthErrorCode, toAuthError as coreError, isAuthError } from "@auth/core";
import { networkWhy } from "@auth/core/network";
import { loadFailure } from "./load-failure.ts";
import type { SecretRequest } from "./transport.ts";

type Row = readonly [code: AuthErrorCode, reason: string, advice: string];

const denied: Row = [
  "ERR_AUTH_DENIED",
  "permission-denied",
  "AWS knows who asks, and refuses. Allow secretsmanager:GetSecretValue on the secret, in the caller's policy and, for another account, in the secret's",
];
const kmsDenied: Row = [
  "ERR_AUTH_DENIED",
  "kms-denied",
  "the secret's key refuses. Allow kms:Decrypt on its KMS key, in the caller's policy and in the key's",
];
const noIdentity: Row = [
  "ERR_AUTH_UNAVAILABLE",
  "no-identity",
  "nothing here can sign in to AWS: no profile, no variables, no role of the machine. Set one up, or give a `client`",
];
const noHome: Row = [
  "ERR_AUTH_UNAVAILABLE",
  "no-home",
  "HOME is not set, the system knows no home of this user, and the AWS SDK looks for its files there. Set HOME to an absolute path",
];
const loginNeeded: Row = [
  "ERR_AUTH_INTERACTION_REQUIRED",
  "login-needed",
  "the login to AWS is over, or the profile has none. Run: aws sso login; or renew what the environment or the profile names",
];
const loginRejected: Row = [
  "ERR_AUTH_DENIED",
  "sign-in-refused",
  "AWS does not accept this login. Check the access key, the role, and the clock",
];
const refused: Row = [
  "ERR_AUTH_INVALID",
  "bad-request",
  "AWS takes this for no valid request. Check the name, the version and the stage",
];
const throttled: Row = [
  "ERR_AUTH_UNREACHABLE",
  "rate-limited",
  "AWS wants fewer requests. Try again later, or read less often",
];
const failed: Row = ["ERR_AUTH_UNREACHABLE", "server-error", "AWS failed. Try again"];
const late: Row = [
  "ERR_AUTH_UNREACHABLE",
  "timeout",
  "no answer in time. Check the network, the VPC endpoint and the proxy, or raise `timeoutMs`",
];
const network: Row = [
  "ERR_AUTH_UNREACHABLE",
  "network",
  "cannot be reached. Check the network, the region, the VPC endpoint and the certificates; for an agent: that it runs",
];

/** AWS's names for what went wrong, those of the SDK, and our own. Never the HTTP status alone: almost everything is 400. */
const table: Readonly<Record<string, Row>> = {
  AccessDeniedException: denied,
  DecryptionFailure: [
    "ERR_AUTH_INVALID",
    "decryption-failed",
    "the secret's KMS key cannot decrypt it. Check that the key is enabled and not scheduled for deletion",
  ],
  ExpiredToken: loginNeeded,
  ExpiredTokenException: loginNeeded,
  CredentialsProviderError: loginNeeded,
  TokenProviderError: loginNeeded,
  ProviderError: loginNeeded,
  AccessDenied: loginRejected, // of STS: the role may not be taken on
  IncompleteSignature: loginRejected,
  InvalidClientTokenId: loginRejected,
  InvalidSignatureException: loginRejected,
  MissingAuthenticationToken: loginRejected,
  MissingAuthenticationTokenException: loginRejected,
  SignatureDoesNotMatch: loginRejected,
  UnrecognizedClientException: loginRejected,
  InvalidParameterException: refused,
  InvalidRequestException: refused,
  ValidationException: refused,
  LimitExceededException: throttled,
  RequestLimitExceeded: throttled,
  SlowDown: throttled,
  Throttling: throttled,
  ThrottlingException: throttled,
  TooManyRequestsException: throttled,
  InternalFailure: failed,
  InternalServiceError: failed,
  InternalServiceErrorException: failed,
  ServiceUnavailable: failed,
  ServiceUnavailableException: failed,
  ConnectionError: network, // of the agent: between it and AWS
  AbortError: late,
  RequestTimeout: late,
  RequestTimeoutException: late,
  TimeoutError: late,
  AgentNotReady: [
    "ERR_AUTH_UNREACHABLE",
    "agent-not-ready",
    "the agent is still starting. Read inside of the handler, not before",
  ],
  AgentPortMalformed: [
    "ERR_AUTH_INVALID",
    "not-a-port",
    "PARAMETERS_SECRETS_EXTENSION_HTTP_PORT is no port, 1 to 65535",
  ],
  AgentTokenMissing: [
    "ERR_AUTH_UNAVAILABLE",
    "no-agent-token",
    "no agent is set up here: neither AWS_TOKEN nor AWS_SESSION_TOKEN is set, and the token file is not there",
  ],
  AgentTokenUnreadable: [
    "ERR_AUTH_DENIED",
    "unreadable",
    "this user may not read the agent's token file. Add it to the agent's group",
  ],
  AgentTokenMalformed: [
    "ERR_AUTH_INVALID",
    "secret-format",
    "the agent's token is no single line of visible ASCII. Check the token file or the variable",
  ],
  AgentTokenRejected: [
    "ERR_AUTH_DENIED",
    "agent-token-rejected",
    "the agent does not accept this token. It takes the one it was started with: check AWS_TOKEN and the token file",
  ],
  InsecureTransport: [
    "ERR_AUTH_INVALID",
    "insecure-transport",
    "the endpoint is http over a network, so nothing was sent. Set AWS_ENDPOINT_URL to https",
  ],
  MalformedResponse: [
    "ERR_AUTH_INVALID",
    "malformed-response",
    "the answer is none of Secrets Manager's. Check the endpoint and the proxies on the way",
  ],
  Redirect: [
    "ERR_AUTH_INVALID",
    "redirect",
    "the answer is a redirect, which is not followed. Check the endpoint and the proxies on the way",
  ],
  RegionConflict: [
    "ERR_AUTH_INVALID",
    "region-conflict",
    "`client` is set up for another region than the ARN's",
  ],
  RegionMissing: [
    "ERR_AUTH_INVALID",
    "no-region",
    "nothing says which region. Set `region` or AWS_REGION, or name the secret by its ARN",
  ],
  ResponseTooLarge: ["ERR_AUTH_INVALID", "response-too-large", "the answer is longer than 1 MiB"],
};

/**
 * What went wrong, in our words. The message of a foreign error decides which kind it is and is then dropped: it may quote
 * its input. Its name and code stay in the cause, its request id in the message.
 */
export function toAuthError(
  thrown: unknown,
  name: string,
  request: SecretRequest,
  networkNote?: string,
): AuthError {
  if (isAuthError(thrown)) return thrown;
  const unloaded = loadFailure(thrown, name);
  if (unloaded) return unloaded;
  const about = factsOf(thrown);
  const row = rowFor(about, request);
  if (!row) return coreError(thrown, name);
  const [code, reason, advice] = row;
  const id = about.requestId ? ` (request id ${about.requestId})` : "";
  const why = row === network || row === late ? whyIn(thrown, networkNote) : "";
  const text = advice.replace(/^(?:cannot be reached|no answer in time)/, (what) => what + why);
  return new AuthError(code, reason, `${name}: ${text}.${id}`, {
    provider: name,
    cause: thrown,
    ...(about.status !== undefined && { status: about.status }),
    ...(code === "ERR_AUTH_UNREACHABLE" && { retryAfterMs: about.retryAfterMs }),
  });
}

/** Its code, and what the code means. The SDK has its own view of proxies, so Node's is left out. */
function whyIn(thrown: unknown, note: string | undefined): string {
  const why = networkWhy(thrown, undefined, { env: {}, versions: {}, execArgv: [] });
  if (!note) return why;
  return why ? why.replace(/\)$/, `; ${note})`) : ` (${note})`;
}

interface Facts {
  readonly kind: string;
  readonly message: string;
  readonly code: string;
  readonly syscall: string;
  readonly status: number | undefined;
  /** A web page, which AWS never answers with. */
  readonly html: boolean;
  readonly requestId: string | undefined;
  readonly retryAfterMs: number | undefined;
}

function rowFor(
  { kind, message, code, syscall, status, html }: Facts,
  request: SecretRequest,
): Row | undefined {
  if (kind === "ResourceNotFoundException") return missing(message, request);
  if (syscall === "uv_os_homedir") return noHome; // in a client that is not ours
  if (/^Invalid(?:Request|Parameter)Exception$/.test(kind)) {
    if (/delet/i.test(message)) return deleted(request);
    if (/not associated/i.test(message)) return missing(message, request);
  }
  if (kind === "AccessDeniedException" && /\bkms\b/i.test(message)) return kmsDenied;
  // The SDK calls a reset connection a TimeoutError, too.
  if (kind === "TimeoutError" && code !== "" && code !== "ETIMEDOUT") return network;
  if (kind === "CredentialsProviderError" && /from any providers/i.test(message)) return noIdentity;
  if (Object.hasOwn(table, kind)) return table[kind];
  if (message === "Region is missing") return table["RegionMissing"];
  if (status === 429) return throttled;
  if (status !== undefined && status >= 500) return failed;
  if (status !== undefined && status >= 300 && status < 400) return table["Redirect"];
  if (/^(?!ERR_)|^ERR_(?:TLS|SSL)_/.test(code) && code !== "") return network; // of the system, or of TLS
  if (html) return table["MalformedResponse"]; // of a proxy, or whoever else is at the endpoint
  if (status !== undefined) return status < 300 ? table["MalformedResponse"] : refused;
  return undefined;
}

function missing(message: string, { versionId, versionStage }: SecretRequest): Row {
  const version = versionId !== undefined || versionStage !== undefined;
  if (version || /secret value/i.test(message)) {
    const advice =
      "the secret has no such version, or none with a value. Check the version, the stage and the secret's name";
    return ["ERR_AUTH_NOT_FOUND", "no-version", advice];
  }
  const advice =
    "there is no such secret in this region and account. Create it, or mend the name or the region";
  return ["ERR_AUTH_NOT_FOUND", "no-secret", advice];
}

function deleted({ secretId }: SecretRequest): Row {
  const advice = `the secret is scheduled for deletion. To keep it: aws secretsmanager restore-secret --secret-id ${secretId}`;
  return ["ERR_AUTH_INVALID", "pending-deletion", advice];
}

/** Reads a foreign error without trusting it (SEC-117). */
function factsOf(thrown: unknown): Facts {
  const at = (...path: readonly string[]): unknown => {
    try {
      return path.reduce<unknown>((value, key) => Object(value)[key], thrown);
    } catch {
      return undefined;
    }
  };
  const text = (value: unknown): string => (typeof value === "string" ? value : "");
  const status = at("$metadata", "httpStatusCode");
  const requestId = text(at("$metadata", "requestId"));
  const retryAfter = text(at("$response", "headers", "retry-after"));
  return {
    kind: text(at("name")),
    message: text(at("message")),
    code: text(at("code")),
    syscall: text(at("syscall")),
    status: Number.isInteger(status) ? (status as number) : undefined,
    html: /^text\/html\b/i.test(text(at("$response", "headers", "content-type"))),
    requestId: /^[\w-]{8,64}$/.test(requestId) ? requestId : undefined,
    // L5: shown as an hour at most. AWS sends seconds, if anything.
    retryAfterMs: /^\d{1,9}$/.test(retryAfter) ? Math.min(Number(retryAfter), 3_600) * 1_000 : undefined,
  };
}
