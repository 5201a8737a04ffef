import { existsSync, lstatSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { isAuthError } from "@auth/core";
import { afterEach, beforeEach, vi } from "vitest";

export const posix: boolean = process.platform !== "win32";
export const root: boolean = process.geteuid?.() === 0;

/** A new private folder for each test, and more time: on a busy machine processes start slowly. */
export function temporary() {
  vi.setConfig({ testTimeout: 60_000 });
  let home = "";
  beforeEach(() => {
    home = mkdtempSync(join(tmpdir(), "auth-token-file-"));
  });
  afterEach(() => rmSync(home, { recursive: true, force: true }));
  const at = (name = "."): string => join(home, name);
  return {
    at,
    /** Writes a file that only we can use, unless `mode` says otherwise; gives its path. */
    put: (name: string, content: string | Uint8Array, mode = 0o600): string => {
      mkdirSync(dirname(at(name)), { recursive: true });
      writeFileSync(at(name), content, { mode });
      return at(name);
    },
    /** The names of all files, sorted. */
    names: (folder = "."): string[] => (existsSync(at(folder)) ? readdirSync(at(folder)).sort() : []),
  };
}

/** What a promise fails with, in the parts that tests look at. */
export function failing(work: Promise<unknown>): Promise<unknown> {
  return work.then(
    () => "no error",
    (error: unknown) => {
      if (!isAuthError(error)) return error;
      const { code, reason, message, retryable } = error;
      return { code, reason, message, retryable };
    },
  );
}

export const modeOf = (path: string): string => (lstatSync(path).mode & 0o7777).toString(8);

export const nobody = 65_534;

/** Root may do everything, so it becomes nobody meanwhile. */
export async function asNobody<T>(work: () => Promise<T>): Promise<T> {
  if (root) process.seteuid?.(nobody);
  try {
    return await work();
  } finally {
    if (root) process.seteuid?.(0);
  }
}
