import { createHash } from "node:crypto";
import { constants } from "node:fs";
import type { FileHandle } from "node:fs/promises";
import { onExit } from "./on-exit.ts";
import type { Trust } from "./private-directory.ts";
import { readPrivateFile } from "./read-private-file.ts";
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
    this.#forget = onExit({ unlink: path });
  }

  /** Errors: those of the system, if there is no room. */
  static async make(system: System, path: string, room: number): Promise<AnswerNote> {
    const create = (): Promise<FileHandle> => system.fs.open(path, flags, 0o600);
    const handle = await create().catch(async (error: unknown) => {
      if (!failedWith(error, "EEXIST")) throw error;
      await unlinkIfThere(system, path); // somebody's who noted nothing
      return create();
    });
    const note = new AnswerNote(system, path, handle);
    try {
      await handle.write(Buffer.alloc(room, " "));
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

  /** Unless it is needed. What somebody else has put in its place, who took the lock over, is not ours to remove. */
  async remove(): Promise<void> {
    this.#forget();
    try {
      if (!this.needed && (await this.#isThere())) await unlinkIfThere(this.#system, this.#path);
    } finally {
      await this.#handle.close();
    }
  }

  async #isThere(): Promise<boolean> {
    try {
      const { ino } = await this.#system.fs.lstat(this.#path, { bigint: true });
      return ino === (await this.#handle.stat({ bigint: true })).ino;
    } catch (error) {
      if (failedWith(error, "ENOENT")) return false;
      throw error;
    }
  }
}

/** What is noted there for `key`; `null`: nothing that could be used; undefined: there is no such file. */
export async function readNote(
  system: System,
  path: string,
  trust: Trust,
  key: string,
): Promise<Answer | null | undefined> {
  const text = await readPrivateFile(system, path, trust);
  const answer = text === undefined ? undefined : parse(text);
  return answer && answer.key !== key ? null : answer;
}

const digest = (json: string): string => createHash("sha256").update(json).digest("hex");

function format(answer: Answer): Uint8Array {
  const json = JSON.stringify(answer);
  return Buffer.from(`${digest(json)} ${json}\n`);
}

/** Half a note is none: its writer was killed before it was done. */
function parse(text: string): Answer | null {
  const [, sum, json = ""] = /^([0-9a-f]{64}) (.+)\n/.exec(text) ?? [];
  return sum === digest(json) ? (JSON.parse(json) as Answer) : null;
}
