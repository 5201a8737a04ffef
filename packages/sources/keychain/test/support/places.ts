import { afterAll, beforeAll } from "vitest";
import type { KeychainOptions } from "../../src/index.ts";
import { type Keyring, keyringThere, startKeyring } from "./keyring.ts";
import { memory } from "./memory.ts";

/** A keychain that the conformance suites fill again and again: the entry "login" of "acme". */
interface Place {
  readonly what: string;
  readonly options: KeychainOptions;
  readonly there: boolean;
  readonly hold: (text: string | undefined) => void;
  /** Holds the text, and is locked. */
  readonly refuse: (text: string) => unknown;
  readonly slow?: (text: string) => () => void;
}

const names = ["service", "acme", "username", "login"];

/** A real one, asked in child processes; and for each refusal another one, since nobody can unlock it again. */
export function inKeyring(): Place {
  let keyring: Keyring;
  let locked: Keyring | undefined;
  const enter = ({ env }: Keyring): void => void Object.assign(process.env, env);
  beforeAll(async () => {
    if (!keyringThere) return;
    keyring = await startKeyring();
    enter(keyring);
  });
  afterAll(async () => {
    await locked?.stop();
    await keyring?.stop();
  });
  const store = (where: Keyring, text: string): void =>
    void where.run("secret-tool", ["store", "--label=of a test", ...names], text);
  return {
    what: "in a keyring",
    options: {},
    there: keyringThere,
    hold(text) {
      enter(keyring);
      if (text === undefined) keyring.clear(names);
      else store(keyring, text);
    },
    async refuse(text) {
      await locked?.stop();
      locked = await startKeyring();
      store(locked, text);
      locked.lock();
      enter(locked);
    },
  };
}

/** One in memory, with the face of this module: also where there is no keychain. */
export function inMemory(backend: "napi" | "keytar"): Place {
  const keychain = memory();
  const hold = (text: string | undefined): void => {
    keychain.failure = undefined;
    keychain.gate = Promise.resolve();
    if (text === undefined) keychain.items.delete("acme/login");
    else keychain.items.set("acme/login", text);
  };
  return {
    what: `in memory, like ${backend}`,
    options: { backend, client: keychain[backend] },
    there: true,
    hold,
    refuse(text) {
      hold(text);
      keychain.failure = `Cannot create an item in a locked collection ${text}`;
    },
    slow(text) {
      hold(text);
      const { promise, resolve } = Promise.withResolvers<void>();
      keychain.gate = promise;
      return resolve;
    },
  };
}
