import type { AuthStatus } from "../auth.ts";
import { toAuthError } from "../errors.ts";
import { Memory } from "../memory.ts";
import { decodeRecord } from "../record.ts";
import type { Setup } from "../setup.ts";
import { storeOf } from "./store-of.ts";

/** What there is and what would happen next: memory and store are read, no source and no server is asked. */
export async function status(setup: Setup, memory: Memory): Promise<AuthStatus> {
  const { grant, credentials, named, name, clock } = setup;
  const store = storeOf(setup, memory);
  const partition = await grant.partition();
  const key = memory.key ?? named ?? partition;
  let known = memory;
  let storeFailure: AuthStatus["lastFailure"];
  if (!memory.held && key !== undefined && !grant.local) {
    known = new Memory(setup);
    try {
      const stored = await store.read(key);
      const record = stored && decodeRecord(stored.value);
      const ours =
        record &&
        (record.partition === undefined || partition === undefined || record.partition === partition);
      if (stored && ours) known.hold(record, stored.generation);
    } catch (thrown) {
      const { code, reason } = toAuthError(thrown, store.name);
      storeFailure = { code, reason, at: new Date(clock.now()) };
    }
  }
  const { held, token } = known;
  const inMs = known.renewalInMs();
  const lastFailure = memory.lastFailure ?? storeFailure;
  const session = held?.record.tokens.sessionExpiresAt;
  return {
    name,
    store: store.name,
    next: known.decide(),
    ...(key !== undefined && { key }),
    ...(held && inMs !== undefined && { nextAt: new Date(clock.now() + inMs) }),
    ...(token && {
      token: {
        id: token.id,
        type: token.type,
        ...(token.expiresAt && { expiresAt: token.expiresAt }),
        ...(token.scopes && { scopes: token.scopes }),
      },
    }),
    ...(held && { from: known === memory ? "memory" : "store" }),
    ...(credentials && { source: credentials.name }),
    ...(session && { sessionExpiresAt: session }),
    ...(lastFailure && { lastFailure }),
  };
}
