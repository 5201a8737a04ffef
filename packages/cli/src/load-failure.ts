import { AuthError } from "@auth/core";

/**
 * A package or a part of the command that is there and cannot be loaded, in the loader's own words: they are about code and not
 * about data, so they hold no secret, and without them nobody could mend it. `what` is the beginning of a sentence.
 */
export function loadFailure(thrown: unknown, what: string): AuthError {
  const words = thrown instanceof Error ? `${thrown.name}: ${thrown.message}` : "it threw what is no error";
  return new AuthError(
    "ERR_AUTH_UNAVAILABLE",
    "load-failed",
    `${what} cannot be loaded: ${words.replace(/\.?\s*$/, ".")} Install it again.`,
    { cause: thrown },
  );
}

/**
 * Whether the module loader itself threw this. An error of the same class that comes from reading data, such as
 * `JSON.parse`, quotes it, and begins elsewhere.
 */
export function isLoadFailure(thrown: unknown): boolean {
  if (!(thrown instanceof Error)) return false;
  const { stack = "", name, code } = thrown as NodeJS.ErrnoException;
  const first = stack.split("\n").find((line) => /^ +at /.test(line)) ?? "";
  const known = name === "SyntaxError" || /^(?:ERR_|MODULE_NOT_FOUND$)/.test(code ?? "");
  return known && first.includes("(node:internal/modules/");
}
