import { AuthError, type AuthErrorCode, isAuthError } from "@auth/core";

type Row = readonly [code: AuthErrorCode, reason: string, what: string];

const exhausted: Row = [
  "ERR_AUTH_UNREACHABLE",
  "read-failed",
  "the system starts no more programs for now. Try again",
];

/** What can still happen to a program that was found. */
const table: Readonly<Record<string, Row>> = {
  ENOENT: [
    "ERR_AUTH_UNAVAILABLE",
    "no-program",
    "the program, its interpreter or its folder is not there. Install it, or mend the path",
  ],
  EACCES: [
    "ERR_AUTH_DENIED",
    "no-program",
    "the program may not be run by this user. Change who may (chmod)",
  ],
  EPERM: [
    "ERR_AUTH_DENIED",
    "no-program",
    "the system does not let this user run the program. Change its policy",
  ],
  EAGAIN: exhausted,
  EMFILE: exhausted,
  ENFILE: exhausted,
  ENOMEM: exhausted,
};

const other: Row = ["ERR_AUTH_INVALID", "helper-failed", "this system cannot run the program. Name another"];

/** Why a program could not be started, in our words: those of the system hold its path and arguments (SEC-4). */
export function toAuthError(error: unknown, source: string): AuthError {
  if (isAuthError(error)) return error;
  const [code, reason, what] = table[(error as NodeJS.ErrnoException | null)?.code ?? ""] ?? other;
  return new AuthError(code, reason, `${source}: ${what}.`, { provider: source, cause: error });
}

/** What a user may declare an exit code to mean. */
export type ExitMeaning = "not-found" | "denied" | "unreachable";

const meanings: Readonly<Record<ExitMeaning, Row>> = {
  "not-found": ["ERR_AUTH_NOT_FOUND", "no-secret", "has nothing. Store the secret there, or mend its name"],
  denied: ["ERR_AUTH_DENIED", "permission-denied", "was refused. Unlock it, sign in to it, or grant access"],
  unreachable: ["ERR_AUTH_UNREACHABLE", "read-failed", "cannot reach its store. Try again"],
};

/** The error for an exit code. Nothing that the program printed is in it. */
export function exitError(exitCode: number, meaning: ExitMeaning | undefined, source: string): AuthError {
  const [code, reason, what] = (meaning && meanings[meaning]) ?? [
    "ERR_AUTH_INVALID",
    "helper-failed",
    "failed. What it says is not shown here; run it in a terminal",
  ];
  return new AuthError(code, reason, `${source}: ${what} (exit code ${exitCode}).`, { provider: source });
}

export const exitMeanings: readonly string[] = Object.keys(meanings);
