import { decodeText } from "./decode-text.ts";
import type { ReadContext } from "./helper-format.ts";
import { malformed } from "./problem.ts";

const maxLine = 65_535; // L14, and git's own limit

/** What the lines of one block say. */
export interface GitBlock {
  /** Key → its value. */
  readonly values: ReadonlyMap<string, string>;
  /** `key[]` → its values; an empty one clears those before it. */
  readonly lists: ReadonlyMap<string, readonly string[]>;
}

/**
 * One block of `key=value` lines, as bytes: a line ends in LF, one CR before it is dropped, and any other CR is data
 * (SEC-101). An empty line ends the block.
 */
export function gitLines(bytes: Uint8Array, context: ReadContext): GitBlock {
  decodeText(bytes, context); // the limit, and all of it is text
  const decoder = new TextDecoder("utf-8", { ignoreBOM: true });
  const values = new Map<string, string>();
  const lists = new Map<string, string[]>();
  for (let start = 0; start < bytes.length; ) {
    const found = bytes.indexOf(0x0a, start);
    const end = found < 0 ? bytes.length : found;
    const line = bytes.subarray(start, end > start && bytes[end - 1] === 0x0d ? end - 1 : end);
    start = end + 1;
    if (line.length === 0) break;
    if (line.length > maxLine) throw malformed(context, "has a line that is too long");
    if (line.includes(0)) throw malformed(context, "holds a NUL");
    const text = decoder.decode(line);
    const sign = text.indexOf("=");
    if (sign < 1) throw malformed(context, 'has a line without "="');
    const [key, value] = [text.slice(0, sign), text.slice(sign + 1)];
    if (key.endsWith("[]")) {
      const list = lists.get(key) ?? [];
      if (value === "") list.length = 0;
      else list.push(value);
      lists.set(key, list);
    } else if (values.has(key) && values.get(key) !== value) {
      throw malformed(context, "says something twice, and differently");
    } else values.set(key, value);
  }
  return { values, lists };
}
