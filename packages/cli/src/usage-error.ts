import { AuthError } from "@auth/core";
import type { Command, CommanderError } from "commander";
import { pathOf } from "./command-at.ts";

/** The command line is wrong; exit code 2. */
export class UsageError extends Error {
  toAuthError(): AuthError {
    return new AuthError("ERR_AUTH_INVALID", "usage", this.message);
  }
}

const secret = /token|passw|secret|key|credential/i;

/**
 * The parser's complaint about `command`, without what was typed: people paste secrets in all kinds of places (SEC-120).
 * `hasRest`: there are two dashes.
 */
export function usageOf(
  { code, message }: CommanderError,
  { command, hasRest }: { readonly command: Command; readonly hasRest: boolean },
): UsageError {
  const [, complaint = "", suggestion] =
    /^error: (.*?)(?:\n\((Did you mean [a-z-, ]+\?)\))?$/s.exec(message) ?? [];
  const isExtra = code === "commander.excessArguments";
  // A group that also does something by itself takes any word for an argument.
  if (isExtra && command.commands.length > 0)
    return new UsageError(`unknown command ${safely(command.args[0] ?? "")}. ${helpOf(command)}`);
  const text = complaint
    .replace(/(argument|value) '.*' is invalid/s, "$1 is invalid")
    .replace(/(but got \d+):.*/s, "$1")
    .replace(/(unknown \w+) '(.*)'$/s, (_, what: string, typed: string) => `${what} ${safely(typed)}`);
  return new UsageError(`${text.replace(/\.?$/, ".")} ${advice()}`);

  function advice(): string {
    const isUnknown = code === "commander.unknownOption";
    if (command.name() === "exec" && !hasRest && (isExtra || isUnknown))
      return "The program and its arguments go after two dashes: auth exec [profile] -- program …";
    if (isUnknown && secret.test(text))
      return "No option takes a secret: use --stdin, the prompt, a file or the environment.";
    return suggestion ?? helpOf(command);
  }
}

function helpOf(command: Command): string {
  return `See ${pathOf(command)} --help.`;
}

/** An option without its value, or a word that no secret looks like. */
function safely(typed: string): string {
  const [option] = /^(?:--[a-z][a-z-]{0,30}(?==|$)|-\w)/.exec(typed) ?? [];
  return option ?? (looksLikeWord(typed) ? `"${typed}"` : "(not shown)");
}

/** What may be repeated in a message: people paste secrets in all kinds of places, and no key is a short word without digits. */
export function looksLikeWord(typed: string): boolean {
  return /^[a-z]+(?:[-_.][a-z]+)*$/.test(typed) && typed.length <= 16;
}

/**
 * What looks like a key, and not like a name that somebody gave: a long piece that mixes letters and digits or goes on and on, or
 * a UUID. All of it is hidden where it is looked up.
 */
export function looksLikeKey(typed: string): boolean {
  const isUuid = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(typed);
  return isUuid || typed.split(/[-_.]/).some((piece) => piece.length >= (/\d/.test(piece) ? 16 : 32));
}
