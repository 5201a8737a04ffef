import { unknownProfile } from "../config/choose-profile.ts";
import { saveConfig } from "../config/save-config.ts";
import type { Context } from "../context.ts";
import { forget } from "../forget.ts";

/** Takes one profile out of the user's configuration, and what its logins have left out of its store (SEC-119). */
export async function removeProfile(context: Context, name: string): Promise<void> {
  const user = await context.config();
  const { [name]: gone, ...profiles } = user.config.profiles;
  if (!gone) throw unknownProfile(name, "named on the command line", user);
  const left = await forget(context, name, gone);
  const { defaultProfile, ...rest } = user.config;
  await saveConfig(user.path, {
    ...rest,
    ...(defaultProfile !== undefined && defaultProfile !== name && { defaultProfile }),
    profiles,
  });
  const { dim, good } = context.err;
  context.say(`${good("Removed")} ${name} ${dim(`from ${user.path}`)}`);
  if (defaultProfile === name)
    context.say(
      dim("  It is the one that was used when none was named; now there is none. --default of add sets one."),
    );
  for (const each of left) context.warn(each);
}
