import { type Auth, type AuthEvent, type AuthOptions, createAuth } from "@auth/core";
import { type FakeClock, fakeClock } from "@auth/testkit";
import { password, type Source, source } from "./source.ts";
import { type TestStore, testStore } from "./test-store.ts";
import { type TokenServer, type TokenServerOptions, tokenServer } from "./token-server.ts";

/** One hour: what the server's access tokens live unless a test says otherwise. */
export const hour = 3_600_000;
/** Time after which a one-hour token is in its early window: 300 s before the end, and half of the random quarter. */
export const early = hour - 300_000 - hour / 8;
/** Time after which it is in its hard window: 30 s before the end. */
export const late = hour - 30_000;

/** A server, a store, a source and a clock, and any number of `Auth` that use them. */
export interface World {
  readonly clock: FakeClock;
  readonly server: TokenServer;
  readonly store: TestStore;
  readonly credentials: Source;
  /** `renewed`, `failed UNREACHABLE/network` … of every Auth; reads of the source are not in it. */
  readonly events: string[];
  readonly auth: (options?: Partial<AuthOptions>) => Auth;
}

export function world(options: TokenServerOptions & { perKey?: boolean } = {}): World {
  const clock = fakeClock();
  const server = tokenServer(clock, options);
  const store = testStore(clock, options);
  const credentials = source(password());
  const events: string[] = [];
  return {
    clock,
    server,
    store,
    credentials,
    events,
    auth: (more = {}) =>
      createAuth({
        grant: server.grant(),
        credentials,
        store,
        clock,
        onEvent: (event) => event.type !== "read" && events.push(line(event)),
        ...more,
      }),
  };
}

// Core loads the part that talks to servers with the first call. Once it is there, nothing but the clock takes time.
await world().auth().status();

function line({ type, code, reason }: AuthEvent): string {
  const why = code ? ` ${code.replace("ERR_AUTH_", "")}/${reason}` : reason ? ` ${reason}` : "";
  return type + why;
}
