import { AuthError } from "@auth/core";
import { parseJson } from "@auth/core/payload";

/** JSON and nothing else (SEC-115). `name` and `path` are for the message, which says where and quotes nothing. */
export function parseConfig(text: string, name: string, path: string): unknown {
  try {
    return parseJson(text.replace(/^\uFEFF/, ""));
  } catch {
    throw new AuthError("ERR_AUTH_INVALID", "config", `${name} ${path} ${problem(text)}.`);
  }
}

/** What is wrong, and where: the engine knows, but its message also quotes the text. */
function problem(text: string): string {
  try {
    JSON.parse(text);
    return "is not strict JSON: duplicate or __proto__ key, or nested too deep";
  } catch (error) {
    const found = /\(line (\d+) column (\d+)\)/.exec((error as Error).message);
    return `is not JSON${found ? ` from line ${found[1]}, column ${found[2]} on` : ""}`;
  }
}
