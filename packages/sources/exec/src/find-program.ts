import { constants } from "node:fs";
import { access, realpath, stat } from "node:fs/promises";
import { delimiter, dirname, join, parse } from "node:path";
import { AuthError } from "@auth/core";
import { isWhole } from "./is-whole.ts";

const windows = process.platform === "win32";

/** What packages of a project bring along: npm and its like put it on PATH for their scripts. */
const ofPackages = /(?:^|[\\/])node_modules(?:[\\/]|$)/i;

/**
 * The folders of PATH that may be searched: none that is relative, not the working directory, and none inside `node_modules`,
 * where any dependency of a project may have put a program of any name (SEC-108).
 */
export async function searchPath(path: string | undefined): Promise<string[]> {
  const here = await realpath(process.cwd()).catch(() => undefined);
  const folders: string[] = [];
  for (const folder of (path ?? "").split(delimiter)) {
    const real = isWhole(folder) ? await realpath(folder).catch(() => undefined) : undefined;
    const foreign = real === undefined || real === here || ofPackages.test(real) || ofPackages.test(folder);
    if (!foreign) folders.push(folder);
  }
  return folders;
}

/**
 * The program's file: a whole path as it is, a bare name from `folders`. Windows' own ways of finding it, which look into
 * the working directory first and run batch files, are not asked.
 *
 * Errors: `UNAVAILABLE/no-program`; `DENIED/no-program` if there is one that this user may not run.
 */
export async function findProgram(name: string, folders: readonly string[], source: string): Promise<string> {
  const names = windows && !/\.(?:exe|com)$/i.test(name) ? [`${name}.exe`, `${name}.com`] : [name];
  const files = isWhole(name) ? [name] : folders.flatMap((folder) => names.map((each) => join(folder, each)));
  let forbidden = false;
  for (const file of files) {
    const state = await stateOf(file);
    if (state === "runs") return file;
    if (state === "forbidden") forbidden = true;
  }
  const advice = isWhole(name) ? "mend its path" : "put its folder on PATH, or give its whole path";
  throw forbidden
    ? new AuthError(
        "ERR_AUTH_DENIED",
        "no-program",
        `${source}: the program may not be run by this user. Change who may (chmod), or name another.`,
        { provider: source },
      )
    : new AuthError(
        "ERR_AUTH_UNAVAILABLE",
        "no-program",
        `${source}: the program is not there. Install it, or ${advice}; neither the working directory nor node_modules is searched.`,
        { provider: source },
      );
}

async function stateOf(file: string): Promise<"runs" | "forbidden" | "absent"> {
  try {
    if (!(await stat(file)).isFile()) return "absent";
    await access(file, constants.X_OK);
    return "runs";
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    return code === "EACCES" || code === "EPERM" ? "forbidden" : "absent";
  }
}

/** Where a command runs: a home is nobody's project, and where there is none, the folder nearest to it. */
export async function usualFolder(home: string | undefined): Promise<string> {
  if (home === undefined || !isWhole(home)) return parse(process.execPath).root;
  const there = await stat(home).then(
    (stats) => stats.isDirectory(),
    () => false,
  );
  if (there) return home;
  const folder = dirname(home);
  return folder === home ? folder : usualFolder(folder);
}
