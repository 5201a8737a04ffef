import { createHash } from "node:crypto";
import { constants, fstatSync, lstatSync, unlinkSync } from "node:fs";
import type { FileHandle } from "node:fs/promises";
import { digestOf } from "./digest-of.ts";
import { isCorrupted, isTooLarge } from "./document-layout.ts";
import { onExit } from "./on-exit.ts";
import { patiently } from "./patiently.ts";
import type { Trust } from "./private-directory.ts";
import { openPrivateFile, type PrivateFile } from "./read-private-file.ts";
import { writeAll } from "./replace-file.ts";
import type { System } from "./system.ts";
import { unlinkIfThere } from "./temporary-file.ts";
import { failedWith } from "./to-auth-error.ts";

/** What a `write` was asked for. */
export interface Answer {
  readonly key: string;
  readonly value: string;
  readonly expected?: string | undefined;
  /** Of the value, once it is in its file. */
  readonly generation: string;
}

export const notePath = (path: string, key: string): string => `${path}.${digestOf(key)}.unsaved`;

const flags = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | (constants.O_NOFOLLOW ?? 0);

/**
 * A file with room for an answer, which is noted in it by a single call as soon as it comes: until the whole file is written
 * anew, a refresh token that was just issued would be nowhere but in this process. If that dies, or cannot write the file,
 * whoever has the login's lock next puts the answer where it belongs.
 */
export class AnswerNote {
  readonly #system: System;
  readonly #path: string;
  readonly #handle: FileHandle;
  readonly #forget: () => void;
  /** What was noted is not in its file: the note has to stay. */
  needed = false;

  private constructor(system: System, path: string, handle: FileHandle) {
    this.#system = system;
    this.#path = path;
    this.#handle = handle;
    this.#forget = onExit(() => {
      if (lstatSync(path, { bigint: true }).ino === fstatSync(handle.fd, { bigint: true }).ino)
        unlinkSync(path);
    });
  }

  /**
   * Undefined: there is one already. Whoever has the lock has looked for one, so that it belongs to somebody who took the lock
   * over since, and may hold what that one could not save.
   *
   * Errors: those of the system, if there is no room.
   */
  static async make(system: System, path: string, room: number): Promise<AnswerNote | undefined> {
    let handle: FileHandle;
    try {
      handle = await patiently(system, () => system.fs.open(path, flags, 0o600));
    } catch (error) {
      if (failedWith(error, "EEXIST")) return undefined;
      throw error;
    }
    const note = new AnswerNote(system, path, handle);
    try {
      await writeAll(handle, Buffer.alloc(room, " "));
      return note;
    } catch (error) {
      await note.remove().catch(() => {});
      throw error;
    }
  }

  /** Survives the end of this process when it returns; not that of the machine. */
  put(answer: Answer): void {
    this.needed = true;
    this.#forget();
    try {
      this.#system.writeNow(this.#handle.fd, format(answer));
    } catch {
      // There is still the file itself to be written.
    }
  }

  /** Unless it is needed. */
  async remove(): Promise<void> {
    this.#forget();
    try {
      if (this.needed) return;
      const { ino } = await this.#handle.stat({ bigint: true });
      await removeNote(this.#system, this.#path, ino);
    } finally {
      await this.#handle.close();
    }
  }
}

/** A file in which an answer may be noted. */
export interface FoundNote {
  /** Undefined: nothing that could be used. */
  readonly answer?: Answer | undefined;
  /** A newer version of this program noted something, as we cannot. */
  readonly newer?: boolean;
  /** Removes that very file: another one in its place belongs to somebody who took the lock over. */
  readonly remove: () => Promise<void>;
}

/** Resolves to what `work` makes of the note for `key`; undefined: there is no such file. */
export async function withNote<T>(
  system: System,
  path: string,
  trust: Trust,
  key: string,
  work: (note: FoundNote) => Promise<T>,
): Promise<T | undefined> {
  const file = await open(system, path, trust);
  if (!file) return undefined;
  const { text, inode } = file;
  try {
    const { schema: found, ...answer } = parse(text) ?? {};
    return await work({
      newer: typeof found === "number" && found > schema,
      ...(found === schema && answer.key === key && { answer: answer as Answer }),
      remove: () => removeNote(system, path, inode),
    });
  } finally {
    await file.handle?.close(); // not before: no other file gets its inode until then
  }
}

async function removeNote(system: System, path: string, inode: bigint): Promise<void> {
  try {
    if ((await system.fs.lstat(path, { bigint: true })).ino !== inode) return;
  } catch (error) {
    if (failedWith(error, "ENOENT")) return;
    throw error;
  }
  await patiently(system, () => unlinkIfThere(system, path));
}

type Opened = Pick<PrivateFile, "text" | "inode"> & Partial<PrivateFile>;

/** After a failure of the power there may be anything, which need not be text. */
async function open(system: System, path: string, trust: Trust): Promise<Opened | undefined> {
  try {
    return await openPrivateFile(system, path, trust);
  } catch (error) {
    if (!isCorrupted(error) && !isTooLarge(error)) throw error;
    return { text: "", inode: (await system.fs.lstat(path, { bigint: true })).ino };
  }
}

const schema = 1;
const digest = (json: string): string => createHash("sha256").update(json).digest("hex");

/** A digest, then one line of JSON with a `schema`: whatever else becomes of it, later versions keep to that. */
function format(answer: Answer): Uint8Array {
  const json = JSON.stringify({ schema, ...answer });
  return Buffer.from(`${digest(json)} ${json}\n`);
}

/** Half a note is none: its writer was killed before it was done. */
function parse(text: string): Partial<Answer & { schema: unknown }> | undefined {
  const [, sum, json = ""] = /^([0-9a-f]{64}) (\{.+\})\n/.exec(text) ?? [];
  return sum === digest(json) ? JSON.parse(json) : undefined;
}
