import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";

/** Where scripts/parts/keychain.sh builds it. */
export const parts: string =
  process.env["AUTH_PARTS"] || join(process.env["HOME"] || "/var/tmp", ".cache/auth-parts");

/** The folder of a keytar that was built here. */
export const keytarFolder: string = join(parts, "keytar/node_modules/keytar");

/** False where it was not built. With AUTH_IT=require it is never false, so that the tests fail instead of being skipped. */
export const keytarThere: boolean =
  existsSync(join(keytarFolder, "build/Release/keytar.node")) || process.env["AUTH_IT"] === "require";
if (!keytarThere)
  console.warn("SKIPPED: no test ran with the real keytar, as it was not built (scripts/parts/keychain.sh).");

export function realKeytar(): unknown {
  return createRequire(import.meta.url)(keytarFolder);
}
