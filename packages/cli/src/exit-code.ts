import type { AuthError, AuthErrorCode } from "@auth/core";

/** What the command answers to whoever started it (SEC-124). */
export const exitCode = {
  done: 0,
  failed: 1,
  usage: 2,
  loginNeeded: 3,
  notFound: 4,
  tryAgain: 5,
  storage: 6,
  interrupted: 130,
} as const;

const byCode: Readonly<Record<AuthErrorCode, number>> = {
  ERR_AUTH_NOT_FOUND: exitCode.notFound,
  ERR_AUTH_EXHAUSTED: exitCode.notFound,
  ERR_AUTH_UNAVAILABLE: exitCode.failed,
  ERR_AUTH_INVALID: exitCode.failed,
  ERR_AUTH_DENIED: exitCode.storage,
  ERR_AUTH_UNREACHABLE: exitCode.tryAgain,
  ERR_AUTH_GRANT: exitCode.failed,
  ERR_AUTH_INTERACTION_REQUIRED: exitCode.loginNeeded,
};

/** Reasons that say more than their code: what is wrong is here, in a file or store, and not on the network or at the server. */
const byReason: Readonly<Record<string, number>> = {
  "no-terminal": exitCode.loginNeeded,
  "prompt-cancelled": exitCode.interrupted,
  "login-denied": exitCode.failed,
  "save-failed": exitCode.storage,
  "lock-timeout": exitCode.storage,
  "lock-lost": exitCode.storage,
  "store-unavailable": exitCode.storage,
  "store-contended": exitCode.storage,
  "store-corrupted": exitCode.storage,
  "store-version": exitCode.storage,
  "unsafe-permissions": exitCode.storage,
  "unsafe-path": exitCode.storage,
  "not-a-file": exitCode.storage,
  config: exitCode.storage,
  "untrusted-config": exitCode.storage,
  "no-keychain": exitCode.storage,
  "no-backend": exitCode.storage,
  "no-home": exitCode.storage,
  usage: exitCode.usage,
};

export function exitCodeOf({ code, reason, attempts = [] }: AuthError): number {
  // A chain that ends at a prompt nobody can see: the answer is a login.
  if (attempts.some((attempt) => byReason[attempt.reason] === exitCode.loginNeeded))
    return exitCode.loginNeeded;
  return byReason[reason] ?? byCode[code];
}
