/** A bracket or mark; a string; a number or word (RFC 8259). What stands before it is blank. */
const token =
  /[ \t\n\r]*(?:([{}[\],:])|("(?:[ !#-[\]-\uffff]|\\(?:["\\/bfnrt]|u[\da-fA-F]{4}))*")|(?:-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null)(?![\w.+-]))/y;

/** Where a text stops being JSON: `, at line 1, column 8`. Empty if it is JSON, and refused for what it says. */
export function placeOf(text: string): string {
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
      if (open.push(kind) > 64) return ""; // too deep, wherever
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
