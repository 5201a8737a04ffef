import { AuthError } from "@auth/core";
import { builtin } from "./host.ts";
import { toAuthError } from "./to-auth-error.ts";

/** 1 MiB, far above any `.env` file (L14). */
const limit = 1_048_576;

/** The path that a `file:` URL stands for. */
export const pathOf = (url: URL): string => builtin("node:url")?.fileURLToPath(url) ?? url.href;

/** The variables of the file; none if there is no such file, as where there are no files at all. */
export async function readDotenv(
  path: string,
  source: string,
): Promise<Readonly<Record<string, string | undefined>>> {
  const text = await readText(path, source);
  return builtin("node:util")?.parseEnv(text) ?? {};
}

/** Nothing but a regular file of ours is read, and nothing blocks. */
async function readText(path: string, source: string): Promise<string> {
  const invalid = (reason: string, problem: string): AuthError =>
    new AuthError("ERR_AUTH_INVALID", reason, `${source}: ${path} ${problem}.`, { provider: source });
  const fs = builtin("node:fs");
  if (!fs) return "";
  const { constants, promises } = fs;
  try {
    const file = await promises.open(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0));
    try {
      const stats = await file.stat();
      if (!stats.isFile()) throw invalid("not-a-file", "is not a regular file. Name one");
      const user = process.geteuid?.();
      if (user !== undefined && stats.uid !== user && stats.uid !== 0)
        throw invalid(
          "unsafe-permissions",
          `belongs to the user id ${stats.uid}, who could choose your identity. Make it yours: chown ${user} ${path}`,
        );
      if (stats.size > limit) throw invalid("too-large", "is larger than 1 MiB. Is it a .env file?");
      return new TextDecoder("utf-8", { fatal: true }).decode(await file.readFile());
    } finally {
      await file.close();
    }
  } catch (error) {
    if (["ENOENT", "ENOTDIR"].includes((error as NodeJS.ErrnoException).code ?? "")) return "";
    throw error instanceof TypeError
      ? invalid("not-utf8", "is not UTF-8 text. Save it as UTF-8")
      : toAuthError(error, path, source);
  }
}
