import { AuthError, type Credential } from "@auth/core";
import { credentialFrom, parsePayload } from "@auth/core/payload";
import { partners, type SecretOptions } from "./secret-options.ts";
import type { SecretValue } from "./transport.ts";

/** What the store holds, as a credential that knows its version. */
export function parseSecret(value: SecretValue, source: string, options: SecretOptions): Credential {
  const { field, fields, bare = "token" } = options;
  const facts = { source, version: value.versionId };
  const text = textOf(value, source, options.encoding);
  if (!(bare in partners)) {
    return parsePayload(text, {
      ...facts,
      field,
      bare: bare as "token" | "apiKey" | "refreshToken",
      ...(fields && { fields }),
    });
  }
  // A private key may be a JWK, which begins like a JSON secret: without a field, the whole is the key.
  const secret = field === undefined ? text : bareField(text, { ...facts, field });
  const partner = partners[bare as keyof typeof partners];
  return credentialFrom({ [bare]: secret, [partner]: options[partner] }, facts);
}

/** The field's text, which core reads as a token if it is one piece of text. */
function bareField(text: string, options: Parameters<typeof parsePayload>[1]): string {
  const part = parsePayload(text, options);
  if (part.type === "access-token") return part.token.reveal();
  throw invalid(options.source, "payload-malformed", `the field "${options.field}" is not bare text`);
}

function textOf({ text, bytes }: SecretValue, source: string, encoding: SecretOptions["encoding"]): string {
  // A client of one's own may answer with anything.
  if (typeof text !== "string" && !(bytes instanceof Uint8Array))
    throw invalid(source, "malformed-response", "the answer has neither text nor bytes. Check the client");
  const plain = typeof text === "string" ? text : utf8(bytes ?? new Uint8Array(), source);
  if (encoding !== "base64") return plain;
  const packed = plain.replace(/\s+/g, "");
  if (!/^[A-Za-z0-9+/]*={0,2}$/.test(packed))
    throw invalid(source, "payload-malformed", "the secret is not base64 (RFC 4648 §4). Encode it again");
  return utf8(Buffer.from(packed, "base64"), source);
}

function utf8(bytes: Uint8Array, source: string): string {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    throw invalid(source, "not-utf8", "the secret is binary and no UTF-8 text. Store text, or base64");
  }
}

function invalid(source: string, reason: string, problem: string): AuthError {
  return new AuthError("ERR_AUTH_INVALID", reason, `${source}: ${problem}.`, { provider: source });
}
