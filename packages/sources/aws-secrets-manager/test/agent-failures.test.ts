import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { fakeClock } from "@auth/testkit";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { FromLocalAgentOptions } from "../src/local-agent.ts";
import { type AgentAnswer, again, localAgent, refusal, useAgent } from "./support/local-agent.ts";
import { failing, secretOf, unhurried } from "./support/outcome.ts";

const { agent, token, from } = useAgent();
const secret = "team/app";
const folder = mkdtempSync(join(tmpdir(), "auth-agent-"));
const tokenFile = join(folder, "token");
beforeAll(() => agent().store("CreateSecret", { Name: secret, SecretString: "text" }));
afterAll(() => rmSync(folder, { recursive: true }));

describe("its token", () => {
  const read = async (options: Partial<FromLocalAgentOptions>): Promise<unknown> => {
    await using provider = from({ secretId: secret, ...options });
    const outcome = await failing(provider);
    token.check(outcome, provider);
    return outcome;
  };
  beforeAll(() => {
    writeFileSync(tokenFile, `${token.value}\n`);
  });
  const wrong = { AWS_SESSION_TOKEN: "another" };

  test.each<[what: string, options: () => Partial<FromLocalAgentOptions>]>([
    ["a file", () => ({ tokenFile, env: { AWS_TOKEN: "another", ...wrong } })],
    ["the URL of a file", () => ({ tokenFile: pathToFileURL(tokenFile), env: wrong })],
    ["AWS_TOKEN", () => ({ env: { AWS_TOKEN: token.value, ...wrong } })],
    ["AWS_TOKEN that names a file", () => ({ env: { AWS_TOKEN: `file://${tokenFile}`, ...wrong } })],
    ["AWS_SESSION_TOKEN, as in Lambda", () => ({ env: { AWS_TOKEN: " ", AWS_SESSION_TOKEN: token.value } })],
  ])("%s", async (_, options) => {
    expect(await read(options())).toBe("no error");
  });

  test("none: there is no agent here, and a chain goes on", async () => {
    const none = { code: "ERR_AUTH_UNAVAILABLE", reason: "no-agent-token" };
    expect(await read({ tokenFile: join(folder, "nowhere") })).toMatchObject(none);
    expect(await read({ env: { AWS_TOKEN: `file://${folder}/nowhere` } })).toMatchObject(none);
  });

  test.runIf(process.platform !== "win32")("one that this user may not read", async () => {
    const path = join(folder, "denied");
    writeFileSync(path, token.value);
    chmodSync(path, 0);
    const root = process.geteuid?.() === 0;
    if (root) process.seteuid?.(65_534);
    try {
      expect(await read({ tokenFile: path })).toMatchObject({
        code: "ERR_AUTH_DENIED",
        reason: "unreadable",
      });
    } finally {
      if (root) process.seteuid?.(0);
    }
  });

  test("SEC-10 one that is no single line, or no file", async () => {
    const bad = { code: "ERR_AUTH_INVALID", reason: "secret-format" };
    const path = join(folder, "bad");
    writeFileSync(path, `${token.value}\r\nx-evil: 1\n`);
    expect(await read({ tokenFile: path })).toMatchObject(bad);
    expect(await read({ tokenFile: folder })).toMatchObject(bad);
    expect(await read({ env: { AWS_TOKEN: `${token.value}é` } })).toMatchObject(bad);
  });

  test("a wrong one is refused, and looked up again at the next read past the cache", async () => {
    writeFileSync(tokenFile, "old");
    await using provider = from({ secretId: secret, tokenFile });
    const refused = { code: "ERR_AUTH_DENIED", reason: "agent-token-rejected" };
    expect(await failing(provider)).toMatchObject(refused);
    writeFileSync(tokenFile, `${token.value}\n`);
    expect(secretOf(await provider.get({ forceRefresh: true }))).toBe("text");
  });
});

