import { lstat, open, readFile, rm } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";
import type { Contender, SharedLogin } from "./contender.ts";
import type { Answer } from "./desk.ts";
import { replaceFile } from "./replace-file.ts";

/** How often a process that waits looks at the file, in ms. */
const pollMs = 25;

interface Kept {
  readonly accessToken: string;
  readonly refreshToken: string;
  readonly expiresAt: number;
}

/**
 * The least that processes can do which share a login: whoever makes the lock file renews, the others look at the file every
 * 25 ms. No crash is thought of, no other machine, no permissions, no failure: what it takes is what the machine takes.
 */
export const byHand: Contender = {
  name: "by hand",
  what: "",
  open: () => Promise.reject(new TypeError("by hand there is only a shared login")),
  shared: {
    what: "a lock file and a rename, no care for anything that can go wrong",
    seed: ({ path }, refreshToken) =>
      replaceFile(
        path,
        JSON.stringify({ accessToken: "expired", refreshToken, expiresAt: 1 } satisfies Kept),
      ),
    open: async (login) => ({ token: () => token(login), text: (value: string) => value }),
  },
};

async function token(login: SharedLogin): Promise<string> {
  const { path } = login;
  for (;;) {
    const { ino } = await lstat(path);
    const kept = await read(path);
    if (kept.expiresAt > Date.now()) return kept.accessToken;
    const lock = await open(`${path}.lock`, "wx").catch(() => undefined);
    if (lock) {
      try {
        const again = await read(path);
        return again.expiresAt > Date.now() ? again.accessToken : await renew(login, again);
      } finally {
        await lock.close();
        await rm(`${path}.lock`);
      }
    }
    do await sleep(pollMs);
    while ((await lstat(path)).ino === ino);
  }
}

async function renew({ clientId, path, tokenEndpoint, fetch }: SharedLogin, kept: Kept): Promise<string> {
  const body = new URLSearchParams({
    grant_type: "refresh_token",
    client_id: clientId,
    refresh_token: kept.refreshToken,
  });
  const response = await fetch(tokenEndpoint, { method: "POST", body });
  const { access_token, refresh_token, expires_in } = (await response.json()) as Answer;
  const next: Kept = {
    accessToken: access_token,
    refreshToken: refresh_token ?? kept.refreshToken,
    expiresAt: Date.now() + expires_in * 1000,
  };
  await replaceFile(path, JSON.stringify(next));
  return next.accessToken;
}

async function read(path: string): Promise<Kept> {
  return JSON.parse(await readFile(path, "utf8")) as Kept;
}
