import { AuthError, isAuthError, type Lock, memoryStore, type Stored, type TokenStore } from "@auth/core";
import { itemAccount } from "./item-account.ts";
import { checkKeychainOptions, isName, type KeychainOptions } from "./keychain-options.ts";
import { openKeychain } from "./open-keychain.ts";
import { type Item, parseItem } from "./store-item.ts";
import { type Place, partName, type Step, stepsToDelete, stepsToWrite } from "./store-steps.ts";

export interface KeychainStoreOptions extends KeychainOptions {
  /** The service that all logins are kept under, each with its name as account. Default `auth`: shared by all who name none. */
  readonly service?: string | undefined;
  /**
   * A lock between processes, since keychains have none: `fileLock` of `@auth/token-file`. Without one, put it around the store with
   * core's `locked`, or share the logins with no other process.
   */
  readonly lock?: Lock | undefined;
  /**
   * Longest text of one item, in UTF-16 units; what is longer is split over several. Default: what the system takes, 1280 on Windows,
   * and no limit elsewhere.
   */
  readonly maxItemLength?: number | undefined;
}

/** One login, in UTF-8 (L14). */
const maxBytes = 1_048_576;

/** Windows: CRED_MAX_CREDENTIAL_BLOB_SIZE is 2560 bytes. */
const platformLength = process.platform === "win32" ? 1_280 : 16 * maxBytes;

/**
 * Keeps logins in the system's keychain, one item for each, compared before it is written. One that is longer than an item may be is
 * split, so that a crash at any point leaves the old one or the new one.
 *
 * Errors: `ERR_AUTH_DENIED/locked`, `/permission-denied`; `ERR_AUTH_UNAVAILABLE/no-keychain`, `/no-backend`; `ERR_AUTH_UNREACHABLE/timeout`,
 * `/read-failed`, `/save-failed`, and those of the lock; `ERR_AUTH_INVALID/ambiguous`, `/foreign-item`, `/store-corrupted`,
 * `/store-version`, `/secret-too-large`. What each asks for is in its message.
 *
 * An item that is not of this store is never replaced or deleted.
 *
 * @example
 * ```ts
 * const store = keychainStore({ service: "acme", lock: fileLock({ directory: "~/.local/state/acme" }) });
 * const auth = createAuth({ grant, store, name: "default" });
 * ```
 */
