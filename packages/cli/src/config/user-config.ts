import { AuthError } from "@auth/core";
import type { Config } from "./config.ts";
import { parseConfig } from "./parse-config.ts";
import { type Surroundings, userConfigPath } from "./paths.ts";
import { readChecked } from "./read-checked.ts";

export interface UserConfig {
  readonly path: string;
  /** Without a file: no profiles. */
  readonly config: Config;
  readonly exists: boolean;
}

/**
 * The user's file: `--config`, `AUTH_CONFIG`, or the usual place. A named one must be there.
 * Errors: `ERR_AUTH_INVALID/config` naming the key, those of `readChecked`, `ERR_AUTH_NOT_FOUND/no-config`.
 */
export async function loadUserConfig(given: string | undefined, around: Surroundings): Promise<UserConfig> {
  const path = userConfigPath(given, around);
  const text = await readChecked(path, { name: "The configuration", private: true });
  if (text === undefined) {
    if (given !== undefined)
      throw new AuthError("ERR_AUTH_NOT_FOUND", "no-config", `There is no configuration at ${path}.`);
    return { path, config: { profiles: {} }, exists: false };
  }
  const value = parseConfig(text, "The configuration", path);
  // Loaded here, since `auth --help` needs none of it.
  const { validateConfig } = await import("./validate.ts");
  return { path, config: validateConfig(value, path), exists: true };
}
