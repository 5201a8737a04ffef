import { closeSync, constants, openSync, readFileSync, unlinkSync } from "node:fs";
import { hostname } from "node:os";
import { basename, dirname, join } from "node:path";
import { allDone } from "./all-done.ts";
import { hardLink } from "./hard-link.ts";
import { type Chain, formatHolder, readChain, readLockFile, successor } from "./lock-chain.ts";
import { onExit } from "./on-exit.ts";
import { patiently } from "./patiently.ts";
import type { System } from "./system.ts";
import { makeTemporaryFile, type TemporaryFile, unlinkIfThere } from "./temporary-file.ts";
import { failedWith } from "./to-auth-error.ts";

const exclusively = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | (constants.O_NOFOLLOW ?? 0);

/** One attempt to hold one lock: a file of its own that says who we are, to be given the lock's name. */
export class LockClaim {
  readonly #system: System;
  readonly #lock: string;
  #file: TemporaryFile;
  /** Of the chain that we are the end of. */
  #root: string;
  /** In the order of their removal. */
  #files: string[] = [];
  #frozen = 0;
  #since: number;
  #ending = false;
  #forget: (() => void) | undefined;

  private constructor(system: System, lock: string, file: TemporaryFile) {
    this.#system = system;
    this.#lock = lock;
    this.#file = file;
    this.#root = file.nonce;
    this.#since = system.clock.now();
  }

  static async make(system: System, lock: string): Promise<LockClaim> {
    return new LockClaim(system, lock, await makeHolderFile(system, lock));
  }

  /** Takes the lock if it is free. */
  async take(): Promise<boolean> {
    return this.#add(this.#lock, this.#root, [this.#lock]);
  }

