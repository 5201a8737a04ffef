/**
 * Reads JSON from outside: like `JSON.parse`, but a key that stands twice in one object, or nesting deeper than 64, is an
 * error too, and so is a `__proto__` key (SEC-13). Linear time. Errors: `SyntaxError` without a word of the text.
 *
 * @example
 * ```ts
 * parseJson('{"a":1,"a":2}'); // SyntaxError: not strict JSON: duplicate key
 * ```
 */
export function parseJson(text: string): unknown {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new SyntaxError("not JSON"); // the engine's own message quotes the text
  }
  inspectKeys(text);
  return value;
}

/** Walks text that is known to be JSON, so strings and brackets are all there is to see. */
function inspectKeys(text: string): void {
  const open: (Set<string> | undefined)[] = [];
  const token = /"(?:[^"\\]|\\.)*"|[{}[\]]/gs;
  for (let match = token.exec(text); match; match = token.exec(text)) {
    const [lexeme] = match;
    if (lexeme === "{" || lexeme === "[") {
      if (open.push(lexeme === "{" ? new Set() : undefined) > 64)
        throw new SyntaxError("not strict JSON: nested too deep");
    } else if (lexeme === "}" || lexeme === "]") {
      open.pop();
    } else if (isKey(text, token.lastIndex)) {
      const key = JSON.parse(lexeme) as string;
      const keys = open.at(-1);
      if (key === "__proto__") throw new SyntaxError("not strict JSON: a __proto__ key");
      if (keys?.has(key)) throw new SyntaxError("not strict JSON: duplicate key");
      keys?.add(key);
    }
  }
}

/** In JSON only a key is followed by a colon. */
function isKey(text: string, at: number): boolean {
  const colon = /\s*(:?)/y;
  colon.lastIndex = at;
  return colon.exec(text)?.[1] === ":";
}
