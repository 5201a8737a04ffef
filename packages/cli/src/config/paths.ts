import { posix, win32 } from "node:path";

export interface Surroundings {
  readonly platform: NodeJS.Platform;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly home: string;
  readonly cwd: string;
}

/**
 * Where the user's configuration is, absolute: `--config` or `AUTH_CONFIG`; else where the platform keeps it:
 * `$XDG_CONFIG_HOME` or `~/.config` (XDG base directories), `~/Library/Application Support` on macOS, `%APPDATA%` on Windows.
 */
export function userConfigPath(given: string | undefined, around: Surroundings): string {
  const { platform, env, home, cwd } = around;
  const path = platform === "win32" ? win32 : posix;
  const named = given ?? (env["AUTH_CONFIG"] || undefined);
  if (named !== undefined) return path.resolve(cwd, named);
  // The XDG specification: a relative path in these variables is ignored.
  const from = (name: string): string | undefined => {
    const value = env[name];
    return value && path.isAbsolute(value) ? value : undefined;
  };
  const base =
    platform === "win32"
      ? (from("APPDATA") ?? path.join(home, "AppData", "Roaming"))
      : platform === "darwin"
        ? path.join(home, "Library", "Application Support")
        : (from("XDG_CONFIG_HOME") ?? path.join(home, ".config"));
  return path.join(base, "auth", "config.json");
}
