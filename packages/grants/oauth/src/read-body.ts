import { abortable } from "./abortable.ts";

/** The body, or nothing if it is longer than `limit` bytes: then reading stopped there and the connection is given up. */
export async function readBody(
  response: Response,
  limit: number,
  signal: AbortSignal,
): Promise<Uint8Array | undefined> {
  const parts: Uint8Array[] = [];
  let length = 0;
  const reader = response.body?.getReader();
  for (;;) {
    const { value } = (await (reader && abortable(reader.read(), signal))) ?? {};
    if (!value) break;
    length += value.byteLength;
    if (length > limit) {
      reader?.cancel().catch(() => {});
      return undefined;
    }
    parts.push(value);
  }
  const whole = new Uint8Array(length);
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.byteLength;
  }
  return whole;
}
