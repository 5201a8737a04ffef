import { once } from "node:events";
import { type AddressInfo, createServer, type Server, type Socket } from "node:net";
import { createServer as createTlsServer } from "node:tls";
import { fakeClock } from "@auth/testkit";
import { afterEach, describe, expect, test, vi } from "vitest";
import { fromAwsSecretsManager } from "../src/index.ts";
import { fromLocalAgent } from "../src/local-agent.ts";
import { failing, unhurried } from "./support/outcome.ts";
import { selfSigned } from "./support/self-signed.ts";

afterEach(() => void vi.unstubAllEnvs());

/** What a read comes to where the store should be at `endpoint`. */
async function read(endpoint: string, environment: Record<string, string> = {}) {
  const env = {
    AWS_ACCESS_KEY_ID: "a",
    AWS_SECRET_ACCESS_KEY: "b",
    AWS_ENDPOINT_URL: endpoint,
    ...environment,
  };
  for (const name of ["HTTPS_PROXY", "https_proxy"]) vi.stubEnv(name, undefined);
  for (const [name, value] of Object.entries(env)) vi.stubEnv(name, value);
  const clock = fakeClock();
  await using provider = fromAwsSecretsManager({ secretId: "app", region: "eu-west-1", clock });
  const thrown: Promise<unknown> = provider.get().catch((error: unknown) => error);
  return (await unhurried(clock, thrown)) as Error & { cause: { code: string } };
}

async function listening(server: Server): Promise<number> {
  await once(server.listen(0, "127.0.0.1"), "listening");
  return (server.address() as AddressInfo).port;
}

async function closedPort(): Promise<number> {
  const server = createServer();
  const port = await listening(server);
  await new Promise((resolve) => server.close(resolve));
  return port;
}

describe("a network failure names its cause", () => {
  const unreachable = { code: "ERR_AUTH_UNREACHABLE", reason: "network" };

  test("nobody listens", async () => {
    const error = await read(`http://127.0.0.1:${await closedPort()}`);
    expect(error).toMatchObject({ ...unreachable, cause: { code: "ECONNREFUSED" } });
    expect(error.message).toContain("cannot be reached (ECONNREFUSED). Check the network");
  });

  test("nobody has that name", async () => {
    const error = await read("https://secretsmanager.invalid");
    expect(error).toMatchObject(unreachable);
    expect(error.message).toMatch(/cannot be reached \((?:ENOTFOUND|EAI_AGAIN)\)\./);
  });

  test("a certificate that nobody vouches for", async () => {
    const server = createTlsServer(selfSigned()).on("tlsClientError", () => {});
    const error = await read(`https://127.0.0.1:${await listening(server)}`);
    await new Promise((resolve) => server.close(resolve));
    expect(error).toMatchObject({ ...unreachable, cause: { code: "DEPTH_ZERO_SELF_SIGNED_CERT" } });
    expect(error.message).toContain("(DEPTH_ZERO_SELF_SIGNED_CERT; if your company signs");
  });

  test("a port that speaks no TLS", async () => {
    const server = createServer((socket: Socket) => {
      socket.on("error", () => {}).once("data", () => socket.end("HTTP/1.1 400 Bad Request\r\n\r\n"));
    });
    const error = await read(`https://127.0.0.1:${await listening(server)}`);
    await new Promise((resolve) => server.close(resolve));
    expect(error).toMatchObject(unreachable);
    expect(error.message).toMatch(/cannot be reached \([A-Z_]+: that port speaks no TLS\)/);
  });

  test("a proxy of the environment, which the SDK does not look at", async () => {
    const proxy = { HTTPS_PROXY: "http://proxy.invalid:3128", NODE_USE_ENV_PROXY: "1" };
    const error = await read("https://secretsmanager.invalid", proxy);
    expect(error.message).toMatch(
      /\((?:ENOTFOUND|EAI_AGAIN); HTTPS_PROXY is set, and the AWS SDK does not look at it: give a `client`/,
    );
    expect(error.message).not.toContain("proxy.invalid");
  });

  test("no agent listens", async () => {
    vi.stubEnv("HTTPS_PROXY", "http://proxy.invalid:3128");
    const clock = fakeClock();
    const env = { AWS_TOKEN: "token" };
    await using provider = fromLocalAgent({ secretId: "app", port: await closedPort(), env, clock });
    const error = (await unhurried(clock, failing(provider))) as Error;
    expect(error).toMatchObject(unreachable);
    expect(error.message).toContain("cannot be reached (ECONNREFUSED). Check");
  });
});

test("whoever comes from JavaScript gets words", () => {
  for (const [factory, make] of Object.entries({ fromAwsSecretsManager, fromLocalAgent })) {
    const call = make as unknown as (options?: unknown) => unknown;
    for (const nothing of [undefined, null, "prod/acme"]) {
      expect(() => call(nothing)).toThrow(TypeError);
      expect(() => call(nothing)).toThrow(`${factory}: give it options, in an object`);
    }
    for (const [options, words] of [
      [{}, /`secretId` is the name or the ARN/],
      [{ secretId: 7 }, /`secretId` is the name or the ARN/],
      [{ secretId: "a", fields: "b" }, /`fields` is an object/],
      [{ secretId: "a", field: 7 }, /`field` is a text/],
      [{ secretId: "a", onWarning: "log" }, /`onWarning` is a function/],
      [{ secretId: "a", ttlMs: "long" }, /`ttlMs` is a time/],
    ] as const)
      expect(() => call(options)).toThrow(words);
  }
  expect(() =>
    (fromLocalAgent as unknown as (o: unknown) => unknown)({ secretId: "a", tokenFile: 7 }),
  ).toThrow(/`tokenFile`/);
});
