import { isAbsolute, posix, win32 } from "node:path";
import { homeDirectory } from "@auth/core/home";

export interface PathOptions {
  readonly path?: string | undefined;
  readonly app?: string | undefined;
}

interface Surroundings {
  readonly platform: NodeJS.Platform;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Asked where the path depends on it, and nowhere else. */
  readonly home: () => string;
  readonly cwd: string;
}

/**
 * Where a token file lies, absolute. A path that was given: as it is, `~/` being the home directory. Otherwise where
 * the platform keeps a user's state: `$XDG_STATE_HOME` or `~/.local/state` (XDG base directories), `~/Library/Application
 * Support` on macOS, `%LOCALAPPDATA%` on Windows; never a temporary directory.
 */
export function tokenFilePath({ path, app = "auth" }: PathOptions, around: Surroundings): string {
  const { platform, env, home, cwd } = around;
  const paths = platform === "win32" ? win32 : posix;
  if (path !== undefined)
    return paths.resolve(cwd, /^~(?:[\\/]|$)/.test(path) ? paths.join(home(), path.slice(1)) : path);
  // The XDG specification: a relative path in these variables is ignored.
  const from = (name: string): string | undefined => {
    const value = env[name];
    return value && paths.isAbsolute(value) ? value : undefined;
  };
  const base =
    platform === "win32"
      ? (from("LOCALAPPDATA") ?? paths.join(home(), "AppData", "Local"))
      : platform === "darwin"
        ? paths.join(home(), "Library", "Application Support")
        : (from("XDG_STATE_HOME") ?? paths.join(home(), ".local", "state"));
  return paths.join(base, app, "tokens.json");
}

/**
 * The path, looked up when it is first needed: a factory reads no environment. A relative one is taken as it is now. Errors of
 * the look-up: `ERR_AUTH_UNAVAILABLE/no-home`.
 */
export function locate(options: PathOptions, who = "token-file"): () => string {
  const { path } = options;
  const relative = path !== undefined && !isAbsolute(path) && !path.startsWith("~");
  const cwd = relative ? process.cwd() : "/";
  let found: string | undefined;
  return () => {
    found ??= tokenFilePath(options, {
      platform: process.platform,
      env: process.env,
      home: () => homeDirectory(who),
      cwd,
    });
    return found;
  };
}

/** Throws `TypeError` for options that are none; `example`: what they look like. */
export function checkOptions(caller: string, options: unknown, example: string): void {
  if (typeof options !== "object" || options === null || Array.isArray(options))
    throw new TypeError(`${caller}: it takes an object of options, such as ${caller}(${example})`);
}

/** Throws `TypeError` for options that name no file. */
export function checkPathOptions(caller: string, { path, app }: PathOptions): void {
  if (path !== undefined) checkPath(caller, "path", path);
  if (path !== undefined && app !== undefined)
    throw new TypeError(`${caller}: give path or app, not both: app chooses the default path`);
  if (app !== undefined && (typeof app !== "string" || !/^[\p{L}\p{N}][\p{L}\p{N} ._-]{0,99}$/u.test(app)))
    throw new TypeError(`${caller}: app must be a plain folder name, such as "acme"`);
}

export function checkPath(caller: string, option: string, path: unknown): void {
  if (typeof path !== "string" || path === "" || path.includes("\0"))
    throw new TypeError(`${caller}: ${option} must be a non-empty string`);
}

/** The name of a store or source, one printable line whatever the path holds (SEC-123), even where no path can be told. */
export function nameOf(locate: () => string): string {
  try {
    return `token-file ${printable(locate())}`;
  } catch {
    return "token-file"; // there is no home, as whoever uses it will hear
  }
}

/** A path in a message that begins with `name`, which says it already as a rule. */
export function inMessageOf(name: string, path: string): string {
  return name.includes(printable(path)) ? "it" : printable(path);
}

export function printable(text: string): string {
  return text.replace(/\p{C}/gu, "\uFFFD");
}
