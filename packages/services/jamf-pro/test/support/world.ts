import {
  type Auth,
  type AuthEvent,
  type AuthOptions,
  createAuth,
  fixed,
  isAuthError,
  Secret,
} from "@auth/core";
import { createFetch } from "@auth/fetch";
import { type FakeClock, fakeClock } from "@auth/testkit";
import { onTestFinished } from "vitest";
import { apiClient, userAccount } from "../../src/index.ts";
import { client, type JamfServer, jamfServer, user } from "./jamf-server.ts";

export interface World {
  readonly clock: FakeClock;
  readonly server: JamfServer;
  readonly events: AuthEvent[];
  readonly asUser: (options?: Partial<AuthOptions>) => Auth;
  readonly asClient: (options?: Partial<AuthOptions>) => Auth;
  readonly api: (auth: Auth, path?: string) => Promise<Response>;
}

export const userCredential = fixed({
  type: "password",
  username: user.username,
  password: new Secret(user.password),
} as const);
export const clientCredential = fixed({
  type: "client-secret",
  clientId: client.clientId,
  clientSecret: new Secret(client.clientSecret),
} as const);

export async function world(): Promise<World> {
  const clock = fakeClock();
  const server = await jamfServer(() => clock.now());
  onTestFinished(() => server[Symbol.asyncDispose]());
  const events: AuthEvent[] = [];
  const onEvent = (event: AuthEvent): unknown => events.push(event);
  const once = { notProcessed: 1, unknownOutcome: 1 } as const;
  const at = { server: server.url, attempts: once };
  return {
    clock,
    server,
    events,
    asUser: (more) =>
      createAuth({ grant: userAccount(at), credentials: userCredential, clock, onEvent, ...more }),
    asClient: (more) =>
      createAuth({ grant: apiClient(at), credentials: clientCredential, clock, onEvent, ...more }),
    api: (auth, path = "/api/v1/buildings") =>
      createFetch(auth, { origins: [server.url] })(`${server.url}${path}`),
  };
}

/** `GRANT/credential-rejected` of what a promise is rejected with. */
export async function failure(work: Promise<unknown>): Promise<string> {
  const error: unknown = await work.then(
    () => "no failure",
    (thrown: unknown) => thrown,
  );
  return isAuthError(error) ? `${error.code.replace("ERR_AUTH_", "")}/${error.reason}` : String(error);
}

/** The bearer tokens that the API has seen. */
export function bearers({ received }: JamfServer): string[] {
  return received
    .filter(({ path }) => path.startsWith("/api/v1/buildings") || path.startsWith("/JSSResource"))
    .map(({ headers }) => headers.authorization ?? "");
}
