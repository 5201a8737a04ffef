import assert from "node:assert/strict";
import {
  type Auth,
  type AuthOptions,
  type Credential,
  createAuth,
  fixed,
  type Grant,
  type GrantContext,
  type Secret,
  type TokenSet,
} from "@auth/core";
import { type FakeClock, fakeClock } from "./fake-clock.ts";
import { type Patience, patience } from "./patience.ts";
import type { GrantCase, GrantSuite } from "./test-grant.ts";
import { Wire } from "./wire.ts";

/** What a case works with. */
export interface GrantWorld<C extends Credential> extends Patience {
  readonly suite: GrantSuite<C>;
  readonly grant: Grant<C>;
  readonly clock: FakeClock;
  readonly wire: Wire;
  /** What the grant is given; `salvaged` and `warnings` collect what it says. */
  readonly context: GrantContext & { readonly salvaged: Secret[]; readonly warnings: string[] };
  readonly check: (...things: readonly unknown[]) => void;
  /** Nobody should have called it. */
  readonly globalFetch: { readonly calls: number };
  /** Waits for `work` while time passes on the fake clock, but not while a request is under way. */
  readonly drive: <T>(what: string, work: Promise<T>) => Promise<T>;
  /** Default: with a new credential of the author's. */
  readonly exchange: (credential?: C) => Promise<TokenSet>;
  /** An `Auth` over this grant that is logged in. */
  readonly login: (options?: Partial<AuthOptions>) => Promise<Auth>;
}

/** A case that is still to be given its world. */
export interface GrantCaseOf<C extends Credential> {
  readonly id: GrantCase;
  readonly title: string;
  /** Fails, or needs a reason, if the author gave none. */
  readonly needs?: "wrong" | "other";
  /** Left out if the grant does not have it. */
  readonly ability?: "refresh" | "revoke";
  readonly run: (world: GrantWorld<C>) => Promise<void>;
}

/** Runs one case. The global `fetch` is out of reach meanwhile: a grant uses the one it is given. */
export async function grantWorld<C extends Credential>(
  suite: GrantSuite<C>,
  run: GrantCaseOf<C>["run"],
): Promise<void> {
  const { create, clock = fakeClock({ now: Date.now() }), interaction, check = () => {}, hangMs } = suite;
  const wire = new Wire(() => clock.now());
  const calm = patience(hangMs);
  const globalFetch = { calls: 0 };
  const before = globalThis.fetch;
  globalThis.fetch = async () => {
    globalFetch.calls++;
    throw new TypeError("the global fetch is not for grants: context.fetch is");
  };
  const salvaged: Secret[] = [];
  const warnings: string[] = [];
  const context: GrantWorld<C>["context"] = {
    signal: new AbortController().signal,
    fetch: wire.fetch,
    clock,
    ...(interaction && { interaction }),
    salvage: (refreshToken) => void salvaged.push(refreshToken),
    warn: (reason) => void warnings.push(reason),
    salvaged,
    warnings,
  };
  const drive = <T>(what: string, work: Promise<T>): Promise<T> => {
    const over = new AbortController();
    const passing = clock.until(work, { paused: () => wire.busy, signal: over.signal });
    return calm.settled(what, passing).finally(() => over.abort());
  };
  const grant = create();
  const opened: Auth[] = [];

  const login = async (options: Partial<AuthOptions> = {}): Promise<Auth> => {
    const credentials = fixed<Credential>(await suite.credential());
    const auth = createAuth({ grant, credentials, clock, fetch: wire.fetch, ...options });
    opened.push(auth);
    const token = grant.interactive ? auth.login(interaction ? { interaction } : {}) : auth.getToken();
    await drive("logging in", token);
    return auth;
  };

  try {
    await run({
      ...calm,
      suite,
      grant,
      clock,
      wire,
      context,
      check,
      globalFetch,
      drive,
      exchange: async (credential) =>
        drive("exchange", grant.exchange(credential ?? (await suite.credential()), context)),
      login,
    });
  } finally {
    wire.hold()(); // lets go of whatever a failed case left held
    globalThis.fetch = before;
    for (const auth of opened) await drive("disposing", Promise.resolve(auth[Symbol.asyncDispose]()));
    await suite.cleanup?.();
  }
}

/** The current token; a case that has just logged in has one. */
export function current(auth: Auth): NonNullable<ReturnType<Auth["peek"]>> {
  const token = auth.peek();
  assert.ok(token, "there is a current token");
  return token;
}
