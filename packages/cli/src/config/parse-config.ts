import { AuthError } from "@auth/core";
import { parseJson } from "@auth/core/payload";

/** JSON and nothing else (SEC-115). `name` and `path` are for the message, which says where and quotes nothing. */
export function parseConfig(text: string, name: string, path: string): unknown {
  try {
    return parseJson(text.replace(/^\uFEFF/, ""));
  } catch (error) {
    const problem = error instanceof SyntaxError ? error.message : "cannot be read";
    throw new AuthError("ERR_AUTH_INVALID", "config", `${name} ${path} is ${problem}${place(text)}.`);
  }
}

/** Where JSON ends to be JSON: the engine knows, but its message also quotes the text. */
function place(text: string): string {
  try {
    JSON.parse(text);
    return "";
  } catch (error) {
    const found = /\(line (\d+) column (\d+)\)/.exec((error as Error).message);
    return found ? ` from line ${found[1]}, column ${found[2]} on` : "";
  }
}
