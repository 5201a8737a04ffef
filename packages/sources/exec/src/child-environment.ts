/** Who the user is, and where programs, their settings and their services are. */
const posix = [
  "PATH",
  "HOME",
  "USER",
  "LOGNAME",
  "TMPDIR",
  "LANG",
  "LC_ALL",
  "LC_CTYPE",
  "TZ",
  "XDG_CONFIG_HOME",
  "XDG_CACHE_HOME",
  "XDG_DATA_HOME",
  "XDG_STATE_HOME",
  "XDG_RUNTIME_DIR",
  "DBUS_SESSION_BUS_ADDRESS", // the keychain is behind it
];

/** The same on Windows, where programs do not start without some of them. */
const windows = [
  "PATH",
  "SystemRoot",
  "SystemDrive",
  "windir",
  "TEMP",
  "TMP",
  "USERNAME",
  "USERDOMAIN",
  "USERPROFILE",
  "HOMEDRIVE",
  "HOMEPATH",
  "APPDATA",
  "LOCALAPPDATA",
  "ALLUSERSPROFILE",
  "ProgramData",
  "ProgramFiles",
  "ProgramFiles(x86)",
];

/** How a person is reached: a terminal, a screen. */
const interactively = ["TERM", "DISPLAY", "WAYLAND_DISPLAY", "XAUTHORITY", "GPG_TTY"];

export interface EnvironmentRules {
  readonly passEnv?: readonly string[] | undefined;
  readonly env?: Readonly<Record<string, string>> | undefined;
  readonly interactive?: boolean | undefined;
}

/**
 * The variables that a command gets: a short list of this process's own, those that were asked for, those that were given.
 * Not its others: secrets of an app stand there, and settings (`NODE_OPTIONS`, `LD_PRELOAD`, `GIT_…`) that change what a
 * program does (SEC-8).
 */
export function childEnvironment(
  { passEnv = [], env = {}, interactive = false }: EnvironmentRules,
  own: NodeJS.ProcessEnv = process.env,
): Record<string, string> {
  const names = [
    ...(process.platform === "win32" ? windows : posix),
    ...(interactive ? interactively : []),
    ...passEnv,
  ];
  const passed = names.flatMap((name) => (own[name] === undefined ? [] : [[name, own[name]] as const]));
  return { ...Object.fromEntries(passed), ...env };
}
