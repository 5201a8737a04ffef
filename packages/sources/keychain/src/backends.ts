/** The part of `@napi-rs/keyring`, from 2.1 on, that is used. */
export interface NapiKeyring {
  readonly AsyncEntry: new (
    service: string,
    account: string,
    options?: { linux?: { store?: LinuxStore } },
  ) => NapiEntry;
  findCredentialsAsync(service: string): Promise<readonly unknown[]>;
}

interface NapiEntry {
  getPassword(): Promise<string | null>;
  setPassword(text: string): Promise<unknown>;
  deletePassword(): Promise<boolean>;
}

/** The part of `keytar` that is used; look-alikes have it too. */
export interface Keytar {
  getPassword(service: string, account: string): Promise<string | null>;
  setPassword(service: string, account: string, text: string): Promise<unknown>;
  deletePassword(service: string, account: string): Promise<boolean>;
}

/** Which module speaks to the keychain. */
export type BackendName = "napi" | "keytar";

/** Which of Linux's keychains: that of the desktop, or the kernel's, which forgets everything at a reboot. */
export type LinuxStore = "secret-service" | "keyutils";

/** What can be asked of a keychain. */
export interface Call {
  readonly do: "get" | "set" | "delete" | "look-for-locks";
  readonly service: string;
  readonly account: string;
  readonly text?: string;
}

/** Asks the keychain; resolves to the text or null, or to whether something was deleted. Its failures are the module's own. */
export type Ask = (call: Call) => Promise<unknown>;

export function napiBackend(module: NapiKeyring, store: LinuxStore): Ask {
  const { AsyncEntry } = module;
  // Each entry has a connection of its own until it is collected: one for each name.
  const entries = new Map<string, NapiEntry>();
  return async ({ do: what, service, account, text = "" }) => {
    const name = JSON.stringify([service, account]);
    try {
      let entry = entries.get(name);
      // Without a word about the store it would turn to the kernel when the desktop's keychain is away.
      entry ??= new AsyncEntry(service, account, { linux: { store } });
      entries.set(name, entry);
      // Fails if something that is kept for the service is locked. By now it is known that there is a keychain to search.
      if (what === "look-for-locks") return (await module.findCredentialsAsync(service)).length;
      if (what === "set") return await entry.setPassword(text);
      return await (what === "get" ? entry.getPassword() : entry.deletePassword());
    } catch (error) {
      entries.delete(name); // its connection may be dead
      throw error;
    }
  };
}

export function keytarBackend(module: Keytar): Ask {
  return async ({ do: what, service, account, text = "" }) => {
    if (what === "get") return module.getPassword(service, account);
    if (what === "set") return module.setPassword(service, account, text);
    if (what === "delete") return module.deletePassword(service, account);
    throw new Error("keytar cannot tell"); // its search kills the process at the first item of another program
  };
}
