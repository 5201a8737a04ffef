import type { Keytar, NapiKeyring } from "../../src/index.ts";

/** A keychain in memory that does as it is told, with the faces of both modules. */
export interface Memory {
  readonly items: Map<string, string>;
  readonly keytar: Keytar;
  readonly napi: NapiKeyring;
  /** Every call fails with this. */
  failure: string | undefined;
  /** Every call waits for this. */
  gate: Promise<unknown>;
  /** So many more changes, and then none ever again, as if the process had died. */
  changesLeft: number;
  /** How often it was read. */
  reads: number;
  /** Told of each text that is kept, before it is; and of each item that was read. */
  onSet: (text: string) => void;
  onGet: (account: string) => unknown;
}

export function memory(content: Iterable<[string, string]> = []): Memory {
  const items = new Map(content);
  const name = (service: string, account: string): string => `${service}/${account}`;
  const keytar: Keytar = {
    getPassword: (service, account) =>
      answer(async () => {
        self.reads++;
        const text = items.get(name(service, account)) ?? null;
        await self.onGet(account);
        return text;
      }),
    setPassword: (service, account, text) =>
      change(() => {
        self.onSet(text);
        items.set(name(service, account), text);
      }),
    deletePassword: (service, account) => change(() => items.delete(name(service, account))),
  };
  const self: Memory = {
    items,
    keytar,
    napi: {
      AsyncEntry: class {
        readonly #names: readonly [service: string, account: string];
        constructor(...names: [service: string, account: string, options?: object]) {
          this.#names = [names[0], names[1]];
        }
        getPassword = () => keytar.getPassword(...this.#names);
        setPassword = (text: string) => keytar.setPassword(...this.#names, text);
        deletePassword = () => keytar.deletePassword(...this.#names);
      },
      findCredentialsAsync: async () => [],
    },
    failure: undefined,
    gate: Promise.resolve(),
    changesLeft: Number.POSITIVE_INFINITY,
    reads: 0,
    onSet() {},
    onGet() {},
  };
  async function answer<T>(work: () => T): Promise<Awaited<T>> {
    await self.gate;
    if (self.failure !== undefined) throw new Error(self.failure);
    return await work();
  }
  const change = <T>(work: () => T): Promise<Awaited<T>> =>
    answer(() => {
      if (self.changesLeft-- <= 0) throw new Error("dead");
      return work();
    });
  return self;
}
