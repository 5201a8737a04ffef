import { posix, win32 } from "node:path";
import { AuthError } from "@auth/core";

export interface Surroundings {
  readonly platform: NodeJS.Platform;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Asked only where it is needed: not every user has one. */
  readonly home: () => string;
  readonly cwd: string | undefined;
}

/**
 * Where the user's configuration is, absolute: `--config` or `AUTH_CONFIG`; else where the platform keeps it:
 * `$XDG_CONFIG_HOME` or `~/.config` (XDG base directories), `~/Library/Application Support` on macOS, `%APPDATA%` on Windows.
 *
 * Only who types a path may mean the working directory: a variable that did would make any folder a place for configuration, and
 * so for commands to run (SEC-119). Errors: `ERR_AUTH_INVALID/config`, those of `homeDirectory`.
 */
export function userConfigPath(given: string | undefined, around: Surroundings): string {
  const { platform, env, home, cwd } = around;
  const path = platform === "win32" ? win32 : posix;
  if (given !== undefined && path.isAbsolute(given)) return given;
  if (given !== undefined) {
    if (given === "" || cwd === undefined)
      throw wrong(`--config ${given ? "depends on a folder that is not there any more" : "is empty"}`);
    return path.resolve(cwd, given);
  }
  const named = env["AUTH_CONFIG"];
  if (named && !path.isAbsolute(named)) throw wrong("AUTH_CONFIG is not an absolute path");
  if (named) return named;
  // The XDG specification: a relative path in these variables is ignored.
  const from = (name: string): string | undefined => {
    const value = env[name];
    return value && path.isAbsolute(value) ? value : undefined;
  };
  const base =
    platform === "win32"
      ? (from("APPDATA") ?? path.join(home(), "AppData", "Roaming"))
      : platform === "darwin"
        ? path.join(home(), "Library", "Application Support")
        : (from("XDG_CONFIG_HOME") ?? path.join(home(), ".config"));
  return path.join(base, "auth", "config.json");
}

function wrong(what: string): AuthError {
  return new AuthError("ERR_AUTH_INVALID", "config", `${what}. Name your configuration from the root.`);
}
