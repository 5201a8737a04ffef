import { lstat, readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import type { createClient } from "redis";

/** What lies in the store of a shared login. */
export interface Contents {
  /** Something is there, and no record can be read from it. */
  readonly torn: boolean;
  readonly record:
    | { readonly accessToken: string; readonly refreshToken: string; readonly dead: boolean }
    | undefined;
  /** A lock is there; and its holder has noted that it sends. */
  readonly lock: { readonly locked: boolean; readonly sent: boolean };
  /** Names of files that others may read. */
  readonly wide: readonly string[];
  /** Locks, temporary files, and whatever else. */
  readonly others: readonly string[];
}

/** Looks into a folder, without the store's own eyes. */
export async function readFolder(directory: string, name: string): Promise<Contents> {
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
  const locks = names.filter((each) => /\.lock(?:\.|$)/.test(each) && !each.endsWith(".tmp"));
  const lock = { locked: locks.length > 0, sent: locks.some((each) => /\.lock\..+\.\d+$/.test(each)) };
  const rest = { lock, wide, others };
  if (!names.includes(name)) return { torn: false, record: undefined, ...rest };
  try {
    const file = JSON.parse(await readFile(join(directory, name), "utf8")) as {
      entries: Record<string, { record: Stored }>;
    };
    const [entry] = Object.values(file.entries);
    return { torn: false, record: entry && recordOf(entry.record), ...rest };
  } catch {
    return { torn: true, record: undefined, ...rest };
  }
}

/** The same for a server that keeps one login. What was said by one who waits is forgotten by itself, dead or not. */
export async function readServer(client: ReturnType<typeof createClient>): Promise<Contents> {
  const names = await client.keys("*");
  const login = names.find((each) => each.endsWith(":login"));
  const others: string[] = [];
  for (const each of names)
    if (each !== login && !(each.endsWith(":waiting") && (await client.pTTL(each)) !== -1)) others.push(each);
  const held = others.find((each) => each.endsWith(":lock"));
  const sent = held !== undefined && (await client.hGet(held, "sent")) === "1";
  const rest = { lock: { locked: held !== undefined, sent }, wide: [], others };
  if (!login) return { torn: false, record: undefined, ...rest };
  try {
    const value = await client.hGet(login, "value");
    return { torn: false, record: recordOf(JSON.parse(value ?? "") as Stored), ...rest };
  } catch {
    return { torn: true, record: undefined, ...rest };
  }
}

interface Stored {
  readonly tokens: { readonly accessToken: { readonly value: string }; readonly refreshToken: string };
  readonly dead?: object;
}

function recordOf({ tokens, dead }: Stored): NonNullable<Contents["record"]> {
  const { refreshToken, accessToken } = tokens;
  if (!refreshToken || !accessToken.value) throw new SyntaxError("half a record");
  return { accessToken: accessToken.value, refreshToken, dead: dead !== undefined };
}
