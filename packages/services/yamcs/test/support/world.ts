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
import { inject, onTestFinished } from "vitest";
import { serviceAccount, userAccount } from "../../src/index.ts";
import { odd } from "./global-setup.ts";
import { inFrontOf, yamcsThere } from "./real-yamcs.ts";
import { type Server, user, type YamcsServer, yamcsServer } from "./yamcs-server.ts";

export interface World<S extends Server = YamcsServer> {
  readonly clock: FakeClock;
  readonly server: S;
  readonly events: AuthEvent[];
  /** `login`, `renewed` and so on, in order. */
  readonly told: () => string[];
  /** An `Auth` whose tokens nobody renews when idle, unless `policy` says so. */
  readonly auth: (options?: Partial<AuthOptions>) => Auth;
  readonly asService: (options?: Partial<AuthOptions>) => Auth;
  readonly api: (auth: Auth, path?: string) => Promise<Response>;
  /** Lets time pass, but not while an answer is waited for. */
  readonly until: <T>(work: Promise<T>) => Promise<T>;
}

export const credential = (username: string, password: string) =>
  fixed({ type: "password", username, password: new Secret(password) } as const);
export const clientSecret = (clientId: string, secret: string) =>
  fixed({ type: "client-secret", clientId, clientSecret: new Secret(secret) } as const);
export const bearerToken = (token: string) =>
  fixed({ type: "access-token", token: new Secret(token) } as const);
export const oddService = { id: "id", secret: "a+b%c:d" } as const;

type Service = { readonly id: string; readonly secret: string };

/** What the cases that hold for both run against. */
export const kinds: readonly (readonly [name: string, open: () => Promise<World<Server>>])[] = [
  ["stand-in", () => world()],
  ...(yamcsThere ? ([["real Yamcs", () => realWorld()]] as const) : []),
];

export async function world(): Promise<World> {
  const clock = fakeClock({ now: Date.now() });
  const server = await yamcsServer(() => clock.now());
  server.users.set(odd.username, odd.password);
  server.services.set(oddService.id, oddService);
  return around(server, clock, oddService);
}

async function realWorld(): Promise<World<Server>> {
  const real = inject("yamcs");
  if (!real)
    throw new Error("Yamcs is not installed; run scripts/parts/yamcs.sh (Java and Maven are needed)");
  return around(await inFrontOf(real.url), fakeClock({ now: Date.now() }), real.service);
}

export function around<S extends Server>(
  server: S,
  clock: FakeClock,
  service: Service = oddService,
): World<S> {
  onTestFinished(() => server[Symbol.asyncDispose]());
  const events: AuthEvent[] = [];
  let flying = 0;
  const patient: typeof fetch = async (input, init) => {
    flying++;
    try {
      const response = await fetch(input, init);
      const { status, headers } = response;
      return new Response(await response.arrayBuffer(), { status, headers });
    } finally {
      flying--;
    }
  };
  const rest = {
    clock,
    fetch: patient,
    onEvent: (event: AuthEvent): unknown => events.push(event),
    policy: { renewWhenIdle: false },
  };
  const made = (options: AuthOptions): Auth => {
    const auth = createAuth(options);
    onTestFinished(() => auth[Symbol.asyncDispose]());
    return auth;
  };
  const { url } = server;
  return {
    clock,
    server,
    events,
    told: () => events.map(({ type }) => type),
    auth: (more) =>
      made({
        grant: userAccount({ url }),
        credentials: credential(user.username, user.password),
        ...rest,
        ...more,
      }),
    asService: (more) =>
      made({
        grant: serviceAccount({ url, become: "operator" }),
        credentials: clientSecret(service.id, service.secret),
        ...rest,
        ...more,
      }),
    api: (auth, path = "/api/user") => createFetch(auth, { origins: [new URL(url).origin] })(url + path),
    until: (work) => clock.until(work, { paused: () => flying > 0 }),
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

/** The forms that the token endpoint got. */
export function forms({ received }: Server): Record<string, string>[] {
  return received
    .filter(({ path }) => path === "/auth/token")
    .map(({ body }) => Object.fromEntries(new URLSearchParams(body)));
}

/** The `Authorization` of each request to the API. */
export function shown({ received }: Server): (string | undefined)[] {
  return received.filter(({ path }) => path.startsWith("/api")).map(({ headers }) => headers.authorization);
}
