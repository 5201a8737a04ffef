import { lstat, stat } from "node:fs/promises";
import { dirname, join } from "node:path";
import { AuthError } from "@auth/core";
import { clean } from "../text.ts";
import { parseConfig } from "./parse-config.ts";
import { readChecked } from "./read-checked.ts";

export const projectFileName = ".auth.json";

export interface ProjectFile {
  readonly path: string;
  readonly profile: string;
}

/**
 * What a project says about itself, in `.auth.json` here or above: which of the user's profiles it wants, and nothing else
 * (SEC-113). The search stops at the first directory that belongs to somebody else (SEC-118); a file of somebody else is passed
 * over, which is told.
 * Errors: `ERR_AUTH_INVALID/untrusted-config` naming key and file, `/config`, those of `readChecked`.
 */
export async function findProjectFile(
  cwd: string | undefined,
  tell: (text: string) => void,
): Promise<ProjectFile | undefined> {
  const user = process.geteuid?.();
  for (let directory = cwd; directory !== undefined; directory = dirname(directory)) {
    const owner = await stat(directory).then(
      ({ uid }) => uid,
      () => undefined,
    );
    if (owner === undefined || (user !== undefined && owner !== user)) return undefined;
    const path = join(directory, projectFileName);
    const whose = await lstat(path).then(
      ({ uid }) => uid,
      () => undefined,
    );
    const isOurs = user === undefined || whose === undefined || whose === user || whose === 0;
    // In a folder where anybody may write, as /tmp is for root, anybody could end every command.
    if (!isOurs) tell(`The project file ${path} belongs to user ${whose}, and is not used.`);
    const text = isOurs ? await readChecked(path, { name: "The project file", private: false }) : undefined;
    if (text !== undefined) return { path, profile: profileOf(text, path) };
    if (dirname(directory) === directory) return undefined;
  }
  return undefined;
}

function profileOf(text: string, path: string): string {
  const value = parseConfig(text, "The project file", path);
  if (typeof value !== "object" || value === null || Array.isArray(value))
    throw new AuthError("ERR_AUTH_INVALID", "config", `The project file ${path} is not a JSON object.`);
  const { profile, $schema: _, ...rest } = value as Record<string, unknown>;
  const [foreign] = Object.keys(rest);
  if (foreign !== undefined) {
    throw new AuthError(
      "ERR_AUTH_INVALID",
      "untrusted-config",
      `The project file ${path} sets "${clean(foreign).slice(0, 64)}". It may only name a "profile"; everything else belongs in your own configuration, because whoever wrote this file could send your secrets elsewhere.`,
    );
  }
  if (typeof profile !== "string" || profile === "")
    throw new AuthError("ERR_AUTH_INVALID", "config", `The project file ${path} does not name a "profile".`);
  return profile;
}
