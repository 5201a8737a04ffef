import { type AccessTokenCredential, type PasswordCredential, Secret } from "@auth/core";
import type { ReadContext } from "./helper-format.ts";
import { malformed, otherKind, problem } from "./problem.ts";

/** What an `Authorization` header can be taken apart into. */
export type AuthorizationCredential = AccessTokenCredential | PasswordCredential;

/** The credential behind a scheme and its value (RFC 9110 §11.4): `Bearer` and `Basic`, in any case. */
export function authorization(scheme: string, value: string, context: ReadContext): AuthorizationCredential {
  const { source } = context;
  if (value.length > 65_536 || !/^[!-~]+$/.test(value))
    throw problem("INVALID", "secret-format", context, "its authorization cannot travel in a header.");
  if (/^bearer$/i.test(scheme)) return { type: "access-token", token: new Secret(value), source };
  if (!/^basic$/i.test(scheme))
    throw otherKind(context, "answers with an authorization that is neither Bearer nor Basic");
  const text = fromBase64(value);
  const colon = text?.indexOf(":") ?? -1;
  const [username, password] = [text?.slice(0, colon) ?? "", text?.slice(colon + 1) ?? ""];
  // RFC 7617 §2: user name and password hold no control characters.
  if (colon < 1 || password === "" || /\p{Cc}/u.test(`${username}${password}`))
    throw malformed(context, "has a Basic authorization that is no user name and password in base64");
  return { type: "password", username, password: new Secret(password), source, account: username };
}

function fromBase64(packed: string): string | undefined {
  if (!/^[A-Za-z0-9+/]*={0,2}$/.test(packed)) return undefined;
  try {
    const bytes = Uint8Array.from(atob(packed), (char) => char.charCodeAt(0));
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    return undefined;
  }
}
