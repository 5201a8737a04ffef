/**
 * Reads JSON from outside: like `JSON.parse`, but a key that stands twice in one object, or nesting deeper than 64, is an
 * error too, and so is a `__proto__` key (SEC-13). Linear time. Errors: `SyntaxError` without a word of the text.
 *
 * @example
 * ```ts
 * parseJson('{"a":1,"a":2}'); // SyntaxError: not strict JSON
 * ```
 */
export function parseJson(text: string): unknown {
  try {
    const value: unknown = JSON.parse(text);
    inspectKeys(text);
    return value;
  } catch {
    throw new SyntaxError("not strict JSON"); // the engine's own message quotes the text
  }
}

/** Walks text that is known to be JSON, so strings and brackets are all there is to see; only a key is followed by a colon. */
function inspectKeys(text: string): void {
  const open: Set<string>[] = [];
  for (const [, string, colon, bracket] of text.matchAll(/("[^"\\]*(?:\\.[^"\\]*)*")\s*(:)?|([{}[\]])/gs)) {
    if (bracket === "{" || bracket === "[") open.push(new Set(["__proto__"]));
    else if (bracket) open.pop();
    else if (string && colon) {
      const key = JSON.parse(string) as string;
      if (open.at(-1)?.has(key)) throw key;
      open.at(-1)?.add(key);
    }
    if (open.length > 64) throw open;
  }
}
