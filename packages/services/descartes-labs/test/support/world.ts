import { createHash } from "node:crypto";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { type Auth, type AuthEvent, isAuthError } from "@auth/core";
import { type FakeClock, fakeClock } from "@auth/testkit";
import { onTestFinished } from "vitest";
import { fromEnvironmentOrTokenJson, type LoginWarning, type TokenJsonOptions } from "../../src/index.ts";
import { cid, type IamServer, iamServer, sec } from "./iam-server.ts";
import { jwt } from "./jwt.ts";

export interface World {
  readonly clock: FakeClock;
  readonly server: IamServer;
  readonly home: string;
  readonly events: AuthEvent[];
  readonly warnings: LoginWarning[];
  readonly env: Record<string, string>;
  /** A JWT for `cid` that expires in so many seconds. */
  readonly token: (leftS: number, claims?: Readonly<Record<string, unknown>>) => string;
  /** A new instance, with an environment of its own and this home. */
  readonly open: (options?: TokenJsonOptions) => Auth;
  /** Writes a file below the home directory, as the original does. */
  readonly put: (path: string, content: unknown) => string;
  readonly read: (path: string) => unknown;
  /** All that lies in a folder of the home directory. */
  readonly list: (folder: string) => string[];
  /** How often the server was asked. */
  readonly asked: () => number;
}

export const pair = { clientId: cid, clientSecret: sec } as const;
export const infoPath = ".descarteslabs/token_info.json";
export const cachePath = ".descarteslabs/jwt_token_920a25ef686c4f7ca6ad23dd109d3ad653161832.json";
export const info = { client_id: cid, client_secret: sec, refresh_token: sec } as const;

export function sha1(text: string): string {
  return createHash("sha1").update(text).digest("hex");
}

/** The files for the original, and without our notes of whose they are. */
export const shared = (names: readonly string[]): string[] =>
  names.filter((name) => !name.endsWith(".whose"));

/** A home directory of its own, a server and a clock that stands still. */
export async function world({ clock = fakeClock() }: { clock?: FakeClock } = {}): Promise<World> {
  const server = await iamServer(() => clock.now());
  const home = mkdtempSync(join(tmpdir(), "auth-descartes-"));
  const before = process.env["HOME"];
  process.env["HOME"] = home;
  onTestFinished(async () => {
    process.env["HOME"] = before;
    rmSync(home, { recursive: true });
    await server[Symbol.asyncDispose]();
  });
  const events: AuthEvent[] = [];
  const warnings: LoginWarning[] = [];
  const env: Record<string, string> = {};
  return {
    clock,
    server,
    home,
    events,
    warnings,
    env,
    token: (leftS, claims) =>
      jwt({ iss: server.url, sub: "some|user", aud: cid, exp: clock.now() / 1_000 + leftS, ...claims }),
    open: (options) =>
      fromEnvironmentOrTokenJson({
        domain: server.url,
        env,
        clock,
        onEvent: (event) => events.push(event),
        onWarning: (warning) => warnings.push(warning),
        attempts: { notProcessed: 1, unknownOutcome: 1 },
        ...options,
      }),
    put(path, content) {
      const file = join(home, path);
      mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
      writeFileSync(file, typeof content === "string" ? content : JSON.stringify(content), { mode: 0o600 });
      return file;
    },
    read: (path) => JSON.parse(readFileSync(join(home, path), "utf8")),
    list: (folder) => (existsSync(join(home, folder)) ? readdirSync(join(home, folder)).sort() : []),
    asked: () => server.received.length,
  };
}

/** `GRANT/credential-rejected` of what a promise is rejected with. */
export async function failure(work: Promise<unknown>): Promise<string> {
  const error = await thrownBy(work);
  return isAuthError(error) ? `${error.code.replace("ERR_AUTH_", "")}/${error.reason}` : String(error);
}

export async function thrownBy(work: Promise<unknown>): Promise<unknown> {
  return work.then(
    () => "no failure",
    (thrown: unknown) => thrown,
  );
}
