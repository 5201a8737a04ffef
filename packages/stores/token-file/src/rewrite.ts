import { randomBytes } from "node:crypto";
import { constants } from "node:fs";
import type { FileHandle } from "node:fs/promises";
import { AuthError, type Lease } from "@auth/core";
import { allDone } from "./all-done.ts";
import { inMessageOf } from "./default-path.ts";
import type { Change, Layout } from "./layout.ts";
import { judge, lookAt, type PresentFile, settled } from "./present-file.ts";
import type { Trust } from "./private-directory.ts";
import { maxBytes, mostBytes, readAgain } from "./read-private-file.ts";
import { createFile, fill, removeFile, replaceFile } from "./replace-file.ts";
import type { System } from "./system.ts";
import type { TemporaryFile } from "./temporary-file.ts";
import { failedWith } from "./to-auth-error.ts";

/** What is to become of a file; without a change it stays as it is. */
export interface Plan<T> {
  readonly result: T;
  readonly change?: Change;
}

export interface Rewriting {
  readonly system: System;
  readonly path: string;
  readonly trust: Trust;
  readonly layout: Layout;
  readonly key: string;
  /** Of the file's lock, which is held. */
  readonly lease: Required<Lease>;
  /** A file to write the new text into. */
  readonly take: () => Promise<TemporaryFile>;
  /** The folder, if it is open already. */
  readonly folder?: FileHandle | undefined;
}

/**
 * Looks at the file, decides, and puts the new text in its place. Another program that writes the file meanwhile without our
 * lock is noticed before the old file goes, and also afterwards if it wrote into that one: then what it wrote is decided on
 * anew, and put back if that is the verdict.
 */
export async function rewrite<T>(work: Rewriting, decide: (present: PresentFile) => Plan<T>): Promise<T> {
  const { system, path, trust, layout, key } = work;
  const look = (): Promise<PresentFile> => lookAt(system, path, trust, layout, key);
  let present = await look();
  /** What the other program wrote, if it lies nowhere any more. */
  let hidden: string | undefined;
  try {
    for (let tries = 0; tries < 6; tries++) {
      const { result, change } = decide(present);
      if (!change && hidden === undefined) return result;
      const text = change ? change.text : hidden;
      const same = text !== undefined && text === present.file?.text;
      if (same && !present.file?.wide) return result;
      const before = present;
      const done = await replace(work, before, text, change?.aside);
      // If it has written again, that is the newest.
      hidden = done ? await writtenInto(work, before) : undefined;
      if (done && hidden === undefined) return result;
      await before.file?.handle.close();
      present = {};
      present = await look();
      if (hidden !== undefined) present = { file: present.file, ...judge(layout, hidden, key) };
    }
  } finally {
    await present.file?.handle.close();
  }
  const problem = `${trust.name}: another program keeps writing ${inMessageOf(trust.name, path)}. End it, and try again.`;
  throw new AuthError("ERR_AUTH_UNREACHABLE", "store-contended", problem, { provider: trust.name });
}

/**
 * L14. A `newcomer` is told before anything is sent, and those who are in the file may always be renewed: what a server has
 * answered is not refused for want of room.
 */
export function checkSize(bytes: number, { name }: Trust, newcomer: boolean): void {
  if (bytes <= (newcomer ? maxBytes : mostBytes)) return;
  const limit = newcomer ? "1 MiB" : "4 MiB";
  const problem = `${name}: the file is full: with this login it would be larger than ${limit}. Log out of some, or use another file.`;
  throw new AuthError("ERR_AUTH_INVALID", "secret-too-large", problem, { provider: name });
}

/** False: somebody else has changed the file since we looked, and nothing was done. */
async function replace(
  work: Rewriting,
  present: PresentFile,
  text: string | undefined,
  aside: string | undefined,
): Promise<boolean> {
  const { system, path, lease } = work;
  if (text === undefined) {
    await lease.sent();
    if (!(await isStill(work, present))) return false;
    await removeFile(system, path);
    return true;
  }
  const temporary = await work.take();
  try {
    // From then on nobody else replaces the file, however long we are stopped. Beside the slow part: until the new file is
    // in its place, an answer that holds the only living refresh token is nowhere but here.
    await allDone([lease.sent(), fill(temporary, text)]);
    if (!(await isStill(work, present))) return false;
    if (aside) await keepAside(work, aside);
    // Windows replaces no file that is open.
    if (system.platform === "win32") await present.file?.handle.close();
    const { file, damage, scrap } = present;
    if (work.layout.foreign && !file && !damage && !scrap)
      return await createFile(system, temporary, path, work.folder);
    await replaceFile(system, temporary, path, work.folder);
    return true;
  } finally {
    await temporary.remove().catch(() => {});
  }
}

/** Whether the file is the one that we looked at, and says the same: asked as late as can be. */
async function isStill({ system, path, layout }: Rewriting, { file }: PresentFile): Promise<boolean> {
  if (!layout.foreign || !file) return true;
  try {
    const [{ ino }, text] = await allDone([system.fs.lstat(path, { bigint: true }), readAgain(file.handle)]);
    return ino === file.inode && text === file.text;
  } catch (error) {
    if (failedWith(error, "ENOENT")) return false;
    throw error;
  }
}

/** What another program wrote into the file that we have just replaced, after we looked at it. */
async function writtenInto(
  { system, layout, key }: Rewriting,
  { file }: PresentFile,
): Promise<string | undefined> {
  if (!layout.foreign || !file || system.platform === "win32") return undefined;
  const text = await settled(
    system.clock,
    () => readAgain(file.handle),
    async (found) => found === file.text || (found !== undefined && !judge(layout, found, key).damage),
  );
  // What it left half-written would be no loss.
  return text === undefined || text === file.text || judge(layout, text, key).damage ? undefined : text;
}

async function keepAside({ system, path, trust, layout }: Rewriting, suffix: string): Promise<void> {
  const time = new Date(system.clock.now()).toISOString().replace(/[-:]|\.\d+/g, "");
  const copy = `${path}.${suffix}-${time}-${randomBytes(6).toString("hex")}`;
  await system.fs.link(path, copy);
  if (!trust.allowUnsafePermissions && !layout.foreign) return;
  const handle = await system.fs.open(copy, constants.O_RDONLY);
  try {
    await handle.chmod(0o600);
  } finally {
    await handle.close();
  }
}

/** An immutable file lets a temporary one be made beside it, but will not be replaced. */
export async function provedReplaceable({ fs }: System, path: string): Promise<void> {
  try {
    await (await fs.open(path, constants.O_WRONLY | (constants.O_NOFOLLOW ?? 0))).close();
  } catch (error) {
    if (!failedWith(error, "ENOENT", "EACCES", "EBUSY")) throw error;
  }
}
