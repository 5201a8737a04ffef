import type { AuthStatus } from "../auth.ts";
import { compact, toAuthError } from "../errors.ts";
import type { Memory } from "../memory.ts";
import { decodeRecord } from "../record.ts";
import type { Setup } from "../setup.ts";
import { plain } from "./plain.ts";
import { isForeign } from "./save.ts";
import { storeOf } from "./store-of.ts";

/** What there is and what would happen next: memory and store are read, no source and no server is asked. */
export async function status(setup: Setup, memory: Memory): Promise<AuthStatus> {
  const { grant, credentials, named, name, clock } = setup;
  const store = storeOf(setup, memory);
  const partition = await grant.partition();
  const key = memory.key ?? named ?? partition;
  let known = memory;
  let { lastFailure } = memory;
  if (!memory.held && key !== undefined && !grant.local) {
    known = memory.beside();
    try {
      const stored = await store.read(key);
      const record = stored && decodeRecord(stored.value);
      if (record && !record.ended && !isForeign({ partition }, record)) known.hold(record, stored.generation);
    } catch (thrown) {
      const { code, reason } = toAuthError(thrown, store.name);
      lastFailure ??= { code, reason, at: new Date(clock.now()) };
    }
  }
  const { held, token } = known;
  const inMs = known.renewalInMs();
  return compact<AuthStatus>({
    name,
    key,
    next: known.decide(),
    nextAt: inMs === undefined ? undefined : new Date(clock.now() + inMs),
    token:
      token &&
      held &&
      compact<NonNullable<AuthStatus["token"]>>(Object.assign({}, token, plain(held.record.bought))),
    from: held && (known === memory ? "memory" : "store"),
    source: credentials?.name,
    store: store.name,
    sessionExpiresAt: held?.record.tokens.sessionExpiresAt,
    lastFailure,
    barredUntil: memory.barredUntil,
  });
}
