import { AuthError, type AuthErrorCode, isAuthError } from "@auth/core";

type Row = readonly [code: AuthErrorCode, reason: string, says: RegExp, advice: string];

/**
 * What keychains and the modules that speak to them say, and what it means. Their errors have no codes worth the name, so
 * their words decide. "Locked" comes first: it must never be taken for anything milder.
 */
const table: readonly Row[] = [
  [
    "ERR_AUTH_DENIED",
    "locked",
    /prompt (?:was )?dismissed|IsLocked|object locked|locked collection|interaction is not allowed|-25308/i,
    "the keychain is locked, and nobody is there to unlock it. Unlock it and try again",
  ],
  [
    "ERR_AUTH_INVALID",
    "ambiguous",
    /matched by \d+ credentials/i,
    "more than one item has this name, as when another program has added its own. Delete all but one",
  ],
  [
    "ERR_AUTH_INVALID",
    "not-utf8",
    /not valid UTF-8|not UTF-8 encoded/i,
    "the item holds bytes that are no text. Store it again as text",
  ],
  [
    "ERR_AUTH_INVALID",
    "secret-too-large",
    /longer than the platform limit/i,
    "the item is larger than this keychain takes. Nothing was changed",
  ],
  [
    "ERR_AUTH_UNREACHABLE",
    "timeout",
    /did not receive a reply|timed out/i,
    "the keychain does not answer. Try again",
  ],
  [
    "ERR_AUTH_UNAVAILABLE",
    "no-keychain",
    /autolaunch|not provided by any \.service|failed to connect to socket|could not connect|does not contain a colon|no dbus session/i,
    "there is no keychain in this session: no D-Bus, or nothing on it that keeps secrets, as under SSH, in a container or a service. Use a token file or the environment here",
  ],
  [
    "ERR_AUTH_UNAVAILABLE",
    "no-keychain",
    /no result found|object does not exist at path|keychain is (?:not )?available|keychain could not be found|-2529[14]|logon session does not exist|NO_SUCH_LOGON_SESSION/i,
    "this user has no keychain yet. Log in to the desktop once, or use a token file or the environment here",
  ],
  [
    "ERR_AUTH_DENIED",
    "permission-denied",
    /access ?denied|permission denied|user cancell?ed|passphrase you entered is not correct|-25293/i,
    "the access was refused. Allow this program to use the item",
  ],
  [
    "ERR_AUTH_UNAVAILABLE",
    "no-backend",
    /ERR_NO_SCRIPT/,
    "a keychain is asked by a process of its own, and the bundler left its file behind. Keep @auth/keychain out of the bundle and install it beside, or hand in @napi-rs/keyring as `client`. Nothing was kept anywhere else",
  ],
  [
    "ERR_AUTH_UNAVAILABLE",
    "no-backend",
    /ERR_SINGLE_EXECUTABLE/,
    "a keychain is asked by a process of its own, and this program is a single executable, which would only start itself again. Hand in @napi-rs/keyring as `client`, or use a token file or the environment here. Nothing was kept anywhere else",
  ],
  [
    "ERR_AUTH_UNAVAILABLE",
    "no-backend",
    /ERR_ACCESS_DENIED|NotCapable/,
    "this program may not start the process that asks the keychain. Allow it (Node: --allow-child-process; Deno: --allow-run, --allow-env, --allow-read and --allow-ffi), or hand in @napi-rs/keyring as `client`",
  ],
  [
    "ERR_AUTH_UNAVAILABLE",
    "no-backend",
    /native binding/i,
    `@napi-rs/keyring has no binary for ${process.platform}-${process.arch}: it was left out by --omit=optional, or by a lockfile made on another system. Install again with optional dependencies`,
  ],
  [
    "ERR_AUTH_UNAVAILABLE",
    "no-backend",
    /MODULE_NOT_FOUND|ERR_DLOPEN_FAILED/,
    "the module that speaks to the keychain, or a library it needs, is not installed. Install it; keytar wants its script to run, and libsecret",
  ],
];

const other = {
  get: "read-failed",
  set: "save-failed",
  delete: "save-failed",
} as const;

/** What was being done, and to which item. */
export interface Doing {
  readonly source: string;
  readonly what: keyof typeof other;
  readonly item: string;
}

/** What there is to read in whatever was thrown; a getter that throws has nothing to tell. */
function wordsOf(thrown: unknown): string {
  try {
    const { name, message = thrown, code } = Object(thrown) as Partial<Record<string, unknown>>;
    return `${String(name)} ${String(code)} ${String(message)}`.slice(0, 2_000);
  } catch {
    return "";
  }
}

/** Makes one of our errors of what a backend threw. Nothing of its text is kept; an unknown one never means "absent". */
export function toAuthError(thrown: unknown, { source, what, item }: Doing): AuthError {
  if (isAuthError(thrown)) return thrown;
  const said = wordsOf(thrown);
  const [kind, reason, , advice]: Row = table.find(([, , pattern]) => pattern.test(said)) ?? [
    "ERR_AUTH_UNREACHABLE",
    other[what],
    /./,
    "the keychain failed. Try again, or look at it with the system's own program",
  ];
  return new AuthError(kind, reason, `${source}: cannot ${what} ${item}: ${advice}.`, {
    provider: source,
    cause: thrown,
  });
}
