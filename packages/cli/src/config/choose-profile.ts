import { AuthError } from "@auth/core";
import { looksLikeWord } from "../usage-error.ts";
import type { Profile } from "./config.ts";
import { findProjectFile } from "./project-file.ts";
import type { UserConfig } from "./user-config.ts";

export interface Choice {
  readonly name: string;
  readonly profile: Profile;
  /** Who picked it, for people. */
  readonly because: string;
}

/**
 * The profile to use: named on the command line, by `AUTH_PROFILE`, by the project's file, by the user's default, or the only
 * one there is. Errors: `ERR_AUTH_NOT_FOUND/no-profile`, `/unknown-profile`, those of `findProjectFile`.
 */
export async function chooseProfile(
  user: UserConfig,
  named: string | undefined,
  around: {
    readonly env: Readonly<Record<string, string | undefined>>;
    readonly cwd: string | undefined;
    readonly tell: (text: string) => void;
  },
): Promise<Choice> {
  const { profiles, defaultProfile } = user.config;
  const names = Object.keys(profiles);
  const choice = (name: string, because: string): Choice => {
    const profile = Object.hasOwn(profiles, name) ? profiles[name] : undefined;
    if (profile) return { name, profile, because };
    throw unknownProfile(name, because, user);
  };
  if (named !== undefined) return choice(named, "named on the command line");
  const fromEnv = around.env["AUTH_PROFILE"];
  if (fromEnv) return choice(fromEnv, "named by AUTH_PROFILE");
  const project = await findProjectFile(around.cwd, around.tell);
  if (project) return choice(project.profile, `picked by ${project.path}`);
  if (defaultProfile !== undefined) return choice(defaultProfile, "your default");
  const [only] = names;
  if (only !== undefined && names.length === 1) return choice(only, "the only one");
  throw new AuthError(
    "ERR_AUTH_NOT_FOUND",
    "no-profile",
    only === undefined
      ? `There is no profile yet in ${user.path}. Add one: auth profiles add --help`
      : `Which profile? Name one of ${names.join(", ")}, or set "defaultProfile" in ${user.path}.`,
  );
}

/** The name is quoted only if it looks like one: people paste secrets in all kinds of places. */
export function unknownProfile(name: string, because: string, user: UserConfig): AuthError {
  const names = Object.keys(user.config.profiles);
  const shown = looksLikeWord(name) ? `There is no profile "${name}"` : "There is no such profile";
  const known = names.length > 0 ? `; there are ${names.join(", ")}` : "";
  return new AuthError(
    "ERR_AUTH_NOT_FOUND",
    "unknown-profile",
    `${shown} (${because}) in ${user.path}${known}.`,
  );
}
