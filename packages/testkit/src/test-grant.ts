import type { Credential, Grant, Interaction } from "@auth/core";
import type { FakeClock } from "./fake-clock.ts";
import { grantAnswerCases } from "./grant-answer-cases.ts";
import { grantPromiseCases } from "./grant-promise-cases.ts";
import { grantShapeCases } from "./grant-shape-cases.ts";
import { grantStoreCases } from "./grant-store-cases.ts";
import { grantWorld } from "./grant-world.ts";
import { defineSuite, type TestFramework } from "./suite.ts";

/** What an author may leave out with a reason. */
export type GrantCase =
  | "construction"
  | "partition"
  | "otherAccount"
  | "exchange"
  | "refresh"
  | "revoke"
  | "fetch"
  | "request"
  | "abort"
  | "redirect"
  | "malformed"
  | "unreachable"
  | "rateLimited"
  | "wrong"
  | "deadRefreshToken"
  | "rotatedSecret"
  | "oneFlight"
  | "failure"
  | "serveWhileFailing"
  | "leeway"
  | "callerAbort"
  | "rejectOnce"
  | "oldAnswer"
  | "savedFirst"
  | "background";

export interface GrantSuite<C extends Credential = Credential> extends TestFramework {
  /** Title of the suite. */
  readonly name: string;
  /** The grant, configured for a real server that runs during the tests. Called when the suite is registered, too. */
  readonly create: () => Grant<C>;
  /** A credential that the server takes; called for each login, so a refresh token can be a new one each time. */
  readonly credential: () => C | Promise<C>;
  /** A credential for the same client or account that the server refuses, with this secret in it. */
  readonly wrong?: (secret: string) => C;
  /** Another client's or account's credential. */
  readonly other?: () => C;
  /** Plays the person, for a grant that needs one. */
  readonly interaction?: Interaction;
  /**
   * The clock that the server judges expiry by, if it can be given one. Default: a new fake clock for each case, set to the
   * system's time.
   */
  readonly clock?: FakeClock;
  /** Throws if a secret of the server can be seen in `things`; the token server's `check`. */
  readonly check?: (...things: readonly unknown[]) => void;
  /** A call that takes longer, in real time, counts as hanging. Default 4000 ms. */
  readonly hangMs?: number;
  /** Runs after each case. */
  readonly cleanup?: () => unknown;
  /** Cases that make no sense here, each with its reason. */
  readonly skip?: { readonly [id in GrantCase]?: string };
}

/**
 * The promises that every grant keeps, as test cases: alone, and driven by `createAuth` through the nine promises of an
 * `Auth`, on a fake clock against the author's real server. The tokens should last a minute or more.
 *
 * @example
 * ```ts
 * const server = await tokenServer();
 * testGrant({
 *   describe, test, name: "clientCredentials",
 *   create: () => clientCredentials({ issuer: server.issuer }),
 *   credential: () => ({ type: "client-secret", clientId: server.client.id, clientSecret: new Secret(server.client.secret) }),
 *   wrong: (secret) => ({ type: "client-secret", clientId: server.client.id, clientSecret: new Secret(secret) }),
 *   other: () => ({ type: "client-secret", clientId: "other", clientSecret: new Secret("…") }),
 *   check: server.check,
 * });
 * ```
 */
export function testGrant<C extends Credential = Credential>(suite: GrantSuite<C>): void {
  const grant = suite.create();
  const given = {
    wrong: suite.wrong !== undefined,
    other: suite.other !== undefined,
    refresh: grant.refresh !== undefined,
    revoke: grant.revoke !== undefined,
  };

  const cases = [
    ...grantShapeCases<C>(),
    ...grantAnswerCases<C>(),
    ...grantPromiseCases<C>(),
    ...grantStoreCases<C>(),
  ]
    .filter(({ ability }) => ability === undefined || given[ability])
    .map(({ id, title, run, needs }) => ({
      id,
      title,
      needs,
      run: needs === undefined || given[needs] ? () => grantWorld(suite, run) : undefined,
    }));
  defineSuite(suite, suite.name, cases, suite.skip);
}
