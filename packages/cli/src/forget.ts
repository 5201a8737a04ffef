import { decodeRecord, type TokenStore, toAuthError } from "@auth/core";
import type { Profile } from "./config/config.ts";
import type { Context } from "./context.ts";
import { isPasted } from "./credential-type.ts";
import { exitCode } from "./exit-code.ts";

/**
 * Logs out of a profile that goes, so that nothing of it stays to serve the next one of that name (SEC-119). Resolves to what stays
 * nevertheless, in words for people.
 */
export async function forget(context: Context, name: string, profile: Profile): Promise<string[]> {
  if (profile.store?.type === "memory") return [];
  if (profile.store?.type === "shared" || isPasted(profile))
    return [
      `A login in the file that ${profile.grant.type}'s own tools use too stays there: it may be theirs.`,
    ];
  try {
    await using open = await context.open({ name, profile, because: "" }, { unattended: true });
    const { auth, kept, store } = open;
    const { parts } = await auth.logout(context.until);
    await kept?.delete();
    const failed = parts.filter(({ outcome }) => outcome === "failed");
    if (failed.some(({ part }) => part !== "revocation")) context.exitCode = exitCode.storage;
    const stays = failed.map(({ part, reason }) =>
      part === "revocation"
        ? `At the server the token of ${name} stays good until it expires (${reason}).`
        : `${part} could not be emptied of what the logins to ${name} have left (${reason}).`,
    );
    if (store && (await holdsLogin(store, name).catch(() => false)))
      stays.push(`${store.name} keeps a login called ${name} at another server; it stays.`);
    return stays;
  } catch (thrown) {
    context.until.signal?.throwIfAborted();
    context.exitCode = exitCode.storage;
    return [
      `What the logins to ${name} have left could not be removed: ${toAuthError(thrown, name).message}`,
    ];
  }
}

/**
 * Whether the entry is a login still: of somebody else, who has a profile of that name too, and deleting it could end a login that
 * lives. The mark that a logout leaves is none, and goes with the profile.
 */
async function holdsLogin(store: TokenStore, name: string): Promise<boolean> {
  const stored = await store.read(name);
  if (!stored) return false;
  if (!decodeRecord(stored.value).ended) return true;
  await store.delete(name, stored.generation);
  return false;
}
