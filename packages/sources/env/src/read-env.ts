import { constants } from "node:fs";
import { open } from "node:fs/promises";
import { parseEnv } from "node:util";
import { AuthError } from "@auth/core";
import type { Values } from "./parse-env.ts";
import { toAuthError } from "./to-auth-error.ts";

export type Environment = Readonly<Record<string, string | undefined>>;

interface Place {
  readonly source: string;
  readonly env: Environment | undefined;
  readonly dotenv: string | undefined;
  readonly signal: AbortSignal | undefined;
  /** What is set already decides: the `.env` file is not looked at. */
  readonly enough: (values: Values) => boolean;
}

/** 1 MiB, far above any `.env` file (L14). */
const limit = 1_048_576;

/** The `variables` that are set: in the environment, or else in the `.env` file, which is opened only if it is needed. */
export async function readEnv(variables: readonly string[], place: Place): Promise<Values> {
  const { env = process.env, dotenv, signal, source, enough } = place;
  signal?.throwIfAborted();
  const found = new Map<string, string>();
  const look = (environment: Environment): void => {
    for (const name of variables) {
      const value = environment[name];
      // Blank is not set, as in `ACME_TOKEN= program`; and `constructor` is no variable.
      if (!found.has(name) && typeof value === "string" && value.trim() !== "") found.set(name, value);
    }
  };
  look(env);
  if (dotenv !== undefined && !enough(found)) {
    look(parseEnv(await readDotenv(dotenv, source)));
    signal?.throwIfAborted();
  }
  return found;
}

/** The file's text, or none if there is no such file. Nothing but a regular file of ours is read, and nothing blocks. */
async function readDotenv(path: string, source: string): Promise<string> {
  const invalid = (reason: string, problem: string): AuthError =>
    new AuthError("ERR_AUTH_INVALID", reason, `${source}: ${path} ${problem}.`, { provider: source });
  try {
    const file = await open(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0));
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
