/** What a token request may show. Everything else in its body is a secret, or may be. */
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

/** The secrets of a request, as it leaves: nobody has to remember to name one. */
export function secretsIn(
  headers: Readonly<Record<string, string>>,
  body: URLSearchParams | undefined,
): string[] {
  const secrets = [...(body ?? [])].filter(([name]) => !shown.has(name)).map(([, value]) => value);
  const basic = headers["authorization"]?.slice("Basic ".length);
  if (basic) {
    const password = atob(basic).split(":")[1] ?? "";
    secrets.push(basic, password, decodeURIComponent(password.replaceAll("+", " ")));
  }
  return secrets.filter((secret) => secret !== "");
}
