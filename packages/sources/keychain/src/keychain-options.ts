import type { Clock } from "@auth/core";
import type { BackendName, Keytar, LinuxStore, NapiKeyring } from "./backends.ts";

export interface KeychainOptions {
  /** What speaks to the keychain. Default `"napi"`, that is `@napi-rs/keyring`; never another one because of an error. */
  readonly backend?: BackendName | undefined;
  /**
   * The module itself, to be used within this process: a look-alike of keytar, or either one in a bundle. Goes with `backend`.
   * Default: the installed module, in a process of its own, which can be ended when the keychain hangs.
   */
  readonly client?: NapiKeyring | Keytar | undefined;
  /** Linux only, with `backend: "napi"`. Default `"secret-service"`. What `"keyutils"` keeps is lost at a reboot. */
  readonly store?: LinuxStore | undefined;
  /** A person may be asked to unlock the keychain, or to allow the access. Default false. */
  readonly interactive?: boolean | undefined;
  /** How long one call may take, in ms. Default 5000, five seconds; 60000, a minute, if `interactive` (L13). */
  readonly timeoutMs?: number | undefined;
  /** Default: the system's. */
  readonly clock?: Clock | undefined;
}

const methods = {
  napi: ["AsyncEntry", "findCredentialsAsync"],
  keytar: ["getPassword", "setPassword", "deletePassword"],
} as const;

/** Throws `TypeError` for options that are wrong or contradict each other. */
export function checkKeychainOptions(factory: string, options: KeychainOptions): void {
  const { backend, client, store, interactive, timeoutMs } = options;
  const fail = (problem: string): never => {
    throw new TypeError(`${factory}: ${problem}`);
  };
  if (backend !== undefined && !Object.hasOwn(methods, backend)) fail('`backend` is "napi" or "keytar"');
  if (client !== undefined) {
    if (backend === undefined) fail('say with `backend` what `client` is: "napi" or "keytar"');
    else if (!has(client, backend)) fail(`\`client\` is not the module that backend: "${backend}" says`);
  }
  if (store !== undefined && store !== "secret-service" && store !== "keyutils")
    fail('`store` is "secret-service" or "keyutils"');
  if (store === "keyutils" && backend === "keytar") fail("keytar knows no `store`");
  if (interactive !== undefined && typeof interactive !== "boolean") fail("`interactive` is true or false");
  if (timeoutMs !== undefined && !(timeoutMs > 0)) fail("`timeoutMs` is a time in ms, more than 0");
}

/** Is it a module of this kind? */
export function has(module: unknown, backend: BackendName): boolean {
  return methods[backend].every((method) => typeof Object(module)[method] === "function");
}

/** A name of an item: keychains cut at a zero byte, and people have to read it. */
export function isName(name: unknown): name is string {
  return typeof name === "string" && name.trim() !== "" && !/\p{Cc}/u.test(name) && name.isWellFormed();
}
