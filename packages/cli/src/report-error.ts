import { AuthError, isAuthError, toAuthError } from "@auth/core";
import { networkCode } from "@auth/core/network";
import { exitCode, exitCodeOf } from "./exit-code.ts";
import { isLoadFailure, loadFailure } from "./load-failure.ts";
import type { Style } from "./paint.ts";
import { saidOnce } from "./said-once.ts";
import { clean, wrap } from "./text.ts";
import { UsageError } from "./usage-error.ts";

export interface Report {
  readonly text: string;
  readonly code: number;
}

/** What a failure looks like on standard error, and the exit code it comes with. */
export function reportError(
  thrown: unknown,
  how: {
    readonly json: boolean;
    readonly verbose: boolean;
    /** With the places in our own code; the words of others are shown when they come up. */
    readonly debug?: boolean;
    readonly style: Style;
    /** What a login would help. */
    readonly profile?: string | undefined;
  },
): Report {
  const error = known(thrown);
  const code = exitCodeOf(error);
  const { reason, retryAfterMs } = error;
  // The message is for programmers; whoever uses the command has a switch.
  const message = clean(saidOnce(error.message)).replace("@auth/core/debug shows", "--debug shows");
  const cause = networkCode(error.cause);
  if (how.json) {
    const shown = {
      code: error.code,
      reason,
      message,
      ...(cause !== undefined && { cause }),
      ...(retryAfterMs !== undefined && { retryAfterMs }),
    };
    return { text: JSON.stringify({ error: shown }), code };
  }
  const { bad, dim, columns } = how.style;
  const lines = [`${bad("auth:")} ${wrap(message, columns, 6)}`];
  const hint = hintFor(code, error, how.profile);
  if (hint) lines.push(dim(`      ${wrap(hint, columns, 6)}`));
  const kind = [error.code, reason, ...(cause === undefined ? [] : [cause])].join(", ");
  if (how.verbose) lines.push(dim(`      ${kind}; exit code ${code}`));
  if (how.debug) lines.push(...places(error).map(dim));
  return { text: lines.join("\n"), code };
}

function places({ stack = "" }: AuthError): string[] {
  return clean(stack)
    .split("\n")
    .filter((line) => /^ +at /.test(line))
    .map((line) => `  ${line}`);
}

function hintFor(
  code: number,
  { retryAfterMs, message }: AuthError,
  profile: string | undefined,
): string | undefined {
  if (code === exitCode.loginNeeded && profile !== undefined && !message.includes("auth login"))
    return `Run: auth login ${profile}`;
  if (code !== exitCode.tryAgain || retryAfterMs === undefined) return undefined;
  return `Try again in ${Math.ceil(retryAfterMs / 1000)} s.`;
}

/** The system's words for what happens to files, without their text: it may quote one. */
function known(thrown: unknown): AuthError {
  if (isAuthError(thrown)) return thrown;
  if (thrown instanceof UsageError) return thrown.toAuthError();
  if (isLoadFailure(thrown)) return loadFailure(thrown, "A part of the command");
  const { code } = Object(thrown) as { code?: unknown };
  if (typeof code === "string" && /^E[A-Z0-9]{2,15}$/.test(code))
    return new AuthError("ERR_AUTH_DENIED", "system", `The system says ${code}.`, { cause: thrown });
  return toAuthError(thrown, "auth");
}
