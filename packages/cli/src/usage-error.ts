import { AuthError } from "@auth/core";
import type { CommanderError } from "commander";

/** The command line is wrong; exit code 2. */
export class UsageError extends Error {
  toAuthError(): AuthError {
    return new AuthError("ERR_AUTH_INVALID", "usage", this.message);
  }
}

const secret = /token|passw|secret|key|credential/i;

/** The parser's complaint without what was typed: people paste secrets in all kinds of places (SEC-120). */
export function usageOf({ code, message }: CommanderError): UsageError {
  const [, complaint = "", suggestion] =
    /^error: (.*?)(?:\n\((Did you mean [a-z-, ]+\?)\))?$/s.exec(message) ?? [];
  const text = complaint
    .replace(/(argument|value) '.*' is invalid/s, "$1 is invalid")
    .replace(/(but got \d+):.*/s, "$1")
    .replace(/(unknown \w+) '(.*)'$/s, (_, what: string, typed: string) => `${what} ${safely(typed)}`);
  const isSecret = code === "commander.unknownOption" && secret.test(text);
  const advice = isSecret
    ? "No option takes a secret: use --stdin, the prompt, a file or the environment."
    : (suggestion ?? "See auth --help.");
  return new UsageError(`${text.replace(/\.?$/, ".")} ${advice}`);
}

/** An option without its value, or a word that no secret looks like. */
function safely(typed: string): string {
  const [option] = /^(?:--[a-z][a-z-]{0,30}(?==|$)|-\w)/.exec(typed) ?? [];
  return option ?? (/^[a-z_]{1,16}$/.test(typed) ? `"${typed}"` : "(not shown)");
}