  /** Takes the lock over from exactly this state; false if it has changed. */
  async takeOver(chain: Chain): Promise<boolean> {
    if (!(await this.#add(chain.next, chain.root, [...chain.files, chain.next]))) return false;
    if (await this.#isRooted()) return true;
    this.#files = [];
    this.#forget?.();
    // Somebody may have followed our nonce on the chain that has gone, so it must not come again.
    const spent = this.#file;
    this.#file = await makeHolderFile(this.#system, this.#lock);
    this.#root = this.#file.nonce;
    await unlinkIfThere(this.#system, chain.next);
    await spent.remove();
    return false;
  }

  /** From here on nobody takes the lock over while this process lives. False: somebody has. */
  async freeze(): Promise<boolean> {
    if (this.#frozen > 0) return !(await this.isLost());
    const [frozen, rooted] = await allDone([this.#push(), this.#isRooted(), this.beat()]);
    return frozen && rooted;
  }

  get frozen(): boolean {
    return this.#frozen > 0;
  }

  /** A sign of life: a new time, or the same text anew where times may not be set, as under Node's permission model. */
  async beat(): Promise<void> {
    const now = new Date(this.#system.clock.now());
    const { handle } = this.#file;
    try {
      await handle.utimes(now, now);
    } catch {
      await this.#say();
      await handle.datasync(); // a file server learns of it now, as with the time
    }
  }

  async isLost(): Promise<boolean> {
    const [next, rooted] = await allDone([readLockFile(this.#system, this.#next()), this.#isRooted()]);
    return next !== undefined || !rooted;
  }

  /** Lets go, if it is still ours to let go. May be called again after it failed. */
  async release(): Promise<void> {
    if (this.#files.length > 0) {
      const [ours, rooted] = await allDone([this.#ending || this.#push(), this.#isRooted()]);
      this.#ending = ours;
      if (ours && rooted) await unlinkIfThere(this.#system, this.#lock);
      if (ours) for (const file of this.#files.slice(1)) await unlinkIfThere(this.#system, file);
      this.#files = [];
      this.#forget?.();
    }
    await this.#file.remove();
  }

  /** The files beside this lock that belong to no present state: their makers were killed in the middle of letting go. */
  async garbage(names: readonly string[]): Promise<string[]> {
    const base = `${basename(this.#lock)}.`;
    const idOf = (name: string): string | undefined =>
      name.startsWith(base) ? /^([0-9a-fx-]+)\.\d+$/.exec(name.slice(base.length))?.[1] : undefined;
    const links = names.filter(idOf);
    if (links.length === 0) return [];
    // Read after the names were listed: what is not in it has left the chain for good.
    const ids = (await readChain(this.#system, this.#lock))?.ids;
    return links.filter((name) => !ids?.has(idOf(name) ?? "")).map((name) => join(dirname(this.#lock), name));
  }

  #next(): string {
    return successor(this.#lock, this.#file.nonce, this.#frozen + 1);
  }

  /** The file says since when the lock is held, and not since when it was waited for. */
  async #sayWhen(): Promise<void> {
    const now = this.#system.clock.now();
    if (Math.abs(now - this.#since) < 1_000) return;
    this.#since = now;
    await this.#say();
  }

  #say(): Promise<void> {
    return writeHolder(this.#system, this.#file, this.#since);
  }

  /** Adds our file to the chain. From then on it is ours to let go, whatever else fails. */
  async #add(name: string, root: string, files: string[]): Promise<boolean> {
    const [link, ...rest] = await Promise.allSettled([this.#link(name), this.#sayWhen(), this.beat()]);
    if (link.status === "rejected") throw link.reason;
    if (link.value) this.#won(root, files);
    for (const each of rest) if (each.status === "rejected") throw each.reason;
    return link.value;
  }

  #won(root: string, files: string[]): void {
    this.#root = root;
    this.#files = files;
    this.#forget = onExit(() => this.#letGoNow());
  }

  async #isRooted(): Promise<boolean> {
    return (await readLockFile(this.#system, this.#lock))?.id === this.#root;
  }

  async #push(): Promise<boolean> {
    const next = this.#next();
    try {
      await patiently(this.#system, () => hardLink(this.#system, this.#file.path, next));
    } catch (error) {
      // Without the folder there is no lock either.
      if (failedWith(error, "ENOENT")) return false;
      if (!failedWith(error, "EEXIST")) throw error;
      // A file server may have done it, and refused a repetition of the request.
      if ((await readLockFile(this.#system, next))?.id !== this.#file.nonce) return false;
    }
    this.#files.push(next);
    this.#frozen += 1;
    return true;
  }

  async #link(name: string): Promise<boolean> {
    const { platform } = this.#system;
    try {
      await hardLink(this.#system, this.#file.path, name);
      return true;
    } catch (error) {
      // On Windows a name that is just being removed.
      if (platform === "win32" && failedWith(error, "EPERM", "EACCES", "EBUSY")) return false;
      if (!failedWith(error, "EEXIST")) throw error;
      // A file server may have done it, and refused a repetition of the request.
      return (await readLockFile(this.#system, name))?.id === this.#file.nonce;
    }
  }

  /** At exit: what was not frozen is let go; the rest says by itself that its holder is gone. */
  #letGoNow(): void {
    if (this.#frozen > 0) return;
    const next = this.#next();
    closeSync(openSync(next, exclusively, 0o600));
    if (readFileSync(this.#lock, "utf8").includes(this.#root)) unlinkSync(this.#lock);
    for (const file of [...this.#files.slice(1), next]) unlinkSync(file);
  }
}

async function makeHolderFile(system: System, lock: string): Promise<TemporaryFile> {
  const file = await makeTemporaryFile(system, lock);
  try {
    await writeHolder(system, file, system.clock.now());
    return file;
  } catch (error) {
    await file.remove().catch(() => {});
    throw error;
  }
}

/** Always of the same length, so that it can be written again. */
async function writeHolder(system: System, { handle, nonce }: TemporaryFile, since: number): Promise<void> {
  const holder = { nonce, ...system.self, host: hostname(), since };
  await handle.write(formatHolder(holder), 0);
}
