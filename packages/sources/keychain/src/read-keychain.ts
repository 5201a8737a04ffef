import { AuthError } from "@auth/core";
import type { Keychain } from "./open-keychain.ts";

interface Place {
  readonly keychain: Keychain;
  /** Where to look if it is not in the keychain's own way: entries that keytar wrote. */
  readonly old: Keychain | undefined;
  readonly deleteOld: boolean;
  readonly services: readonly string[];
  readonly account: string;
  readonly source: string;
}

/** The text that is kept under the first of the names that has any. Errors: `NOT_FOUND/no-entry`. */
export async function readKeychain(place: Place): Promise<string> {
  const { keychain, services, account, source } = place;
  for (const service of services) {
    const text = (await keychain.get(service, account)) ?? (await moved(place, service));
    if (text !== undefined) return text;
  }
  const names = services.map((service) => `"${service}"`).join(" or ");
  throw new AuthError(
    "ERR_AUTH_NOT_FOUND",
    "no-entry",
    `${source}: the keychain has no entry "${account}" of ${names}. Log in with the program that keeps it there, or mend \`service\` and \`account\`.`,
    { provider: source },
  );
}

/**
 * What keytar left, copied. A copy that reads otherwise is taken back, and the original goes only if asked for, and after a good one. Where
 * nothing can be written the original serves, and the next read tries again.
 */
async function moved(
  { keychain, old, deleteOld, account }: Place,
  service: string,
): Promise<string | undefined> {
  const text = await old?.get(service, account);
  if (text === undefined) return undefined;
  try {
    await keychain.set(service, account, text);
    if ((await keychain.get(service, account)) !== text) await keychain.delete(service, account);
    else if (deleteOld) await old?.delete(service, account);
  } catch {
    // a keychain that can be read and not written is still good for reading
  }
  return text;
}
