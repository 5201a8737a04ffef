import { spawn } from "node:child_process";
import { PassThrough } from "node:stream";
import { type Credential, chain, explain, fixed, Secret } from "@auth/core";
import { canary } from "@auth/testkit";
import { describe, expect, test, vi } from "vitest";
import { fromPrompt } from "../src/index.ts";
import { ask, nodeArguments } from "./drive.ts";

const unavailable = "<ERR_AUTH_UNAVAILABLE no-terminal>\n";

/** Runs the program without a terminal; what it prints, and how it ended. */
function run(
  stdin: "ignore" | "pipe",
  { input, detached = false }: { input?: string; detached?: boolean } = {},
): Promise<{ code: number | null; stdout: string; stderr: string }> {
  const child = spawn(process.execPath, [...nodeArguments, "{}"], {
    stdio: [stdin, "pipe", "pipe"],
    detached,
  });
  const seen = { stdout: "", stderr: "" };
  child.stdout?.setEncoding("utf8").on("data", (text: string) => {
    seen.stdout += text;
  });
  child.stderr?.setEncoding("utf8").on("data", (text: string) => {
    seen.stderr += text;
  });
  // Without input the pipe stays open: a program that reads it waits for ever.
  if (input !== undefined) child.stdin?.end(input);
  return new Promise((resolve) => {
    child.on("close", (code) => {
      child.stdin?.destroy();
      resolve({ code, ...seen });
    });
  });
}

describe("SEC-96 without a terminal it fails at once, and reads nothing", { timeout: 30_000 }, () => {
  const secret = canary("piped");
  test("standard input is the null device", async () => {
    expect(await run("ignore")).toEqual({ code: 0, stdout: unavailable, stderr: "" });
  });

  test("standard input is a pipe that nobody writes to", async () => {
    expect(await run("pipe")).toEqual({ code: 0, stdout: unavailable, stderr: "" });
  });

  test("standard input is a pipe with answers", async () => {
    const seen = await run("pipe", { input: `alice\n${secret.value}\n` });
    expect(seen).toEqual({ code: 0, stdout: unavailable, stderr: "" });
  });

  test("a session of its own, without a controlling terminal", async () => {
    expect(await run("ignore", { detached: true })).toEqual({ code: 0, stdout: unavailable, stderr: "" });
  });

  test.each(["true", "1", "woodpecker"])("in a terminal with CI=%s", async (CI) => {
    const { screen } = await ask({}, [], { CI });
    expect(screen.replaceAll("\r", "")).toBe(unavailable);
  });

  test.each(["", "0", "false"])("CI=%j is no CI", async (CI) => {
    const { screen } = await ask({ type: "api-key", secret: "k" }, [["API key", "k\r"]], { CI });
    expect(screen).toContain("<api-key - as typed>");
  });
});

describe("what the error says", () => {
  const stream = (isTTY: boolean) => Object.assign(new PassThrough(), { isTTY });
  const message = async (input: boolean, output: boolean): Promise<unknown> => {
    const provider = fromPrompt({ input: stream(input), output: stream(output) });
    return provider.get().catch((error: unknown) => (error instanceof Error ? error.message : error));
  };

  test("names the stream, or CI", async () => {
    vi.stubEnv("CI", "");
    expect(await message(false, true)).toContain("the input is not a terminal");
    expect(await message(true, false)).toContain("the output (standard error) is not a terminal");
    vi.stubEnv("CI", "true");
    expect(await message(true, true)).toContain("the environment variable CI is set");
    vi.unstubAllEnvs();
  });

  test("explain knows it without asking", async () => {
    vi.stubEnv("CI", "");
    const without = fromPrompt({ input: stream(false), output: stream(true) });
    expect(await explain(without)).toMatchObject({ outcome: "ERR_AUTH_UNAVAILABLE", reason: "no-terminal" });
    const within = fromPrompt({ input: stream(true), output: stream(true) });
    expect(await explain(within)).toMatchObject({ outcome: "not-asked", reason: "interactive" });
    vi.unstubAllEnvs();
  });

  test("a chain goes on", async () => {
    const next = fixed<Credential>({ type: "api-key", key: new Secret("k") });
    const credentials = chain(fromPrompt({ input: stream(false), output: stream(true) }), next);
    expect(await credentials.get()).toMatchObject({ type: "api-key" });
  });
});
