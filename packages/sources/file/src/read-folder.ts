import { readdir, realpath } from "node:fs/promises";
import { basename, join } from "node:path";
import { AuthError, isAuthError } from "@auth/core";
import type { CredentialFields } from "@auth/core/payload";
import { type FileText, type Folder, filesFor } from "./parse-file.ts";
import { printable, type ReadRules, readFile } from "./read-file.ts";
import { toAuthError } from "./to-auth-error.ts";

export interface FolderRules extends ReadRules {
  readonly field?: string | undefined;
  readonly fields?: CredentialFields | undefined;
}

/**
 * The files of a directory that are fields of a credential. Kubernetes swaps a whole mounted secret at once, through the
 * link `..data`; the files are read behind that link, and again if it moved meanwhile, so that no user name of the old
 * secret ever meets the password of the new one.
 */
export async function readFolder(path: string, rules: FolderRules): Promise<Folder> {
  for (let attempt = 1; attempt <= 3; attempt++) {
    const place = await placeOf(path, rules);
    try {
      const files = await readAll(place, path, rules);
      if ((await placeOf(path, rules)) === place) return { ...files, ...versionOf(place, path) };
    } catch (error) {
      // What was there a moment ago and is gone now was swapped away.
      if (!isAuthError(error, "ERR_AUTH_NOT_FOUND") || (await placeOf(path, rules)) === place) throw error;
    }
  }
  throw new AuthError(
    "ERR_AUTH_UNREACHABLE",
    "read-failed",
    `${rules.source}: changes faster than it can be read. Try again.`,
    { provider: rules.source },
  );
}

async function placeOf(path: string, { source }: FolderRules): Promise<string> {
  try {
    return await realpath(join(path, "..data"));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return path;
    throw notADirectory(error, path, source);
  }
}

async function readAll(place: string, path: string, rules: FolderRules): Promise<Folder> {
  let names: string[];
  try {
    names = await readdir(place);
  } catch (error) {
    throw notADirectory(error, path, rules.source);
  }
  const files = new Map<string, FileText>();
  for (const name of filesFor(names, rules)) {
    const file = await readFile(join(place, name), rules, printable(join(path, name)));
    if (file) files.set(name, file);
  }
  const newest = [...files.values()].map((file) => file.version).sort();
  return {
    texts: new Map([...files].map(([name, file]) => [name, file.text])),
    version: newest.at(-1) ?? "",
  };
}

/** Kubernetes names each state of a secret by its time: `..2024_05_06_07_08_09.123456789`. */
function versionOf(place: string, path: string): { version?: string } {
  return place === path ? {} : { version: basename(place) };
}

function notADirectory(error: unknown, path: string, source: string): AuthError {
  if ((error as NodeJS.ErrnoException).code !== "ENOTDIR") return toAuthError(error, printable(path), source);
  return new AuthError(
    "ERR_AUTH_INVALID",
    "not-a-directory",
    `${source}: ${printable(path)} is not a directory. Name one, or leave out the format.`,
    { provider: source },
  );
}
