import { canary, fakeClock } from "@auth/testkit";
import { expect, onTestFinished, test } from "vitest";
import { type RunProgramOptions, runProgram } from "../src/index.ts";
import { failing, meeting, world } from "./world.ts";

const { plan } = world();

test("an author's source gets a program's exit code, whatever it is, and what it printed", async () => {
  const command = plan({ tells: "stdin", exitCode: 44, stderr: "a warning" });
  const { exitCode, stdout } = await runProgram({ command, stdin: "get" });
  expect({ exitCode, text: Buffer.from(stdout).toString() }).toEqual({ exitCode: 44, text: '"get"' });
});

test("SEC-8 it gets few of our variables", async () => {
  const secret = canary("variable");
  process.env["ACME_RUN_PROGRAM"] = secret.value;
  onTestFinished(() => {
    delete process.env["ACME_RUN_PROGRAM"];
  });
  const { stdout } = await runProgram({ command: plan({ tells: "env" }), env: { ACME_MODE: "read" } });
  secret.check(Buffer.from(stdout).toString());
  expect(JSON.parse(Buffer.from(stdout).toString())).toMatchObject({ ACME_MODE: "read" });
});

test("SEC-108 it is ended after 30 seconds, and named as its author says", async () => {
  const place = await meeting();
  onTestFinished(() => place[Symbol.asyncDispose]());
  const clock = fakeClock();
  const running = runProgram({ command: plan({ port: place.port }), source: "vault prod/acme", clock });
  const failure = failing(running);
  const { gone } = await place.guest();
  await clock.advance(29_999);
  expect(clock.pending).toHaveLength(1);
  await clock.advance(1);
  expect(await failure).toBe("ERR_AUTH_UNREACHABLE/timeout");
  await expect(running).rejects.toThrow(/^vault prod\/acme: did not answer within 30000 ms/);
  await gone;
});

test("SEC-28 an abort ends it, with the signal's own reason", async () => {
  const place = await meeting();
  onTestFinished(() => place[Symbol.asyncDispose]());
  const leaving = new AbortController();
  const reason = new Error("the caller has left");
  const command = plan({ port: place.port });
  const failure = failing(runProgram({ command, signal: leaving.signal }));
  const { gone } = await place.guest();
  leaving.abort(reason);
  expect(await failure).toBe(reason);
  await gone;
  expect(await failing(runProgram({ command, signal: leaving.signal }))).toBe(reason);
});

test.each<[what: string, doing: object, options: Partial<RunProgramOptions>]>([
  ["more than a MiB of output", { stdout: "x".repeat(65_536), times: 17 }, {}],
  ["more than 64 KiB of complaints", { stderr: "x".repeat(4_096), times: 17 }, {}],
  ["more than a limit of one's own", { stdout: "1234567" }, { maxBytes: 6 }],
])("SEC-108 %s ends it", async (_what, doing, options) => {
  expect(await failing(runProgram({ command: plan(doing), ...options }))).toBe(
    "ERR_AUTH_INVALID/helper-failed",
  );
});

test.each([
  [undefined],
  ["ls"],
  [{ command: "ls -l" }],
  [{ command: ["./ls"] }],
  [{ command: ["ls"], stdin: 5 }],
])("%j is refused in words", async (options) => {
  const failure = await runProgram(options as never).catch((error: unknown) => error);
  expect(failure).toBeInstanceOf(TypeError);
  expect((failure as Error).message).toMatch(/^runProgram: /);
});
