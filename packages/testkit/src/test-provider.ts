import type { AuthErrorCode, Credential, Provider } from "@auth/core";
import { outcomeCases } from "./provider-outcome-cases.ts";
import { readCases } from "./provider-read-cases.ts";
import { type Case, defineSuite, type TestFramework } from "./suite.ts";

/** What an author may leave out with a reason. */
export type ProviderCase =
  | "construction"
  | "name"
  | "present"
  | "absent"
  | "blank"
  | "denied"
  | "malformed"
  | "halfConfigured"
  | "unreachable"
  | "abort"
  | "slow"
  | "concurrent"
  | "recovery"
  | "rotation"
  | "explain"
  | "dispose"
  | "output"
  | AwkwardValue;

/** The texts that must come back as they went in. */
export type AwkwardValue = "spaces" | "ends" | "punctuation" | "scripts" | "long";

/** Puts the source into a state, whatever state it was in before. */
export type Arrange = (secret: string) => unknown;

export interface ProviderSuite<T = Credential> extends TestFramework {
  /** Title of the suite. */
  readonly name: string;
  /** A new provider of the arranged source; called many times. */
  readonly create: () => Provider<T>;
  readonly arrange: {
    /** The source holds a credential with this secret. */
    readonly present: Arrange;
    /** It works and holds nothing. */
    readonly absent: () => unknown;
    /** It holds the secret and refuses us: no permission, locked. */
    readonly denied?: Arrange;
    /** What it holds cannot be read, and quotes the secret. */
    readonly malformed?: Arrange;
    /** The secret is there, something that belongs to it is missing. */
    readonly halfConfigured?: Arrange;
    /** It cannot be reached: no network, throttling, a busy service. */
    readonly unreachable?: Arrange;
    /** It holds the secret and answers only after the function that this returns was called. */
    readonly slow?: (secret: string) => (() => unknown) | Promise<() => unknown>;
  };
  /** Takes the secret out of a value. */
  readonly reveal: (value: T) => string;
  /** Codes that are not the usual ones: a chain of one reports absence as `ERR_AUTH_EXHAUSTED`. */
  readonly codes?: { readonly [id in "absent" | "denied" | "malformed" | "halfConfigured"]?: AuthErrorCode };
  /** It remembers for seconds that there was nothing, as core's `cached` does (L16): then only a forced read need find what has come. */
  readonly remembersMisses?: boolean;
  /** A call that takes longer counts as hanging. Default 4000 ms. */
  readonly hangMs?: number;
  /** Runs after each case. */
  readonly cleanup?: () => unknown;
  /** Cases that make no sense here, each with its reason. */
  readonly skip?: { readonly [id in ProviderCase]?: string };
}

/**
 * The promises that every provider keeps, as test cases.
 *
 * The author says how to put the source into its states; the suite then checks that creating a provider does nothing, that
 * each state has its own error code, that secrets come back unchanged and show up nowhere else, and that abort, concurrent
 * calls, recovery and `explain` behave. A state that a source cannot be in needs a reason in `skip`.
 *
 * @example
 * ```ts
 * const env: Record<string, string> = {};
 * testProvider({
 *   describe, test, name: "fromEnv",
 *   create: () => fromEnv({ token: "ACME_TOKEN", env }),
 *   arrange: {
 *     present: (secret) => { env["ACME_TOKEN"] = secret; },
 *     absent: () => { delete env["ACME_TOKEN"]; },
 *   },
 *   reveal: (credential) => (credential.type === "access-token" ? credential.token.reveal() : ""),
 *   skip: {
 *     denied: "an environment variable cannot be denied",
 *     malformed: "any text is a token",
 *     halfConfigured: "a token has one half",
 *     unreachable: "it is there as long as the process",
 *     slow: "it answers at once",
 *   },
 * });
 * ```
 */
export function testProvider<T = Credential>(suite: ProviderSuite<T>): void {
  const cases: Case<ProviderCase>[] = [...outcomeCases(suite), ...readCases(suite)];
  const finished = cases.map(({ run, ...about }) => ({
    ...about,
    run:
      run &&
      (async () => {
        try {
          await run();
        } finally {
          await suite.cleanup?.();
        }
      }),
  }));
  defineSuite(suite, suite.name, finished, suite.skip);
}
