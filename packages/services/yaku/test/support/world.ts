import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  type Auth,
  type AuthEvent,
  type AuthOptions,
  createAuth,
  type InteractionStep,
  isAuthError,
  type TokenStore,
} from "@auth/core";
import { createFetch } from "@auth/fetch";
import { fakeClock } from "@auth/testkit";
import { onTestFinished } from "vitest";
import { applicationTokens, deviceLogin, yakurc } from "../../src/index.ts";
import { identityProvider } from "./identity-provider.ts";
import { yakuServer } from "./yaku-server.ts";

export type DeviceStep = Extract<InteractionStep, { type: "device-code" }>;

/** An environment, as Yaku's command line writes it. */
export interface Environment {
  readonly name: string;
  readonly url: string;
  readonly [field: string]: unknown;
}

/** Both servers, a folder with a `.yakurc`, and a clock on which time passes while a program waits and stands still while it works. */
export async function world(options: { accessTtl?: number } = {}) {
  const clock = fakeClock({ random: 0 });
  clock.setWall(Math.floor(Date.now() / 1_000) * 1_000);
  const began = clock.monotonic();
  const idp = await identityProvider(options);
  const yaku = await yakuServer(idp);
  const folder = mkdtempSync(join(tmpdir(), "yakurc-"));
  onTestFinished(async () => {
    await yaku[Symbol.asyncDispose]();
    await idp[Symbol.asyncDispose]();
    rmSync(folder, { recursive: true, force: true });
  });
  const path = join(folder, ".yakurc");
  const url = `${yaku.origin}/api/v1`;
  const events: AuthEvent[] = [];
  const steps: DeviceStep[] = [];
  /** Seconds from the start to each request, by its path. */
  const times: [path: string, seconds: number][] = [];
  let underWay = 0;
  async function busy<T>(work: () => Promise<T>): Promise<T> {
    underWay++;
    try {
      return await work();
    } finally {
      underWay--;
    }
  }

  const watched: typeof fetch = (input, init) => {
    times.push([
      new URL(input instanceof Request ? input.url : input).pathname,
      (clock.monotonic() - began) / 1_000,
    ]);
    return busy(async () => {
      const response = await fetch(input, init);
      return new Response(response.status === 204 ? null : await response.arrayBuffer(), response);
    });
  };
  const store = (): TokenStore => {
    const file = yakurc({ url, path });
    return {
      ...file,
      name: file.name,
      read: (key) => busy(() => file.read(key)),
      write: (key, value, expected) => busy(() => file.write(key, value, expected)),
      prepare: (key) => busy(() => file.prepare(key)),
    };
  };
  const common = { clock, fetch: watched, onEvent: (event: AuthEvent): unknown => events.push(event) };
  const person = (more: Partial<AuthOptions> = {}): Auth =>
    createAuth({ grant: deviceLogin({ url }), store: store(), name: "default", ...common, ...more });

  return {
    clock,
    idp,
    yaku,
    path,
    url,
    events,
    steps,
    times,
    common,
    store,
    person,
    /** Waits for `work` while time passes. */
    drive: <T>(work: Promise<T>): Promise<T> => clock.until(work, { paused: () => underWay > 0 }),
    /** The person who is shown a code, and what comes of it. */
    typing:
      (decision: "approve" | "decline" | "nothing" = "approve") =>
      async (step: InteractionStep): Promise<void> => {
        if (step.type !== "device-code") return;
        steps.push(step);
        if (decision !== "nothing") await busy(() => idp.enter(step.userCode, decision));
      },
    tokens: (auth: Auth) => applicationTokens(auth, { url, clock, fetch: watched }),
    api: (auth: Auth, place = "/namespaces"): Promise<Response> =>
      createFetch(auth, { origins: [yaku.origin] })(`${url}${place}`),
    file: (): Environment[] => JSON.parse(readFileSync(path, "utf8")) as Environment[],
    exists: () => existsSync(path),
    mode: () => statSync(path).mode & 0o777,
    put: (content: unknown, mode = 0o600) =>
      writeFileSync(path, typeof content === "string" ? content : JSON.stringify(content, null, 2), { mode }),
  };
}

export type World = Awaited<ReturnType<typeof world>>;

/** `GRANT/credential-rejected` of what a promise is rejected with. */
export async function failure(work: Promise<unknown>): Promise<string> {
  const error = await thrown(work);
  return isAuthError(error) ? `${error.code.replace("ERR_AUTH_", "")}/${error.reason}` : String(error);
}

export const thrown = (work: Promise<unknown>): Promise<unknown> =>
  work.then(
    () => "no failure",
    (error: unknown) => error,
  );

/** A login that is over, and where it stands in the file. */
export async function loggedIn(at: World, scopes?: readonly string[]): Promise<Auth> {
  const auth = at.person();
  await at.drive(auth.login({ interaction: at.typing(), ...(scopes && { scopes }) }));
  at.idp.received.length = at.yaku.received.length = at.times.length = at.steps.length = 0;
  return auth;
}
