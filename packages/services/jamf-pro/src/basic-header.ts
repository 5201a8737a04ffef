import { AuthError } from "@auth/core";

export type BasicEncoding = "auto" | "latin-1" | "utf-8";

/** HTTP Basic (RFC 7617). Jamf Pro reads Latin-1; what that cannot say is left to UTF-8, unless `encoding` forbids it. */
export function basicHeader(
  { username, password }: { readonly username: string; readonly password: string },
  encoding: BasicEncoding,
  source: string,
): string {
  const invalid = (problem: string): AuthError =>
    new AuthError("ERR_AUTH_INVALID", "secret-format", `${source}: ${problem}`, { provider: source });
  if (username.includes(":") || /\p{Cc}/u.test(username))
    throw invalid(
      "the user name holds a colon or a control character, which HTTP Basic cannot carry. Correct it.",
    );
  const pair = `${username}:${password}`;
  const narrow = /^[\0-\xff]*$/.test(pair);
  if (!narrow && encoding === "latin-1")
    throw invalid('user name or password hold characters that Latin-1 does not have. Use encoding: "auto".');
  const bytes = narrow && encoding !== "utf-8" ? Buffer.from(pair, "latin1") : Buffer.from(pair, "utf8");
  return `Basic ${bytes.toString("base64")}`;
}
