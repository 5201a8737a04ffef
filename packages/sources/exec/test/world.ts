import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type Server, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { isAuthError, type Provider } from "@auth/core";
import { afterAll } from "vitest";
import type { CommandFormat } from "../src/index.ts";
import type { Plan } from "./programs/helper.ts";

export type { Plan } from "./programs/helper.ts";

/** A folder with the plans of helpers, and a place where they meet. */
export function world() {
  const folder = mkdtempSync(join(tmpdir(), "auth-exec-"));
  afterAll(() => rmSync(folder, { recursive: true }));
  const at = (name: string): string => join(folder, name);
  const program = fileURLToPath(new URL("programs/helper.ts", import.meta.url));

  /** Writes what a helper will do; gives the command that runs it. */
  function plan(doing: Plan, name = "plan"): string[] {
    writeFileSync(at(name), JSON.stringify(doing));
    return [process.execPath, "--no-warnings", program, at(name)];
  }
  const log = at("log");
  return {
    at,
    plan,
    /** A plan that is counted. */
    counted: (doing: Plan): string[] => {
      writeFileSync(log, "");
      return plan({ ...doing, log });
    },
    runs: (): number => readFileSync(log, "utf8").split("\n").length - 1,
  };
}

/** A helper that has come: it waits until it is released, and hangs up when it ends. */
export interface Guest {
  readonly release: () => void;
  readonly gone: Promise<unknown>;
}

/** Where helpers report and wait: whoever is killed is heard to hang up. */
export interface Meeting extends AsyncDisposable {
  readonly port: number;
  /** The next helper that comes: resolves when it is there. */
  readonly guest: () => Promise<Guest>;
}

export async function meeting(): Promise<Meeting> {
  const waiting: ((socket: Socket) => void)[] = [];
  const come: Socket[] = [];
  const server: Server = createServer((socket) => {
    socket.on("error", () => {}); // a killed process resets it
    const next = waiting.shift();
    if (next) next(socket);
    else come.push(socket);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  server.unref();
  return {
    port: (server.address() as { port: number }).port,
    guest: async () => {
      const here = come.shift();
      const socket = here ?? (await new Promise<Socket>((resolve) => waiting.push(resolve)));
      const gone = new Promise((resolve) => socket.on("close", resolve));
      await new Promise((resolve) => socket.once("data", resolve));
      return { release: () => void socket.write("go\n"), gone };
    },
    async [Symbol.asyncDispose]() {
      for (const socket of come) socket.destroy();
      server.close();
    },
  };
}

/** What a command printed, as it is. */
export const raw: CommandFormat<
  { readonly text: string; readonly exitCode: number },
  { stdin?: string } | undefined
> = {
  name: "raw",
  ask: (request) => request ?? {},
  read: ({ exitCode, stdout }) => Object.freeze({ text: Buffer.from(stdout).toString(), exitCode }),
};

/** What a read fails with, in the parts that tests look at. */
export async function failing(work: Promise<unknown>): Promise<unknown> {
  try {
    await work;
  } catch (error) {
    return isAuthError(error) ? `${error.code}/${error.reason}` : error;
  }
  return "no error";
}

/** The secret of an access token, API key, client or password. */
export async function secretOf(provider: Provider): Promise<string> {
  const found = await provider.get();
  if (found.type === "access-token") return found.token.reveal();
  if (found.type === "api-key") return found.key.reveal();
  if (found.type === "password") return found.password.reveal();
  if (found.type === "client-secret") return found.clientSecret.reveal();
  if (found.type === "refresh-token") return found.refreshToken.reveal();
  throw new Error(`no test for ${found.type}`);
}
