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
  const [first = "", ...more] = message.replace(/^error: /, "").split("\n");
  const hint = more.join(" ").trim();
  const text = first
    .replace(/(argument|value) '.*?' is invalid/s, "$1 is invalid")
    .replace(/(but got \d+):.*/s, "$1")
    .replace(/'([^']*)'/g, (_, quoted: string) => safely(quoted));
  const advice =
    code === "commander.unknownOption" && secret.test(text)
      ? "No option takes a secret: use --stdin, the prompt, a file or the environment."
      : hint;
  return new UsageError(`${text.replace(/\.?$/, ".")} ${advice || "See auth --help."}`);
}

/** An option without its value, or a word that no secret looks like. */
function safely(quoted: string): string {
  const option = /^(?:-\w(?=, --)[^=]*|--[a-z][a-z-]{0,30}(?= |=|$)(?: <\w+(?:\.{3})?>)?|-\w)/.exec(
    quoted,
  )?.[0];
  return option ?? (/^[a-z_]{1,16}$/.test(quoted) ? `"${quoted}"` : "something that is not shown");
}
