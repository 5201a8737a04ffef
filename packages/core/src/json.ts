/**
 * Reads JSON from outside: like `JSON.parse`, but a key that stands twice in one object, or nesting deeper than 64, is an
 * error too, and so is a `__proto__` key (SEC-13). Linear time. Errors: `SyntaxError` without a word of the text, with the line
 * and column where it stops being JSON.
 *
 * @example
 * ```ts
 * parseJson('{"a":1,"a":2}'); // SyntaxError: not strict JSON
 * parseJson('{"a":1,}'); // SyntaxError: not strict JSON, at line 1, column 8
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
    throw new SyntaxError(`not strict JSON${placeOf(text)}`); // the engine's own message quotes the text
  }
}

/** The brackets of JSON, and a colon for each key. */
const skeleton = (json: string): string => json.replace(/"[^"\\]*(?:\\.[^"\\]*)*"|[^{}[\]:"]+/gs, "");

/** A bracket or mark; a string; a number or word (RFC 8259). What stands before it is blank. */
const token =
  /[ \t\n\r]*(?:([{}[\],:])|("(?:[ !#-[\]-\uffff]|\\(?:["\\/bfnrt]|u[\da-fA-F]{4}))*")|(?:-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null)(?![\w.+-]))/y;

/** Where a text stops being JSON, or nothing if it is JSON and refused for what it says. */
function placeOf(text: string): string {
  const open: string[] = [];
  // What may come: a value (v), a key (k), ":", ",", or the end of what is open (e).
  let may = "v";
  for (let at = 0; ; ) {
    token.lastIndex = at;
    const [whole = "", mark, string] = token.exec(text) ?? [];
    const kind = mark ?? (string ? "s" : whole ? "w" : "");
    const inside = open.at(-1);
    const fits =
      kind === "{" || kind === "[" || kind === "w"
        ? may.includes("v")
        : kind === "s"
          ? /[vk]/.test(may)
          : kind === "}" || kind === "]"
            ? may.includes("e") && inside === (kind === "}" ? "{" : "[")
            : kind !== "" && may.includes(kind);
    if (!fits) {
      const rest = text.slice(at);
      if (may === "" && rest.trim() === "") return "";
      const before = text.slice(0, at + rest.length - rest.replace(/^[ \t\n\r]+/, "").length);
      const lines = before.split(/\r\n?|\n/);
      return `, at line ${lines.length}, column ${(lines.at(-1) ?? "").length + 1}`;
    }
    at += whole.length;
    if (kind === "{" || kind === "[") {
      open.push(kind);
      may = kind === "{" ? "ke" : "ve";
    } else if (kind === ",") may = inside === "{" ? "k" : "v";
    else if (kind === ":") may = "v";
    else if (kind === "s" && may.includes("k")) may = ":";
    else {
      if (kind === "}" || kind === "]") open.pop();
      may = open.length > 0 ? ",e" : "";
    }
  }
}
