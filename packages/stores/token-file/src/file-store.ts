import { randomBytes } from "node:crypto";
import { dirname } from "node:path";
import { AuthError, type TokenStore } from "@auth/core";
import { type Answer, AnswerNote, type FoundNote, notePath, withNote } from "./answer-note.ts";
import { createLock } from "./create-lock.ts";
import { digestOf } from "./digest-of.ts";
import type { Change, Layout } from "./layout.ts";
import type { LockLimits } from "./lock-verdict.ts";
import { judge, lookAt, type PresentFile } from "./present-file.ts";
import { makePrivateDirectory, type Trust } from "./private-directory.ts";
import { maxBytes } from "./read-private-file.ts";
import { checkSize, type Plan, provedReplaceable, rewrite } from "./rewrite.ts";
import { Room, roomFor } from "./room.ts";
import type { System } from "./system.ts";
import { makeTemporaryFile, type TemporaryFile } from "./temporary-file.ts";
import { type Failed, toAuthError } from "./to-auth-error.ts";

/** A store with every ability that a store may have. */
export type TokenFile = TokenStore & Required<Pick<TokenStore, "withLock" | "prepare" | "keys">>;

export interface FileStoreParts {
  readonly system: System;
  /** The file that a login is in. */
  readonly locate: (key: string) => string;
  readonly trust: Trust;
  readonly limits: LockLimits;
  readonly layoutOf: (path: string) => Layout;
  /** Told of an answer before it is put in its place, and after it was noted: for what has to be there first. */
  readonly before?: ((answer: Answer) => Promise<void>) | undefined;
}

interface Session {
  /** What a write will use. */
  room?: Room | undefined;
  note?: AnswerNote | undefined;
  /** Settles when nothing is being prepared any more. */
  preparing: Promise<unknown>;
}

type Decide<T> = (present: PresentFile, layout: Layout) => Plan<T>;

