import { afterEach, describe } from "vitest";
import { type Keyring, type KeyringOptions, keyringThere, startKeyring } from "./keyring.ts";

/** Tests that need a real keychain; skipped, with a warning, where there is none. */
export const describeReal: typeof describe.skip = keyringThere ? describe : describe.skip;

/** Keyrings that end with their test. The process that asks takes over the session of this one: the last that was entered. */
export function keyrings(): { readonly enter: (options?: KeyringOptions) => Promise<Keyring> } {
  const open: Keyring[] = [];
  const before = { ...process.env };
  afterEach(async () => {
    for (const name of Object.keys(process.env)) if (!(name in before)) delete process.env[name];
    Object.assign(process.env, before);
    for (const keyring of open.splice(0)) await keyring.stop();
  });
  return {
    /** Starts one and enters its session. */
    async enter(options?: KeyringOptions): Promise<Keyring> {
      const keyring = await startKeyring(options);
      open.push(keyring);
      Object.assign(process.env, keyring.env);
      return keyring;
    },
  };
}

/** What another program would leave: an item with these attributes. */
export function put(keyring: Keyring, text: string | Uint8Array, attributes: Record<string, string>): void {
  keyring.run("secret-tool", ["store", "--label=of a test", ...Object.entries(attributes).flat()], text);
}
