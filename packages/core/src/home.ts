import { failure } from "./errors.ts";

/** Where to look: what the process says of itself, unless a test says otherwise. */
export interface Around {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly platform: string;
  /** What the system says of the user, where the environment says nothing. It may throw: not every user id has an entry. */
  readonly fallback: () => string;
}

interface Host {
  readonly process?: {
    readonly env: Around["env"];
    readonly platform: string;
    getBuiltinModule?(name: string): { homedir(): string } | undefined;
  };
}

/**
 * The user's home directory: `HOME` (on Windows `USERPROFILE`), or what the system says where that is not set. It is
 * absolute, or there is none: an empty or relative `HOME` would make the current folder, perhaps somebody else's repository,
 * a place for tokens and configuration (SEC-119). To be called when something is read, not by a factory.
 *
 * `who` asks, for the message. Errors: `ERR_AUTH_UNAVAILABLE/no-home`, which says what to set.
 *
 * @example
 * ```ts
 * const file = join(homeDirectory("acme file"), ".acme", "credentials.json");
 * ```
 */
export function homeDirectory(who: string, around: Around = surroundings()): string {
  const windows = around.platform === "win32";
  const name = windows ? "USERPROFILE" : "HOME";
  const set = around.env[name];
  let home = set;
  try {
    home ??= around.fallback();
  } catch {
    // the user id has no entry with the system, as in many containers
  }
  if (home !== undefined && (windows ? /^(?:[A-Za-z]:[\\/]|\\\\)/ : /^\//).test(home)) return home;
  const state =
    set === undefined ? "is not set, and the system knows no home of this user" : "is not absolute";
  const what = `${name} ${set === "" ? "is empty" : state}. Set it to an absolute path.`;
  throw failure("UNAVAILABLE", "no-home", who, what);
}

function surroundings(): Around {
  const { process } = globalThis as Host;
  return {
    env: process?.env ?? {},
    platform: process?.platform ?? "",
    fallback: () => process?.getBuiltinModule?.("node:os")?.homedir() ?? "",
  };
}
