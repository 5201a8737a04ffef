export { type Canary, canary } from "./canary.ts";
export { type Captured, captureOutput } from "./capture-output.ts";
export { type FakeClock, type FakeClockOptions, fakeClock, type Sleeper } from "./fake-clock.ts";
export { type FaultProxy, faultProxy, type ProxyMode } from "./fault-proxy.ts";
export { type RaceOptions, type RaceResult, raceProcesses } from "./race-processes.ts";
export { type Racer, racer } from "./racer.ts";
export { runVectors, type VectorSuite } from "./run-vectors.ts";
export { sideEffects } from "./side-effects.ts";
export type { TestFramework } from "./suite.ts";
export { type GrantCase, type GrantSuite, testGrant } from "./test-grant.ts";
export {
  type Arrange,
  type AwkwardValue,
  type ProviderCase,
  type ProviderSuite,
  testProvider,
} from "./test-provider.ts";
export { type StoreCase, type StoreSuite, testStore } from "./test-store.ts";
export type { TokenServerCounts } from "./token-book.ts";
export { type TokenServer, type TokenServerOptions, tokenServer } from "./token-server.ts";
export type { TokenServerEndpoint } from "./token-server-endpoints.ts";
export type { TokenServerFault } from "./token-server-fault.ts";
export type { ReceivedRequest } from "./token-server-requests.ts";
export type {
  AnswerFacts,
  DecisionVector,
  GrantAbilities,
  Scenario,
  SourceFacts,
  Step,
  StoredFacts,
  StorePart,
  VectorFile,
} from "./vector.ts";
