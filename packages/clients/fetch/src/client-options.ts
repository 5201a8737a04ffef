import type { Auth, AuthEvent } from "@auth/core";

export interface ClientOptions {
  /** Where the credential may go: exact origins, `https://api.example.com`. Nothing else ever gets it. */
  readonly origins: readonly (string | URL)[];
  /**
   * What becomes of a request to any other origin. `refuse` (default): `ERR_AUTH_INVALID/origin-not-allowed`, before
   * anything is sent. `plain`: it is sent exactly as the caller made it.
   */
  readonly otherOrigins?: "refuse" | "plain";
  /** Those of `origins` that may be `http:` without being loopback: closed networks. Each use starts with a warning event. */
  readonly allowInsecureOrigins?: readonly (string | URL)[];
  /** Hears that warning: type `warning`, reason `insecure-origin`. */
  readonly onEvent?: (event: AuthEvent) => void;
}

const loopback: ReadonlySet<string> = new Set(["127.0.0.1", "[::1]", "localhost"]);

/** What the options come to. */
export interface Settings {
  readonly origins: ReadonlySet<string>;
  readonly plain: boolean;
  /** To be called for each origin that a credential goes to. */
  sending(origin: string): void;
}

/** Checks the arguments of both factories; every complaint is a `TypeError`, and none quotes a URL (SEC-21). */
export function checkOptions(who: string, auth: Auth, options: ClientOptions): Settings {
  if (typeof auth?.authorize !== "function" || typeof auth.reject !== "function")
    throw new TypeError(`${who}: the first argument must be an Auth, made by createAuth`);
  if (!Array.isArray(options?.origins) || options.origins.length === 0)
    throw new TypeError(`${who}: \`origins\` must name at least one origin that may get the credential`);
  const { otherOrigins = "refuse" } = options;
  if (otherOrigins !== "refuse" && otherOrigins !== "plain")
    throw new TypeError(`${who}: \`otherOrigins\` is "refuse" or "plain"`);

  const insecure = new Set(options.allowInsecureOrigins?.map((entry) => originOf(who, entry)));
  const origins = new Set(options.origins.map((entry) => originOf(who, entry)));
  for (const origin of origins) {
    const { protocol, hostname } = new URL(origin);
    if (protocol === "http:" && !loopback.has(hostname) && !insecure.has(origin)) {
      throw new TypeError(
        `${who}: ${origin} is not https; a credential would travel in clear. Use https, or list it in \`allowInsecureOrigins\``,
      );
    }
  }
  return {
    origins,
    plain: otherOrigins === "plain",
    sending(origin) {
      if (!insecure.delete(origin)) return;
      const message = `${auth.name}: a credential goes to ${origin} in clear, because it is in \`allowInsecureOrigins\`.`;
      options.onEvent?.({
        type: "warning",
        auth: auth.name,
        at: new Date(),
        reason: "insecure-origin",
        message,
      });
    },
  };
}

function originOf(who: string, entry: string | URL): string {
  const url = URL.parse(String(entry));
  if (url?.protocol !== "https:" && url?.protocol !== "http:")
    throw new TypeError(`${who}: an origin must be an absolute https URL, like https://api.example.com`);
  // A path here would look like a limit, and be none.
  if (url.href !== `${url.origin}/`)
    throw new TypeError(
      `${who}: an origin has no path, query, fragment or user information; that of ${url.origin} has`,
    );
  return url.origin;
}
