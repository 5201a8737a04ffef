/** What a request may show. Everything else in its body is a secret, or may be. */
const shown: ReadonlySet<string> = new Set([
  "grant_type",
  "client_id",
  "client_assertion_type",
  "username",
  "scope",
  "audience",
  "resource",
  "token_type_hint",
]);
const shownHeaders: ReadonlySet<string> = new Set(["accept", "cache-control", "content-type", "user-agent"]);

/** The secrets of a request, as it leaves: nobody has to remember to name one. Names of headers are in lower case. */
export function secretsIn(
  headers: Readonly<Record<string, string>>,
  body: URLSearchParams | string | undefined,
): string[] {
  const secrets: string[] = [];
  const add = (name: string, value: unknown): void => {
    if (typeof value === "string" && !shown.has(name)) secrets.push(value);
  };
  if (typeof body === "string" && headers["content-type"]?.includes("json")) JSON.parse(body, add);
  else for (const [name, value] of new URLSearchParams(body)) add(name, value);
  for (const [name, value] of Object.entries(headers))
    if (!shownHeaders.has(name)) secrets.push(value, ...(name === "authorization" ? proof(value) : []));
  return secrets.filter((secret) => secret !== "");
}

/** What an Authorization header proves itself with: all that follows the scheme, and the password in it. */
function proof(authorization: string): string[] {
  const [scheme = "", ...rest] = authorization.split(" ");
  const value = rest.join(" ");
  if (scheme.toLowerCase() !== "basic") return [value];
  const login = atob(value);
  const password = login.slice(login.indexOf(":") + 1);
  const bytes = Uint8Array.from(password, (character) => character.charCodeAt(0));
  const readings = [password, new TextDecoder().decode(bytes)];
  try {
    readings.push(decodeURIComponent(password.replaceAll("+", " ")));
  } catch {} // not form-encoded, then
  return [value, ...readings];
}
