import { AuthError, toAuthError as anyAuthError } from "@auth/core";

/** What the library throws when a person ends a prompt: Ctrl-C, or our own signal when the terminal closed (Ctrl-D). */
const cancelled = new Set(["ExitPromptError", "AbortPromptError", "CancelPromptError"]);

/** A person who declines is a refusal: a chain stops, and does not go on to somebody else's credential. */
export function toAuthError(error: unknown, source: string): AuthError {
  if (!(error instanceof Error && cancelled.has(error.name))) return anyAuthError(error, source);
  return new AuthError(
    "ERR_AUTH_DENIED",
    "prompt-cancelled",
    `${source}: cancelled at the terminal. Run it again and answer, or give the credential in the environment or in a file.`,
    { provider: source },
  );
}
