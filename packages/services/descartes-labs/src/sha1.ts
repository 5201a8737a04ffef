import { createHash } from "node:crypto";

/** The service names users and cache files by it: lower-case hex of the UTF-8 text. Nothing is kept secret with it. */
export const sha1 = (text: string): string => createHash("sha1").update(text).digest("hex");