export function keychainStore(options: KeychainStoreOptions = {}): TokenStore {
  const { service = "auth", lock, maxItemLength: maxLength = platformLength } = options;
  checkKeychainOptions("keychainStore", options);
  if (!isName(service)) throw new TypeError("keychainStore: `service` is text without control characters");
  if (lock !== undefined && typeof Object(lock).withLock !== "function")
    throw new TypeError("keychainStore: `lock` has a method withLock, like that of fileLock");
  if (!(Number.isSafeInteger(maxLength) && maxLength >= 512))
    throw new TypeError("keychainStore: `maxItemLength` is a whole number, at least 512");
  const name = `keychain ${service}`;
  const keychain = openKeychain(options, name);
  // Core's own store has a lock that works within one process.
  const writing = lock ?? (memoryStore() as TokenStore & Lock);

  const invalid = (reason: string, problem: string): AuthError =>
    new AuthError("ERR_AUTH_INVALID", reason, `${name}: ${problem}`, { provider: name });

  /** The item of ours that a text is. */
  function itemIn(account: string, text: string): Item {
    const item = parseItem(text, name);
    if (item?.owner[0] === service && item.owner[1] === account) return item;
    throw invalid(
      "foreign-item",
      `the item "${account}" is no login of this store, and is left alone. Choose another \`service\`, or delete it.`,
    );
  }

  async function look(account: string): Promise<Item | undefined> {
    const text = await keychain.get(service, account);
    return text === undefined ? undefined : itemIn(account, text);
  }

  /** The login an item holds; `undefined` if a part of it is missing. */
  async function assemble(
    account: string,
    { generation, value, parts }: Item,
  ): Promise<Stored | "nobody" | undefined> {
    if (generation === undefined) return "nobody";
    if (value !== undefined) return { generation, value };
    if (parts === undefined) return "nobody";
    let text = "";
    for (let index = 0; index < parts; index++) {
      const part = await keychain.get(service, partName(account, generation, index));
      if (part === undefined) return undefined;
      text += part;
    }
    try {
      const whole: unknown = JSON.parse(text);
      return typeof whole === "string" ? { generation, value: whole } : undefined;
    } catch {
      return undefined;
    }
  }

  async function find(account: string): Promise<Stored | undefined> {
    let seen: string | undefined;
    for (;;) {
      const item = await look(account);
      const stored = item ? await assemble(account, item) : "nobody";
      if (stored) return stored === "nobody" ? undefined : stored;
      // Somebody may have replaced it between its parts; if it is still the same one, it is damaged.
      if (item?.generation === seen)
        throw invalid("store-corrupted", "a part of the login is missing. Log in again.");
      seen = item?.generation;
    }
  }

  /** One at a time: looks, and takes the steps that `plan` makes of it. Resolves to whether there were any. */
  function change(key: string, plan: (place: Place) => Promise<readonly Step[]>): Promise<boolean> {
    const account = itemAccount(key);
    return writing.withLock(`${service}\n${account}\nwrite`, async (lease) => {
      const steps = await plan({ service, account, maxLength });
      if (steps.length === 0) return false;
      // However long this process is stopped now, nobody else writes meanwhile.
      await lease.sent?.();
      lease.signal.throwIfAborted();
      for (const { account: item, text } of steps) {
        if (text === undefined) await keychain.delete(service, item);
        else await keychain.set(service, item, text);
      }
      return true;
    });
  }

  /**
   * What is there, and the generation of the login in it. `anew`: for one who has just logged in, what cannot be read counts as
   * nothing.
   */
  async function present(account: string, anew: boolean): Promise<{ item?: Item; generation?: string }> {
    let item: Item | undefined;
    try {
      item = await look(account);
      if (anew && item?.parts) await find(account);
    } catch (error) {
      if (anew && isAuthError(error) && error.reason === "store-corrupted") return item ? { item } : {};
      throw error;
    }
    if (!item) return {};
    const { generation } = item;
    return generation === undefined ? { item } : { item, generation };
  }

  return {
    name,
    read: (key) => find(itemAccount(key)),
    async write(key, value, expected) {
      if (Buffer.byteLength(value) > maxBytes)
        throw invalid(
          "secret-too-large",
          "the login is larger than 1 MiB. Ask the server for smaller tokens.",
        );
      const generation = crypto.randomUUID();
      const written = await change(key, async (place) => {
        const { item, generation: current } = await present(place.account, expected === undefined);
        return current === expected ? stepsToWrite(place, item, value, generation) : [];
      });
      return written ? generation : undefined;
    },
    async delete(key, expected) {
      let there = false;
      await change(key, async (place) => {
        const { item, generation } = await present(place.account, false);
        if (!item || (expected ?? generation) !== generation) return [];
        there = generation !== undefined; // or else only remains of a login
        return stepsToDelete(place, item);
      });
      return there;
    },
    async prepare(key) {
      // The very write that is to come, of what is there already, or of something new.
      await change(key, async ({ account }) => {
        const text = await keychain.get(service, account);
        if (text !== undefined) {
          itemIn(account, text);
          return [{ account, text }];
        }
        const probe = `${account} #probe`;
        return [{ account: probe, text: "probe" }, { account: probe }];
      });
    },
    async [Symbol.asyncDispose]() {
      keychain.end();
    },
    ...(lock && {
      withLock: (key, work, wait) => lock.withLock(`${service}\n${itemAccount(key)}`, work, wait),
    }),
  };
}
