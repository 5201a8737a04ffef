import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { type TokenServer, tokenServer } from "@auth/testkit";
import { describe, expect, onTestFinished, test } from "vitest";
import { authOf, type SharedLogin, seed } from "./support/shared-login.ts";
import { failing, posix, temporary } from "./support/temporary.ts";

const { at } = temporary();
const script = fileURLToPath(new URL("children/get-token.ts", import.meta.url));

interface Holder {
  readonly process: ChildProcessWithoutNullStreams;
  say(line: string): void;
  heard(): Promise<string>;
}

interface World {
  readonly server: TokenServer;
  readonly login: SharedLogin;
  /** Another process, which has the lock and is about to send. */
  readonly holder: Holder;
}

async function world(kind: SharedLogin["kind"]): Promise<World> {
  const server = await tokenServer();
  onTestFinished(() => server.close());
  server.clients.set("test", "");
  const login: SharedLogin = { kind, folder: at(kind), tokenEndpoint: server.tokenEndpoint };
  await seed(login, server.seedRefreshToken({ clientId: "test" }));
  const args = ["--conditions=src", "--no-warnings", script, JSON.stringify(login)];
  const running = spawn(process.execPath, args);
  onTestFinished(() => void running.kill("SIGKILL"));
  const lines = createInterface({ input: running.stdout })[Symbol.asyncIterator]();
  const holder: Holder = {
    process: running,
    say: (line) => void running.stdin.write(`${line}\n`),
    heard: async () => String((await lines.next()).value),
  };
  holder.say("get");
  expect(await holder.heard()).toBe("prepared");
  return { server, login, holder };
}

/** The holder sends, and the server does with it as the fault says. */
async function sending({ server, holder }: World, fault: "hang" | "hold"): Promise<void> {
  await server.fault(fault, { times: 1 });
  holder.say("go on");
  await server.arrived(1);
}

/** What we get; and whether the login is still good, which the server ends if an old refresh token is sent. */
async function ours({ login, server }: World): Promise<string> {
  const token = (await authOf(login).getToken()).reveal();
  const { status } = await fetch(server.resource, { headers: { authorization: `Bearer ${token}` } });
  expect(status).toBe(200);
  return token;
}

async function dies({ holder }: World): Promise<void> {
  holder.process.kill("SIGKILL");
  await once(holder.process, "exit");
}

/** Longer than any time after which a silent holder elsewhere would lose the lock. */
const impatient = ({ login }: World): Promise<unknown> =>
  failing(authOf({ ...login, lockWaitMs: 1_500 }).getToken());

describe.skipIf(!posix).each(["tokenFile", "locked"] as const)(
  "SEC-78 %s: the holder of the lock",
  (kind) => {
    test("has died before it sent: it is followed, and one request is sent", async () => {
      const here = await world(kind);
      await dies(here);
      await ours(here);
      expect(here.server.counts.tokenRequests).toBe(1);
    });

    test("has died after it sent: it is followed when that has settled", async () => {
      const here = await world(kind);
      await sending(here, "hang");
      await dies(here);
      await ours(here);
      expect(here.server.counts.tokenRequests).toBe(2);
    });

    test("was stopped before it sent: it is followed, and does not send when it wakes up", async () => {
      const here = await world(kind);
      const { holder, server } = here;
      holder.process.kill("SIGSTOP");
      const token = await ours(here);
      holder.process.kill("SIGCONT");
      holder.say("go on");
      expect(await holder.heard()).toBe(token);
      expect(server.counts.tokenRequests).toBe(1);
    });

    test("SEC-79 was stopped after it sent: it is waited for and named, and its answer is ours", async () => {
      const here = await world(kind);
      const { holder, server } = here;
      await sending(here, "hold");
      holder.process.kill("SIGSTOP");
      expect(await impatient(here)).toMatchObject({
        code: "ERR_AUTH_UNREACHABLE",
        reason: "lock-timeout",
        message: expect.stringContaining(`process ${holder.process.pid} on `),
      });
      await server.fault(undefined);
      holder.process.kill("SIGCONT");
      const token = await holder.heard();
      expect(await ours(here)).toBe(token);
      expect(server.counts.tokenRequests).toBe(1);
    });

    test("is slow, and lives: it is waited for, and its answer is everybody's", async () => {
      const here = await world(kind);
      const { holder, server } = here;
      await sending(here, "hold");
      expect(await impatient(here)).toMatchObject({ reason: "lock-timeout" });
      const waiting = ours(here);
      await server.fault(undefined);
      expect(await waiting).toBe(await holder.heard());
      expect(server.counts.tokenRequests).toBe(1);
    });
  },
);
