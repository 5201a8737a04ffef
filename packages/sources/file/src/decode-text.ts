import { AuthError } from "@auth/core";

/** A file's bytes as text; a byte order mark is dropped. Errors: `INVALID/not-utf8`, `/payload-malformed`. */
export function decodeText(bytes: Uint8Array, encoding: "utf8" | "base64", source: string): string {
  const text = utf8(bytes, source);
  if (encoding === "utf8") return text;
  const packed = text.replace(/\s+/g, "");
  if (!/^[A-Za-z0-9+/]*={0,2}$/.test(packed))
    throw invalid("payload-malformed", `${source}: is not base64 (RFC 4648 §4). Encode it again.`, source);
  return utf8(Buffer.from(packed, "base64"), source);
}

function utf8(bytes: Uint8Array, source: string): string {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    const mark = (bytes[0] ?? 0) * 256 + (bytes[1] ?? 0);
    const found = mark === 0xfffe || mark === 0xfeff ? "UTF-16, not UTF-8" : "not UTF-8 text";
    throw invalid("not-utf8", `${source}: is ${found}. Save it as UTF-8.`, source);
  }
}

function invalid(reason: string, message: string, source: string): AuthError {
  return new AuthError("ERR_AUTH_INVALID", reason, message, { provider: source });
}