/** Logins in files, however they lie there. */
export function createFileStore({
  system,
  locate,
  trust,
  limits,
  layoutOf,
  before,
}: FileStoreParts): TokenFile {
  const loginLock = createLock(
    system,
    { fileOf: (key) => `${locate(key)}.${digestOf(key)}.lock`, sweep: locate },
    trust,
    limits,
  );
  // Held for one replacement of the file. Whoever died in it can do no more harm, so nobody waits for anything to settle.
  const fileLock = createLock(
    system,
    { fileOf: (key) => `${locate(key)}.lock`, sweep: locate, busy: "It is replacing the file. Try again" },
    trust,
    { ...limits, settleMs: 0 },
  );
  /** The logins whose lock this store holds. */
  const sessions = new Map<string, Session>();
  const placeOf = (key: string) => {
    const path = locate(key);
    return { path, lock: `${path}.lock`, note: notePath(path, key) };
  };

  async function attempt<T>(doing: Failed["doing"], key: string, work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      throw toAuthError(error, { name: trust.name, doing, path: locate(key) });
    }
  }

  /** What there is, for looking only. */
  const look = (key: string): Promise<PresentFile> =>
    attempt("read", key, async () => {
      const present = await lookAt(system, locate(key), trust, layoutOf(locate(key)), key);
      await present.file?.handle.close();
      return present;
    });

  const change = <T>(key: string, decide: Decide<T>): Promise<T> =>
    attempt("save", key, () => {
      const { path } = placeOf(key);
      const room = sessions.get(key)?.room;
      const layout = layoutOf(path);
      const take = async (): Promise<TemporaryFile> =>
        room?.takeTemporary() ?? (await makeTemporaryFile(system, path));
      const parts = { system, path, trust, layout, key, take, folder: room?.folder };
      const claim = room?.takeClaim();
      return fileLock.withLock(
        key,
        (lease) => rewrite({ ...parts, lease }, (present) => decide(present, layout)),
        { claim },
      );
    });

  /** Compares and swaps. `prepared`: there was room for it before it was asked for. */
  function swap(answer: Answer, prepared = false): Decide<string | undefined> {
    const { key, expected, generation } = answer;
    return ({ text, found, damage }, layout) => {
      // Whoever expects nothing has logged in just now, so that what cannot be read may be moved aside (SEC-76).
      const anew = expected === undefined;
      if (damage && !anew) throw damage;
      if (!damage && found?.generation !== expected)
        return { result: found?.generation === generation ? generation : undefined };
      const planned = layout.change(text, key, answer, anew);
      checkSize(Buffer.byteLength(planned.text ?? ""), trust, !found && !prepared);
      return { result: planned.generation, change: damage ? { aside: "corrupt", ...planned } : planned };
    };
  }

  async function put(answer: Answer, prepared?: boolean): Promise<string | undefined> {
    await before?.(answer);
    return change(answer.key, swap(answer, prepared));
  }

  /** The answer of a login whose lock is held: on the disk as soon as can be, and then in its place. */
  async function writeInto({ room, note }: Session, answer: Answer): Promise<string | undefined> {
    note?.put(answer);
    const decide = swap(answer, true);
    try {
      const layout = layoutOf(locate(answer.key));
      const { text } = decide(judge(layout, room?.text, answer.key), layout).change ?? {};
      if (text !== undefined) room?.begin(text);
    } catch {
      // What is in the file by now decides.
    }
    const written = await put(answer, true);
    if (note) note.needed = false;
    return written;
  }

  const makeRoom = (key: string, session?: Session): Promise<Room> =>
    attempt("save", key, async () => {
      const { note, ...place } = placeOf(key);
      await makePrivateDirectory(system, dirname(place.path), trust);
      const { text, found, damage } = await look(key); // damage is for a login to replace
      const size = roomFor(text);
      if (!found && !damage) checkSize(size, trust, true);
      await provedReplaceable(system, place.path);
      // Without the login's lock, whose note it is would not be for us to say.
      if (session) session.note ??= await AnswerNote.make(system, note, Math.min(size, maxBytes));
      return Room.make(system, place, text);
    });

  const ofNote = <T>(key: string, work: (note: FoundNote) => Promise<T>): Promise<T | undefined> =>
    attempt("read", key, () => withNote(system, placeOf(key).note, trust, key, work));

  /** Under the login's lock: puts the answer in its place that somebody noted, who died or could not save it. */
  async function settle(key: string): Promise<void> {
    await ofNote(key, async ({ answer, newer, remove }) => {
      if (newer) throw noteVersion(trust.name, placeOf(key).note);
      if (answer) await put(answer, true);
      await attempt("save", key, remove);
    });
  }

  /** An empty one is the room of whoever has the lock. */
  async function forget(key: string): Promise<boolean> {
    const noted = await ofNote(key, async ({ answer, newer, remove }) => {
      if (!answer && !newer) return false;
      await attempt("save", key, remove);
      return true;
    });
    return noted ?? false;
  }

  return {
    get name() {
      return trust.name;
    },
    async read(key) {
      const { found, damage } = await look(key);
      if (damage) throw damage;
      return found;
    },
    write(key, value, expected) {
      const answer = { key, value, expected, generation: randomBytes(16).toString("base64url") };
      const session = sessions.get(key);
      return session ? writeInto(session, answer) : put(answer);
    },
    async delete(key, expected) {
      const gone = ({ text, found, damage, scrap }: PresentFile, layout: Layout): Change | undefined => {
        if (scrap) return { text: undefined, generation: "" };
        if (text === undefined && damage) throw damage;
        if (text === undefined || !layout.has(text, key)) return undefined;
        if (expected !== undefined && damage) throw damage;
        if (expected !== undefined && found?.generation !== expected) return undefined;
        return layout.change(text, key, undefined, false);
      };
      const deleted =
        gone(await look(key), layoutOf(locate(key))) !== undefined &&
        (await change(key, (present, layout) => {
          const planned = gone(present, layout);
          return { result: planned !== undefined, ...(planned && { change: planned }) };
        }));
      // Every copy (SEC-67).
      const forgotten = (deleted || expected === undefined) && (await forget(key));
      return deleted || forgotten;
    },
    prepare(key) {
      const session = sessions.get(key);
      // Without the lock it is a proof only: nobody says when it ends.
      if (!session) return makeRoom(key).then((room) => room.leave());
      const made = session.preparing.then(async () => {
        const { room } = session;
        if (room?.whole) return;
        session.room = undefined;
        await room?.leave();
        session.room = await makeRoom(key, session);
      });
      session.preparing = made.catch(() => {});
      return made;
    },
    async *keys() {
      const path = locate("");
      const { text, damage } = await look("");
      if (text === undefined && damage) throw damage;
      yield* text === undefined ? [] : (layoutOf(path).keys?.(text) ?? []);
    },
    withLock: (key, work, options) =>
      loginLock.withLock(
        key,
        async (lease) => {
          await settle(key);
          const session: Session = { preparing: Promise.resolve() };
          sessions.set(key, session);
          try {
            return await work(lease);
          } finally {
            sessions.delete(key);
            // Whoever gave up waiting for it goes on, but not under somebody else's lock.
            await session.preparing;
            await Promise.allSettled([session.room?.leave(), session.note?.remove()]);
          }
        },
        options,
      ),
  };
}

function noteVersion(provider: string, note: string): AuthError {
  const problem = `${provider}: ${note} was written by a newer version, and holds a login that is not in its file yet. Update this program; it is left as it is.`;
  return new AuthError("ERR_AUTH_INVALID", "store-version", problem, { provider });
}
