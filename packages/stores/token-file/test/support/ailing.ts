import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "vitest";
import { tokenFile } from "../../src/index.ts";
import { type Step, steppingFiles, systemError } from "./stepping-files.ts";
import { storeOn } from "./stores.ts";

export type Hook = (step: Step) => unknown;
/** A login is there; then the system begins to fail as `hook` says. */
export async function ailing(folder: string, hook: Hook) {
  const path = join(folder, "tokens.json");
  const generation = await tokenFile({ path }).write("a", "old", undefined);
  const before = readFileSync(path);
  const store = storeOn(path, { fs: steppingFiles(hook) });
  return {
    store,
    generation,
    unharmed: async () => {
      expect(readFileSync(path)).toEqual(before);
      expect(readdirSync(folder)).toEqual(["tokens.json"]);
    },
  };
}

/** Fails every call of that name on a file of ours (not a lock's). */
export const failOn =
  (name: string, code: string): Hook =>
  (step) => {
    if (step.name === name && !step.path.includes(".lock") && isWrite(step)) throw systemError(code);
  };

function isWrite({ name, path, args }: Step): boolean {
  return name !== "open" ? path.endsWith(".tmp") : String(args[0]).endsWith(".tmp");
}

export const refused = [
  ["ENOSPC", "ERR_AUTH_UNREACHABLE", "save-failed"],
  ["EDQUOT", "ERR_AUTH_UNREACHABLE", "save-failed"],
  ["EIO", "ERR_AUTH_UNREACHABLE", "save-failed"],
  ["EMFILE", "ERR_AUTH_UNREACHABLE", "save-failed"],
  ["ESOMETHING", "ERR_AUTH_UNREACHABLE", "save-failed"],
  ["EACCES", "ERR_AUTH_DENIED", "permission-denied"],
  ["EPERM", "ERR_AUTH_DENIED", "permission-denied"],
  ["EROFS", "ERR_AUTH_DENIED", "read-only"],
] as const;
