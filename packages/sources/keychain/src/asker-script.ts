import { existsSync } from "node:fs";
import { extname } from "node:path";
import { fileURLToPath } from "node:url";

/** In the environment of the process that asks. */
export const mark = "AUTH_KEYCHAIN_PROCESS";

/** What is known of this program's runtime and of the file that this code is in. */
export interface Around {
  /** Absent in bundles that are CommonJS. */
  readonly url: string | undefined;
  readonly env: NodeJS.ProcessEnv;
  /** The runtime's program holds an app, and runs nothing but that: as its own child it would be the app once more. */
  readonly isExecutable: boolean;
}

interface Host {
  readonly Bun?: { readonly main: string };
  readonly Deno?: { readonly build: { readonly standalone?: boolean } };
}

/**
 * The file to start the process with that asks the keychain. Throws where it was left behind, by a bundler, and where the
 * runtime would start this very program instead of it.
 */
export function askerScript({ url, env, isExecutable }: Around = surroundings()): string {
  // Whatever there may be that makes programs of apps: one that finds itself started as that process starts no other.
  if (isExecutable || env[mark] !== undefined) throw failing("ERR_SINGLE_EXECUTABLE");
  if (!url?.startsWith("file:")) throw failing("ERR_NO_SCRIPT");
  const script = fileURLToPath(new URL(`./keychain-process${extname(new URL(url).pathname)}`, url));
  if (!existsSync(script)) throw failing("ERR_NO_SCRIPT");
  return script;
}

const failing = (code: string): Error => Object.assign(new Error("no process can be started"), { code });

function surroundings(): Around {
  const { Bun, Deno } = globalThis as Host;
  const isExecutable =
    process.getBuiltinModule("node:sea")?.isSea() === true ||
    Deno?.build.standalone === true ||
    /^(?:\/\$bunfs\/|[A-Z]:[\\/]~BUN[\\/])/i.test(Bun?.main ?? "");
  return { url: import.meta.url, env: process.env, isExecutable };
}
