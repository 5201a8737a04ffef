import { lstat, readdir, readFile } from "node:fs/promises";
import { join } from "node:path";

/** What lies in the folder of a shared login. */
export interface Disk {
  /** The token file is there and no record can be read from it. */
  readonly torn: boolean;
  readonly record:
    | { readonly accessToken: string; readonly refreshToken: string; readonly dead: boolean }
    | undefined;
  /** Names of files that others may read. */
  readonly wide: readonly string[];
  /** Locks and temporary files. */
  readonly others: readonly string[];
}

/** Looks without the store's own eyes. */
export async function readDisk(directory: string, name = "tokens.json"): Promise<Disk> {
  const names = await readdir(directory);
  const wide: string[] = [];
  for (const each of names) {
    const mode = await lstat(join(directory, each)).then(
      (stats) => stats.mode & 0o077,
      () => 0, // it was on its way out
    );
    if (mode !== 0 && process.platform !== "win32") wide.push(each);
  }
  const others = names.filter((each) => each !== name);
  if (!names.includes(name)) return { torn: false, record: undefined, wide, others };
  try {
    const file = JSON.parse(await readFile(join(directory, name), "utf8")) as File;
    const [entry] = Object.values(file.entries);
    if (!entry) return { torn: false, record: undefined, wide, others };
    const { tokens, dead } = entry.record;
    const { refreshToken, accessToken } = tokens;
    if (!refreshToken || !accessToken.value) throw new SyntaxError("half a record");
    const record = { accessToken: accessToken.value, refreshToken, dead: dead !== undefined };
    return { torn: false, record, wide, others };
  } catch {
    return { torn: true, record: undefined, wide, others };
  }
}

interface File {
  readonly entries: Record<
    string,
    { record: { tokens: { accessToken: { value: string }; refreshToken: string }; dead?: object } }
  >;
}
