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
    const again = JSON.stringify(value); // of equal keys one is left, and each is spelled in one way
    const marks = skeleton(text);
    let depth = 0;
    for (const mark of marks) {
      if (mark === "{" || mark === "[") depth++;
      else if (mark !== ":") depth--;
      if (depth > 64) throw mark;
    }
    if (marks.length !== skeleton(again).length || again.includes('"__proto__":')) throw again;
    return value;
  } catch {
    throw new SyntaxError("not strict JSON"); // the engine's own message quotes the text
  }
}

/** The brackets of JSON, and a colon for each key. */
const skeleton = (json: string): string => json.replace(/"[^"\\]*(?:\\.[^"\\]*)*"|[^{}[\]:"]+/gs, "");
