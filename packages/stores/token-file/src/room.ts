import { constants } from "node:fs";
import type { FileHandle } from "node:fs/promises";
import { dirname } from "node:path";
import { LockClaim } from "./lock-claim.ts";
import { fill } from "./replace-file.ts";
import type { System } from "./system.ts";
import { makeTemporaryFile, type TemporaryFile } from "./temporary-file.ts";

export interface RoomPlace {
  readonly path: string;
  /** Of the file. */
  readonly lock: string;
}

/** What a login may grow by between `prepare` and `write`. */
const reserve = 16_384;

/** How large the file may be by then. */
export const roomFor = (text: string | undefined): number => Buffer.byteLength(text ?? "") + reserve;

/** All that a write needs of the disk, made before anything is sent: afterwards there may be no time, or no room. */
export class Room {
  /** The file's text when this was made. */
  readonly text: string | undefined;
  /** Undefined on Windows, which has no use for it. */
  readonly folder: FileHandle | undefined;
  #temporary: TemporaryFile | undefined;
  #claim: LockClaim | undefined;

  private constructor(
    text: string | undefined,
    folder: FileHandle | undefined,
    temporary: TemporaryFile,
    claim: LockClaim,
  ) {
    this.text = text;
    this.folder = folder;
    this.#temporary = temporary;
    this.#claim = claim;
  }

  /** Errors: those of the system; nothing is left behind then. */
  static async make(system: System, place: RoomPlace, text: string | undefined): Promise<Room> {
    const { path, lock } = place;
    const size = roomFor(text);
    const made: (() => Promise<unknown>)[] = [];
    const keep = async <T>(work: Promise<T>, undo: (thing: T) => Promise<unknown>): Promise<T> => {
      const thing = await work;
      made.push(() => undo(thing));
      return thing;
    };
    const parts = [
      keep(openFolder(system, dirname(path)), async (each) => each?.close()),
      keep(makeFilled(system, path, size), (each) => each.remove()),
      keep(LockClaim.make(system, lock), (each) => each.release()),
    ] as const;
    try {
      return new Room(text, ...(await Promise.all(parts)));
    } catch (error) {
      await Promise.allSettled(parts);
      await Promise.allSettled(made.map((undo) => undo()));
      throw error;
    }
  }

  /** Nothing of it has been used. */
  get whole(): boolean {
    return this.#temporary !== undefined && this.#claim !== undefined;
  }

  /** Writes the text that will be wanted if nobody changes the file meanwhile, while that is still to be found out. */
  begin(text: string): void {
    if (!this.#temporary) return;
    const done = fill(this.#temporary, text);
    done.catch(() => {}); // for whoever uses the file
    this.#temporary = { ...this.#temporary, filled: { text, done } };
  }

  takeTemporary(): TemporaryFile | undefined {
    const temporary = this.#temporary;
    this.#temporary = undefined;
    return temporary;
  }

  takeClaim(): LockClaim | undefined {
    const claim = this.#claim;
    this.#claim = undefined;
    return claim;
  }

  async leave(): Promise<void> {
    const temporary = this.takeTemporary();
    await temporary?.filled?.done.catch(() => {});
    await Promise.allSettled([this.folder?.close(), temporary?.remove(), this.takeClaim()?.release()]);
  }
}

async function makeFilled(system: System, path: string, size: number): Promise<TemporaryFile> {
  const temporary = await makeTemporaryFile(system, path);
  try {
    await fill(temporary, " ".repeat(size));
    return temporary;
  } catch (error) {
    await temporary.remove().catch(() => {});
    throw error;
  }
}

async function openFolder({ fs, platform }: System, folder: string): Promise<FileHandle | undefined> {
  return platform === "win32" ? undefined : fs.open(folder, constants.O_RDONLY);
}
