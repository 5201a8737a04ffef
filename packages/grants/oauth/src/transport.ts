/** `idp.example/realms/main`: labels of at most 30 small letters, digits and hyphens, so no token. */
const hostLike = /^(?:[a-z0-9-]{1,30}\.){1,5}[a-z]{2,18}(?:\/[a-z0-9-]{1,30}){0,5}\/?$/;

const loopback: ReadonlySet<string> = new Set(["127.0.0.1", "[::1]", "localhost"]);

/** SEC-20: https everywhere; http on this machine, and where the app said so, origin by origin. */
export function isSafe(url: URL, insecureOrigins: ReadonlySet<string>): boolean {
  return url.protocol === "https:" || isLoopback(url) || isExempt(url, insecureOrigins);
}

/** http over a network, allowed by option: worth a warning. */
export function isExempt(url: URL, insecureOrigins: ReadonlySet<string>): boolean {
  return url.protocol === "http:" && !loopback.has(url.hostname) && insecureOrigins.has(url.origin);
}

function isLoopback(url: URL): boolean {
  return url.protocol === "http:" && loopback.has(url.hostname);
}

/** A URL that names an endpoint and nothing else: no user, no fragment (SEC-21). */
export function isPlain(url: URL): boolean {
  return url.username === "" && url.password === "" && !url.href.includes("#");
}

/**
 * Checks a URL from the app's options. Throws `TypeError` that names the option. What parses as a URL may hold a user or a
 * fragment, and is not quoted (SEC-21); what does not may be a secret in the wrong place, so it is quoted only if it has the
 * looks of a host name, in small letters: that is the usual mistake, a URL without its https.
 */
export function configuredUrl(value: string, option: string, insecureOrigins: ReadonlySet<string>): URL {
  if (value === undefined || value === null) throw new TypeError(`${option} is missing`);
  if (typeof value !== "string") throw new TypeError(`${option} must be a text, not ${kind(value)}`);
  if (value.trim() === "") throw new TypeError(`${option} is empty`);
  const url = URL.canParse(value) ? new URL(value) : undefined;
  if (!url && hostLike.test(value))
    throw new TypeError(`${option} is not an absolute URL: "${value}". Write "https://${value}"`);
  if (!url)
    throw new TypeError(
      `${option} is not an absolute URL, like https://idp.example; it is not shown, it may be a secret`,
    );
  if (!isPlain(url))
    throw new TypeError(`${option} must have neither a user name, a password nor a fragment`);
  if (!isSafe(url, insecureOrigins)) {
    throw new TypeError(
      `${option} must be an https URL; http is for 127.0.0.1, [::1] and localhost, and for origins listed in allowInsecureOrigins`,
    );
  }
  return url;
}

/** What a value of the wrong type is, for messages. */
export function kind(value: unknown): string {
  return Array.isArray(value)
    ? "a list"
    : value === null
      ? "null"
      : typeof value === "object"
        ? "an object"
        : `a ${typeof value}`;
}
