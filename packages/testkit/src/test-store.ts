import type { TokenStore } from "@auth/core";
import { type Patience, patience } from "./patience.ts";
import { storeLockCases } from "./store-lock-cases.ts";
import { storeTextCases } from "./store-text-cases.ts";
import { storeWriteCases } from "./store-write-cases.ts";
import { type Case, defineSuite, type TestFramework } from "./suite.ts";

/** What an author may leave out with a reason. */
export type StoreCase =
  | "name"
  | "absent"
  | "text"
  | "large"
  | "record"
  | "generation"
  | "create"
  | "conflict"
  | "race"
  | "delete"
  | "keys"
  | "awkwardKeys"
  | "prepare"
  | "handles"
  | "dispose"
  | "secrets"
  | "lock"
  | "lockTimeout"
  | "lockAbort";

export interface StoreSuite extends TestFramework {
  /** Title of the suite. */
  readonly name: string;
  /** A new, empty store. Called once for each case. */
  readonly create: () => TokenStore | Promise<TokenStore>;
  /** One more handle on what `create` made last, as another process would have it. Default: the same handle. */
  readonly open?: () => TokenStore | Promise<TokenStore>;
  /**
   * For a store that takes only texts of its own kind, because it shares a file with a foreign program: how to put an
   * arbitrary text into one and take it out again.
   */
  readonly wrap?: { readonly in: (text: string) => string; readonly out: (value: string) => string };
  /** The keys that the cases use, if not any text will do: at least two. Default `one` and `two`. */
  readonly keys?: readonly [string, string, ...string[]];
  /** A call that takes longer counts as hanging. Default 4000 ms. */
  readonly hangMs?: number;
  /** Runs after each case. */
  readonly cleanup?: () => unknown;
  /** Cases that make no sense here, each with its reason. */
  readonly skip?: { readonly [id in StoreCase]?: string };
}

/** What a case works with. */
export interface StoreWorld extends Patience {
  readonly store: TokenStore;
  /** Another handle on the same data. */
  readonly open: () => Promise<TokenStore>;
  readonly key: string;
  readonly other: string;
  readonly wrap: (text: string) => string;
  readonly unwrap: (value: string) => string;
}

/**
 * The promises that every token store keeps, as test cases: texts come back as they went in, compare-and-swap has one
 * winner, keys do not disturb each other, the lock excludes, and no secret shows up in an error.
 *
 * @example
 * ```ts
 * let path: string;
 * testStore({
 *   describe, test, name: "tokenFile",
 *   create: () => tokenFile({ path: (path = join(mkdtempSync(prefix), "tokens.json")) }),
 *   open: () => tokenFile({ path }),
 * });
 * ```
 */
export function testStore(suite: StoreSuite): void {
  const { create, wrap, keys = ["one", "two"], cleanup } = suite;
  type Run = (world: StoreWorld) => Promise<void>;

  const inWorld = (run: Run) => async (): Promise<void> => {
    const store = await create();
    const handles = new Set([store]);
    try {
      await run({
        ...patience(suite.hangMs),
        store,
        async open() {
          const handle = (await suite.open?.()) ?? store;
          handles.add(handle);
          return handle;
        },
        key: keys[0],
        other: keys[1],
        wrap: wrap?.in ?? ((text) => text),
        unwrap: wrap?.out ?? ((value) => value),
      });
    } finally {
      for (const handle of handles) await handle[Symbol.asyncDispose]?.();
      await cleanup?.();
    }
  };

  const cases: Case<StoreCase>[] = [...storeTextCases, ...storeWriteCases, ...storeLockCases].map(
    ({ run, ...about }) => ({ ...about, run: inWorld(run) }),
  );
  defineSuite(suite, suite.name, cases, suite.skip);
}

/** A case that is still to be given its store. */
export interface StoreCaseOf {
  readonly id: StoreCase;
  readonly title: string;
  readonly run: (world: StoreWorld) => Promise<void>;
}
