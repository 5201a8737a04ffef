import type { Keytar } from "../../src/index.ts";

/** A look-alike of keytar that keeps things in memory, and does as it is told. */
export interface KeytarLike extends Keytar {
  readonly items: Map<string, string>;
  /** Every call fails with this. */
  failure: string | undefined;
  /** Every call waits for this. */
  gate: Promise<unknown>;
  calls: number;
}

export function keytarLike(): KeytarLike {
  const items = new Map<string, string>();
  const name = (service: string, account: string): string => `${service}/${account}`;
  const self: KeytarLike = {
    items,
    failure: undefined,
    gate: Promise.resolve(),
    calls: 0,
    getPassword: (service, account) => answer(() => items.get(name(service, account)) ?? null),
    setPassword: (service, account, text) => answer(() => void items.set(name(service, account), text)),
    deletePassword: (service, account) => answer(() => items.delete(name(service, account))),
  };
  async function answer<T>(work: () => T): Promise<T> {
    self.calls++;
    await self.gate;
    if (self.failure !== undefined) throw new Error(self.failure);
    return work();
  }
  return self;
}
