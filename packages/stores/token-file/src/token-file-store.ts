import { randomBytes } from "node:crypto";
import { constants } from "node:fs";
import { dirname } from "node:path";
import { AuthError, isAuthError, type Lease, type Stored, type TokenStore } from "@auth/core";
import { createLock } from "./create-lock.ts";
import { nameOf } from "./default-path.ts";
import { digestOf } from "./digest-of.ts";
import type { LockLimits } from "./lock-verdict.ts";
import { makePrivateDirectory, type Trust } from "./private-directory.ts";
import { maxBytes, readPrivateFile } from "./read-private-file.ts";
import { fill, replaceFile } from "./replace-file.ts";
import * as documents from "./store-document.ts";
import type { System } from "./system.ts";
import { makeTemporaryFile, type TemporaryFile } from "./temporary-file.ts";
import { type Failed, failedWith, toAuthError } from "./to-auth-error.ts";

/** A store with every ability that a store may have. */
export type TokenFile = TokenStore & Required<Pick<TokenStore, "withLock" | "prepare" | "keys">>;

/** What is in the file, and what has to be kept of it beside it before it is replaced: the suffix of the copy. */
interface Present {
  readonly document: documents.StoreDocument;
  readonly aside?: string;
}

/** Room for what a login may grow by between `prepare` and `write`. */
const reserve = 16_384;

/** The store behind `tokenFile`, on a system that may be a test's. */
export function createTokenFile(
  system: System,
  locate: () => string,
  limits: LockLimits,
  allowUnsafePermissions: boolean,
  format: documents.Format = documents.presentFormat,
): TokenFile {
  const trust: Trust = {
    get name() {
      return nameOf(locate());
    },
    allowUnsafePermissions,
  };
  const sweep = locate;
  const loginLock = createLock(
    system,
    { fileOf: (key) => `${locate()}.${digestOf(key)}.lock`, sweep },
    trust,
    limits,
  );
  // Held for one replacement of the file. Whoever died in it can do no more harm, so nobody waits for anything to settle.
  const fileLock = createLock(system, { fileOf: () => `${locate()}.lock`, sweep }, trust, {
    ...limits,
    settleMs: 0,
  });
  /** By the logins whose lock this store holds: the file that their write will use. */
  const prepared = new Map<string, TemporaryFile | undefined>();

  async function attempt<T>(doing: Failed["doing"], work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      throw toAuthError(error, { name: trust.name, doing, path: locate() });
    }
  }

  const load = (): Promise<documents.StoreDocument | undefined> =>
    attempt("read", async () => {
      const text = await readPrivateFile(system, locate(), dirname(locate()), trust);
      return text === undefined ? undefined : documents.parseDocument(text, trust.name, locate(), format);
    });

  const entryOf = (document: documents.StoreDocument, key: string): Stored | undefined =>
    documents.readEntry(document, key, trust.name, locate());

  /** `anew`: whoever writes has logged in just now, so that what cannot be read may be moved aside (SEC-76). */
  async function loadToReplace(anew: boolean): Promise<Present> {
    try {
      const document = (await load()) ?? documents.emptyDocument;
      const { migratedFrom } = document;
      return { document, ...(migratedFrom !== undefined && { aside: `schema-${migratedFrom}` }) };
    } catch (error) {
      if (!anew || !isCorrupted(error)) throw error;
      return { document: documents.emptyDocument, aside: "corrupt" };
    }
  }

  /** Replaces the file while its lock is held. */
  async function save(lease: Required<Lease>, { document, aside }: Present, key: string): Promise<void> {
    const path = locate();
    const text = documents.formatDocument(document, format);
    if (Buffer.byteLength(text) > maxBytes) {
      const problem = `${trust.name}: with this login the file would be larger than 1 MiB. Log out of some, or use another file.`;
      throw new AuthError("ERR_AUTH_INVALID", "secret-too-large", problem, { provider: trust.name });
    }
    const temporary = prepared.get(key) ?? (await makeTemporaryFile(system, path));
    if (prepared.has(key)) prepared.set(key, undefined);
    try {
      // From then on nobody else replaces the file, however long we are stopped. Beside the slow part: until the new file is
      // in its place, an answer that holds the only living refresh token is nowhere but here.
      await Promise.all([lease.sent(), fill(temporary, text)]);
      if (aside) await keepAside(path, aside);
      await replaceFile(system, temporary, path);
    } finally {
      await temporary.remove().catch(() => {});
    }
  }

  async function keepAside(path: string, suffix: string): Promise<void> {
    const time = new Date(system.clock.now()).toISOString().replace(/[-:]|\.\d+/g, "");
    const copy = `${path}.${suffix}-${time}-${randomBytes(6).toString("hex")}`;
    await system.fs.link(path, copy);
    if (!allowUnsafePermissions) return;
    const handle = await system.fs.open(copy, constants.O_RDONLY);
    try {
      await handle.chmod(0o600);
    } finally {
      await handle.close();
    }
  }

  return {
    get name() {
      return trust.name;
    },
    async read(key) {
      const document = await load();
      return document && entryOf(document, key);
    },
    write: (key, value, expected) =>
      attempt("save", () =>
        fileLock.withLock("", async (lease) => {
          const present = await loadToReplace(expected === undefined);
          let { aside } = present;
          try {
            if (entryOf(present.document, key)?.generation !== expected) return undefined;
          } catch (error) {
            if (expected !== undefined) throw error;
            aside ??= "corrupt";
          }
          const generation = randomBytes(16).toString("base64url");
          const document = documents.withEntry(present.document, key, { value, generation });
          await save(lease, { document, ...(aside && { aside }) }, key);
          return generation;
        }),
      ),
    async delete(key, expected) {
      if (!(await load())?.entries.has(key)) return false;
      return attempt("save", () =>
        fileLock.withLock("", async (lease) => {
          const present = await loadToReplace(false);
          if (!present.document.entries.has(key)) return false;
          if (expected !== undefined && entryOf(present.document, key)?.generation !== expected) return false;
          await save(lease, { ...present, document: documents.withoutEntry(present.document, key) }, key);
          return true;
        }),
      );
    },
    prepare: (key) =>
      attempt("save", async () => {
        const path = locate();
        await makePrivateDirectory(system, dirname(path), trust);
        const { document } = await loadToReplace(true);
        await provedReplaceable(system, path);
        if (prepared.get(key)) return;
        const temporary = await makeTemporaryFile(system, path);
        let keep = false;
        try {
          const size = documents.formatDocument(document, format).length + reserve;
          await fill(temporary, " ".repeat(size));
          keep = prepared.has(key);
          if (keep) prepared.set(key, temporary);
        } finally {
          if (!keep) await temporary.remove().catch(() => {});
        }
      }),
    async *keys() {
      yield* (await load())?.entries.keys() ?? [];
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

function isCorrupted(error: unknown): boolean {
  return isAuthError(error) && error.reason === "store-corrupted";
}

/** An immutable file lets a temporary one be made beside it, but will not be replaced. */
async function provedReplaceable({ fs }: System, path: string): Promise<void> {
  try {
    await (await fs.open(path, constants.O_WRONLY | (constants.O_NOFOLLOW ?? 0))).close();
  } catch (error) {
    if (!failedWith(error, "ENOENT", "EACCES", "EBUSY")) throw error;
  }
}
