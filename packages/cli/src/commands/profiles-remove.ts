import { unknownProfile } from "../config/choose-profile.ts";
import { saveConfig } from "../config/save-config.ts";
import type { Context } from "../context.ts";

/** Takes one profile out of the user's configuration. Its tokens are `auth logout`'s business. */
export async function removeProfile(context: Context, name: string): Promise<void> {
  const user = await context.config();
  const { [name]: gone, ...profiles } = user.config.profiles;
  if (!gone) throw unknownProfile(name, "named on the command line", user);
  const { defaultProfile, ...rest } = user.config;
  await saveConfig(user.path, {
    ...rest,
    ...(defaultProfile !== undefined && defaultProfile !== name && { defaultProfile }),
    profiles,
  });
  const { dim, good } = context.err;
  context.say(`${good("Removed")} ${name} ${dim(`from ${user.path}`)}`);
}
