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

/** Checks a URL from the app's options. Throws `TypeError` that names the option and does not quote the value. */
export function configuredUrl(value: string, option: string, insecureOrigins: ReadonlySet<string>): URL {
  const url = URL.canParse(value) ? new URL(value) : undefined;
  if (!url) throw new TypeError(`${option} is not an absolute URL`);
  if (!isPlain(url))
    throw new TypeError(`${option} must have neither a user name, a password nor a fragment`);
  if (!isSafe(url, insecureOrigins)) {
    throw new TypeError(
      `${option} must be an https URL; http is for 127.0.0.1, [::1] and localhost, and for origins listed in allowInsecureOrigins`,
    );
  }
  return url;
}
