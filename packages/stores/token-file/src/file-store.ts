import { dirname } from "node:path";
import type { TokenStore } from "@auth/core";
import { createLock } from "./create-lock.ts";
import { digestOf } from "./digest-of.ts";
import type { Change, Layout } from "./layout.ts";
import type { LockLimits } from "./lock-verdict.ts";
import { lookAt, type PresentFile } from "./present-file.ts";
import { makePrivateDirectory, type Trust } from "./private-directory.ts";
import { fill } from "./replace-file.ts";
import { type Plan, provedReplaceable, rewrite } from "./rewrite.ts";
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
}

/** Room for what a login may grow by between `prepare` and `write`. */
const reserve = 16_384;

/** Logins in files, however they lie there. */
export function createFileStore({ system, locate, trust, limits, layoutOf }: FileStoreParts): TokenFile {
  const loginLock = createLock(
    system,
    { fileOf: (key) => `${locate(key)}.${digestOf(key)}.lock`, sweep: locate },
    trust,
    limits,
  );
  // Held for one replacement of the file. Whoever died in it can do no more harm, so nobody waits for anything to settle.
  const fileLock = createLock(system, { fileOf: (key) => `${locate(key)}.lock`, sweep: locate }, trust, {
    ...limits,
    settleMs: 0,
  });
  /** By the logins whose lock this store holds: the file that their write will use. */
  const prepared = new Map<string, TemporaryFile | undefined>();

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

  const change = <T>(key: string, decide: (present: PresentFile, layout: Layout) => Plan<T>): Promise<T> =>
    attempt("save", key, () =>
      fileLock.withLock(key, async (lease) => {
        const path = locate(key);
        const layout = layoutOf(path);
        const take = async (): Promise<TemporaryFile> => {
          const temporary = prepared.get(key) ?? (await makeTemporaryFile(system, path));
          if (prepared.has(key)) prepared.set(key, undefined);
          return temporary;
        };
        const work = { system, path, trust, layout, key, lease, take };
        return rewrite(work, (present) => decide(present, layout));
      }),
    );

  return {
    get name() {
      return trust.name;
    },
    async read(key) {
      const { found, damage } = await look(key);
      if (damage) throw damage;
      return found;
    },
    write: (key, value, expected) =>
      change(key, ({ text, found, damage }, layout): Plan<string | undefined> => {
        // Whoever expects nothing has logged in just now, so that what cannot be read may be moved aside (SEC-76).
        const anew = expected === undefined;
        if (damage && !anew) throw damage;
        if (!damage && found?.generation !== expected) return { result: undefined };
        const planned = layout.change(text, key, value, anew);
        return { result: planned.generation, change: damage ? { aside: "corrupt", ...planned } : planned };
      }),
    async delete(key, expected) {
      const gone = ({ text, found, damage, scrap }: PresentFile, layout: Layout): Change | undefined => {
        if (scrap) return { text: undefined, generation: "" };
        if (text === undefined && damage) throw damage;
        if (text === undefined || !layout.has(text, key)) return undefined;
        if (expected !== undefined && damage) throw damage;
        if (expected !== undefined && found?.generation !== expected) return undefined;
        return layout.change(text, key, undefined, false);
      };
      if (!gone(await look(key), layoutOf(locate(key)))) return false;
      return change(key, (present, layout) => {
        const planned = gone(present, layout);
        return { result: planned !== undefined, ...(planned && { change: planned }) };
      });
    },
    prepare: (key) =>
      attempt("save", key, async () => {
        const path = locate(key);
        await makePrivateDirectory(system, dirname(path), trust);
        const { text = "" } = await look(key); // damage is for a login to replace
        await provedReplaceable(system, path);
        if (prepared.get(key)) return;
        const temporary = await makeTemporaryFile(system, path);
        let keep = false;
        try {
          await fill(temporary, " ".repeat(Buffer.byteLength(text) + reserve));
          keep = prepared.has(key);
          if (keep) prepared.set(key, temporary);
        } finally {
          if (!keep) await temporary.remove().catch(() => {});
        }
      }),
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
          prepared.set(key, undefined);
          try {
            return await work(lease);
          } finally {
            const left = prepared.get(key);
            prepared.delete(key);
            await left?.remove().catch(() => {});
          }
        },
        options,
      ),
  };
}