describe("what it refuses and how it fails", () => {
  const read = async (options: Partial<FromLocalAgentOptions> = {}): Promise<unknown> => {
    const clock = fakeClock();
    await using provider = from({ secretId: secret, clock, ...options });
    return await unhurried(clock, failing(provider));
  };

  test.each<[what: string, answer: AgentAnswer, code: string, reason: string, requests: number]>([
    [
      "the extension is starting",
      { status: 400, body: "not ready to serve traffic, please wait" },
      "UNREACHABLE",
      "agent-not-ready",
      3,
    ],
    [
      "the agent is starting",
      { status: 503, body: "Serving not enabled." },
      "UNREACHABLE",
      "agent-not-ready",
      3,
    ],
    [
      "too many connections",
      { status: 429, body: "Connection limit exceeded" },
      "UNREACHABLE",
      "rate-limited",
      3,
    ],
    ["it failed", { status: 500, body: '{"__type":"InternalFailure"}' }, "UNREACHABLE", "server-error", 3],
    [
      "it did not reach AWS",
      { status: 504, body: '{"__type":"TimeoutError", "message":"Timeout"}' },
      "UNREACHABLE",
      "timeout",
      3,
    ],
    ["AWS throttles", refusal("ThrottlingException"), "UNREACHABLE", "rate-limited", 3],
    ["AWS denies", refusal("AccessDeniedException"), "DENIED", "permission-denied", 1],
    [
      "its own login to AWS is over",
      refusal("ExpiredTokenException"),
      "INTERACTION_REQUIRED",
      "login-needed",
      1,
    ],
    ["another program listens there", { status: 404, body: "Not found" }, "INVALID", "malformed-response", 1],
    ["SEC-23 a redirect", { status: 307, body: "" }, "INVALID", "redirect", 1],
    ["SEC-30 no JSON", { status: 200, body: "<html>" }, "INVALID", "malformed-response", 1],
    [
      "SEC-13 a key that stands twice",
      { status: 200, body: '{"SecretString":"a","SecretString":"b"}' },
      "INVALID",
      "malformed-response",
      1,
    ],
    ["no value", { status: 200, body: "{}" }, "INVALID", "malformed-response", 1],
    [
      "a value of another type",
      { status: 200, body: '{"SecretString":1}' },
      "INVALID",
      "malformed-response",
      1,
    ],
    [
      "bytes that are no base64",
      { status: 200, body: '{"SecretBinary":"*"}' },
      "INVALID",
      "malformed-response",
      1,
    ],
    [
      "SEC-29 an answer without end",
      { status: 200, body: Buffer.alloc(2 ** 21, 0x20) },
      "INVALID",
      "response-too-large",
      1,
    ],
  ])("%s", async (_, fault, code, reason, requests) => {
    agent().fault(...again(fault));
    expect(await read()).toMatchObject({ code: `ERR_AUTH_${code}`, reason });
    expect(agent().seen).toHaveLength(requests);
  });

  test("nobody listens", async () => {
    const gone = await localAgent("x");
    await gone[Symbol.asyncDispose]();
    expect(await read({ port: gone.port })).toMatchObject({
      code: "ERR_AUTH_UNREACHABLE",
      reason: "network",
    });
  });

  test("the port comes from the environment, and must be one", async () => {
    const env = { AWS_TOKEN: token.value, PARAMETERS_SECRETS_EXTENSION_HTTP_PORT: `${agent().port}` };
    expect(await read({ port: undefined, env })).toBe("no error");
    env.PARAMETERS_SECRETS_EXTENSION_HTTP_PORT = "many";
    expect(await read({ port: undefined, env })).toMatchObject({
      code: "ERR_AUTH_INVALID",
      reason: "not-a-port",
    });
  });

  test.each([{ port: 0 }, { port: 1.5 }, { tokenFile: "" }, { attempts: 4 }, { secretId: "" }])(
    "%o is a mistake in the code",
    (options) => {
      expect(() => from({ secretId: secret, ...options })).toThrow(
        new RegExp(`^fromLocalAgent: .*\`${Object.keys(options)[0]}\``),
      );
    },
  );
});
