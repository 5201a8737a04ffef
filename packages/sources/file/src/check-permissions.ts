export interface PermissionRules {
  readonly allowGroupRead?: boolean | undefined;
  readonly owners?: readonly number[] | undefined;
}

export interface Finding {
  /** Whose file it is decides who can choose our identity: never a mere warning. */
  readonly foreign: boolean;
  readonly text: string;
}

/**
 * What is wrong with owner and mode of a secret file, with the command that mends it (SEC-73). `user` is the effective
 * user id; without one, on Windows, there is nothing to check.
 */
export function checkPermissions(
  path: string,
  stats: { readonly uid: number; readonly mode: number },
  user: number | undefined,
  { allowGroupRead = false, owners = [] }: PermissionRules,
): Finding | undefined {
  if (user === undefined) return undefined;
  const { uid, mode } = stats;
  if (uid !== user && uid !== 0 && !owners.includes(uid)) {
    return {
      foreign: true,
      text: `${path} belongs to user id ${uid}, and not to this user (${user}) or root. Run: chown ${user} ${quoted(path)}; or list ${uid} in \`owners\``,
    };
  }
  const open = mode & (allowGroupRead ? 0o037 : 0o077);
  if (open === 0) return undefined;
  const found = (mode & 0o777).toString(8).padStart(4, "0");
  return {
    foreign: false,
    text: `${path} has mode ${found}: its group or others can use it. Run: chmod ${allowGroupRead ? "640" : "600"} ${quoted(path)}; or set the mode where it is mounted`,
  };
}

/** For a POSIX shell. */
function quoted(path: string): string {
  return /^[\w@%+=:,./-]+$/.test(path) ? path : `'${path.replaceAll("'", "'\\''")}'`;
}
