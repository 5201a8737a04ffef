/** Codes of the network, of TLS and of undici; all others are somebody's own. */
const codes =
  /^(?:E[A-Z]{2,14}|EAI_[A-Z]{2,14}|UND_ERR_[A-Z_]{2,30}|ERR_(?:TLS|SSL)_[A-Z0-9_]{2,40}|(?:CERT|CRL|DEPTH|UNABLE|SELF|INVALID|HOSTNAME|ERROR_IN)_[A-Z_]{2,50})$/;

/** What a code means, where the code alone leaves people with a riddle. */
const meanings: readonly [code: RegExp, meaning: string][] = [
  [
    /^(?:DEPTH_ZERO_SELF_SIGNED_CERT|SELF_SIGNED_CERT_IN_CHAIN|UNABLE_TO_(?:GET_ISSUER_CERT|GET_ISSUER_CERT_LOCALLY|VERIFY_LEAF_SIGNATURE))$/,
    "; if your company signs its own certificates, set NODE_EXTRA_CA_CERTS",
  ],
  [/^CERT_(?:HAS_EXPIRED|NOT_YET_VALID)$/, "; if the certificate is good, this machine's clock is not"],
  [/^(?:EPROTO|ERR_SSL_WRONG_VERSION_NUMBER|ERR_SSL_PACKET_LENGTH_TOO_LONG)$/, ": that port speaks no TLS"],
];

/**
 * The code of a network failure, of whatever depth: of the error itself, its causes, or those it collects. Codes hold no
 * secret; the words beside them may (SEC-4).
 *
 * @example
 * ```ts
 * await fetch("https://127.0.0.1:1").catch(networkCode); // "ECONNREFUSED"
 * ```
 */
export function networkCode(thrown: unknown): string | undefined {
  const found = facts(thrown, 6);
  // A library's own word for a failed connection says less than the system's.
  return found.find((code) => !code.startsWith("UND_ERR_")) ?? found[0];
}

function facts(thrown: unknown, depth: number): string[] {
  if (typeof thrown !== "object" || thrown === null || depth === 0) return [];
  const { code, within } = look(thrown);
  const own = typeof code === "string" && codes.test(code) ? [code] : [];
  return [...own, ...within.flatMap((each) => facts(each, depth - 1))];
}

function look(thrown: object): { code?: unknown; within: unknown[] } {
  try {
    const { code, cause, errors } = thrown as { code?: unknown; cause?: unknown; errors?: unknown };
    return { code, within: [cause, ...(Array.isArray(errors) ? Array.from(errors.slice(0, 4)) : [])] };
  } catch {
    return { within: [] }; // a getter that throws has nothing to tell
  }
}

interface Host {
  readonly process?: Runtime & { readonly release?: { readonly name?: string } };
  readonly Deno?: unknown;
}

/** What decides whether a proxy of the environment is used. */
export interface Runtime {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly versions: Readonly<Record<string, string | undefined>>;
  readonly execArgv: readonly string[];
}

/**
 * Why a server cannot be reached, to stand right behind "cannot be reached": ` (ECONNREFUSED)`, with what the code means where
 * that helps, and with the switch to set where a proxy of the environment is ignored by this runtime. Empty if nothing is known.
 *
 * @example
 * ```ts
 * throw new AuthError("ERR_AUTH_UNREACHABLE", "network", `acme: the server cannot be reached${networkWhy(error, url)}.`, { cause: error });
 * ```
 */
export function networkWhy(thrown: unknown, url?: string, runtime: Runtime | undefined = node()): string {
  const code = networkCode(thrown);
  const meaning = meanings.find(([of]) => code !== undefined && of.test(code))?.[1] ?? "";
  const parts = [code && code + meaning, runtime && ignoredProxy(runtime, url)].filter(Boolean);
  return parts.length > 0 ? ` (${parts.join("; ")})` : "";
}

/** Node, unless it is a runtime that only calls itself so and heeds proxies by itself. */
function node(): Runtime | undefined {
  const { process, Deno } = globalThis as Host;
  const real = process?.release?.name === "node" && !process.versions["bun"] && Deno === undefined;
  return real ? process : undefined;
}

/** Node looks at `HTTPS_PROXY` only when told to: since 24.0, and 22.21. */
function ignoredProxy({ env, versions, execArgv }: Runtime, url: string | undefined): string | undefined {
  const to = url !== undefined && URL.canParse(url) ? new URL(url) : undefined;
  const scheme = to?.protocol === "http:" ? "http" : "https";
  const name = [`${scheme}_proxy`, `${scheme.toUpperCase()}_PROXY`].find((each) => env[each]);
  if (!name || (to && isDirect(to, env["no_proxy"] || env["NO_PROXY"] || ""))) return undefined;
  const told = [...execArgv, ...(env["NODE_OPTIONS"] ?? "").split(/\s+/)].includes("--use-env-proxy");
  if (told || env["NODE_USE_ENV_PROXY"] === "1") return undefined;
  const [major = 0, minor = 0] = (versions["node"] ?? "").split(".").map(Number);
  const able = major >= 24 || (major === 22 && minor >= 21);
  return `${name} is set, and Node ignores it ${able ? "unless NODE_USE_ENV_PROXY=1 is set too" : "before version 22.21"}`;
}

/** This machine, and what the environment exempts. */
function isDirect({ hostname, port }: URL, exempt: string): boolean {
  if (/^(?:localhost|127\.\d+\.\d+\.\d+|\[::1\])$/.test(hostname)) return true;
  return exempt.split(/[\s,]+/).some((each) => {
    const [host = "", only] = each
      .toLowerCase()
      .replace(/^\*?\./, "")
      .split(":");
    if (host === "" || (only !== undefined && only !== port)) return false;
    return host === "*" || hostname === host || hostname.endsWith(`.${host}`);
  });
}
