import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  renameSync,
  rmSync,
  symlinkSync,
  unlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { isAuthError, type Provider } from "@auth/core";
import { afterAll, afterEach, beforeEach } from "vitest";

export const posix = process.platform !== "win32";
const root = process.geteuid?.() === 0;

/** A new directory for each test, with what tests do in it. */
export function temporary() {
  let home = "";
  beforeEach(() => {
    home = mkdtempSync(join(tmpdir(), "auth-file-"));
  });
  afterEach(() => rmSync(home, { recursive: true }));

  const at = (name: string): string => join(home, name);
  /** Writes a file that only we can use, unless `mode` says otherwise; gives its path. */
  const put = (name: string, content: string | Uint8Array, mode = 0o600): string => {
    mkdirSync(dirname(at(name)), { recursive: true });
    writeFileSync(at(name), content);
    chmodSync(at(name), mode); // the umask has no say in it
    return at(name);
  };
  /** Mounts a secret or swaps it the way the kubelet does: a new directory, then one rename of the link to it. */
  const mount = (name: string, version: string, files: Record<string, string>, mode = 0o600): string => {
    const state = `..${version}`;
    for (const [file, text] of Object.entries(files)) put(`${name}/${state}/${file}`, text, mode);
    symlinkSync(state, at(`${name}/..data_tmp`));
    renameSync(at(`${name}/..data_tmp`), at(`${name}/..data`));
    for (const file of Object.keys(files))
      if (!existsSync(at(`${name}/${file}`))) symlinkSync(join("..data", file), at(`${name}/${file}`));
    return at(name);
  };
  return { at, put, mount, remove: (name: string): void => unlinkSync(at(name)) };
}

/** What a read fails with, in the parts that tests look at. */
export function failing(provider: Provider): Promise<unknown> {
  return provider.get().then(
    () => "no error",
    (error: unknown) => {
      if (!isAuthError(error)) return error;
      return { code: error.code, reason: error.reason, message: error.message };
    },
  );
}

/** The secret of an access token, API key or password. */
export async function secretOf(provider: Provider): Promise<string> {
  const found = await provider.get();
  if (found.type === "access-token") return found.token.reveal();
  if (found.type === "api-key") return found.key.reveal();
  if (found.type === "password") return found.password.reveal();
  throw new Error(`no test for ${found.type}`);
}

/** Root may read everything, so it becomes nobody meanwhile. */
export async function asNobody<T>(work: () => Promise<T>): Promise<T> {
  if (root) process.seteuid?.(65_534);
  try {
    return await work();
  } finally {
    if (root) process.seteuid?.(0);
  }
}

/** One place on disk that the conformance suite fills again and again. */
export function box() {
  const home = mkdtempSync(join(tmpdir(), "auth-file-"));
  afterAll(() => rmSync(home, { recursive: true }));
  const path = join(home, "secret");
  const absent = (): void => rmSync(path, { recursive: true, force: true });
  const write = (text: string, mode = 0o600): void => {
    absent();
    writeFileSync(path, text, { mode });
  };
  const folder = (files: Record<string, string>): void => {
    absent();
    mkdirSync(path);
    for (const [name, text] of Object.entries(files)) writeFileSync(join(path, name), text);
  };
  const deny = (text: string): void => {
    write(text, 0);
    if (root) process.seteuid?.(65_534);
  };
  const cleanup = (): unknown => root && process.seteuid?.(0);
  return {
    path,
    absent,
    write,
    folder,
    deny,
    cleanup,
    noModes: posix ? {} : { denied: "Windows has no mode bits" },
  };
}
