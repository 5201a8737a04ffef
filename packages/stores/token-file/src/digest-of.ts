import { createHash } from "node:crypto";

/** A key may be any text; a file name may not. */
export function digestOf(key: string): string {
  return createHash("sha256").update(key).digest("hex").slice(0, 16);
}
