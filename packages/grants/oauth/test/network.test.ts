import { spawn } from "node:child_process";
import { once } from "node:events";
import { createServer as createTlsServer } from "node:https";
import { type AddressInfo, createServer, type Server, type Socket } from "node:net";
import { text } from "node:stream/consumers";
import { type AuthError, Secret } from "@auth/core";
import { describe, expect, test, vi } from "vitest";
import { clientCredentials } from "../src/index.ts";
import { failure, hastyClock, testContext } from "./context.ts";
import { scriptedServer } from "./scripted-server.ts";
import { selfSigned } from "./self-signed.ts";

const credential = { type: "client-secret", clientId: "app", clientSecret: new Secret("s") } as const;

async function reach(tokenEndpoint: string): Promise<AuthError> {
  const grant = clientCredentials({ issuer: "https://idp.example", tokenEndpoint, timeoutMs: 60_000 });
  return (await failure(grant.exchange(credential, testContext({ clock: hastyClock() })))) as AuthError;
}

async function listening(server: Server): Promise<number> {
  await once(server.listen(0, "127.0.0.1"), "listening");
  return (server.address() as AddressInfo).port;
}

async function closed(server: Server): Promise<void> {
  await new Promise((resolve) => server.close(resolve));
}

describe("a network failure names its cause", () => {
  const unreachable = { code: "ERR_AUTH_UNREACHABLE", reason: "network", retryable: true };

  test("nobody listens", async () => {
    const server = createServer();
    const port = await listening(server);
    await closed(server);
    const error = await reach(`http://127.0.0.1:${port}/token`);
    expect(error).toMatchObject({ ...unreachable, cause: { code: "ECONNREFUSED" } });
    expect(error.message).toContain("cannot be reached (ECONNREFUSED).");
  });

  test("nobody has that name", async () => {
    const error = await reach("https://idp.invalid/token");
    expect(error).toMatchObject(unreachable);
    expect(error.message).toMatch(/cannot be reached \((?:ENOTFOUND|EAI_AGAIN)\)\./);
    expect((error.cause as { code: string }).code).toMatch(/^(?:ENOTFOUND|EAI_AGAIN)$/);
  });

  test("a certificate that nobody vouches for", async () => {
    const server = createTlsServer(selfSigned());
    const port = await listening(server);
    const error = await reach(`https://127.0.0.1:${port}/token`);
    await closed(server);
    expect(error).toMatchObject({ ...unreachable, cause: { code: "DEPTH_ZERO_SELF_SIGNED_CERT" } });
    expect(error.message).toContain(
      "(DEPTH_ZERO_SELF_SIGNED_CERT; if your company signs its own certificates, set NODE_EXTRA_CA_CERTS).",
    );
  });

  test("a port that speaks no TLS", async () => {
    let connections = 0;
    const server = createServer((socket: Socket) => {
      connections++;
      socket.on("error", () => {}).once("data", () => socket.end("HTTP/1.1 400 Bad Request\r\n\r\n"));
    });
    const port = await listening(server);
    const error = await reach(`https://127.0.0.1:${port}/token`);
    await closed(server);
    expect(error).toMatchObject(unreachable);
    expect(error.message).toMatch(/cannot be reached \([A-Z_]+: that port speaks no TLS\)/);
    expect(connections).toBe(3); // not processed, so it may be tried again
  });

  test("a connection that broke says which code, too", async () => {
    await using server = await scriptedServer((response) => void response.socket?.resetAndDestroy());
    expect((await reach(server.tokenEndpoint)).message).toContain(
      "broke the connection before it had answered (ECONNRESET).",
    );
  });

  test("a proxy of the environment that this runtime ignores", async () => {
    vi.stubEnv("HTTPS_PROXY", "http://proxy.invalid:3128");
    vi.stubEnv("https_proxy", undefined);
    vi.stubEnv("NO_PROXY", undefined);
    vi.stubEnv("no_proxy", undefined);
    vi.stubEnv("NODE_USE_ENV_PROXY", undefined);
    const error = await reach("https://idp.invalid/token");
    vi.unstubAllEnvs();
    expect(error.message).toMatch(/; HTTPS_PROXY is set, and Node ignores it/);
    expect(error.message).not.toContain("proxy.invalid");
  });
});

describe("a proxy that refuses is named as what it is", () => {
  const proxy = (status: string) =>
    createServer((socket: Socket) => {
      socket
        .on("error", () => {})
        .once("data", () => socket.end(`HTTP/1.1 ${status}\r\ncontent-length: 0\r\n\r\n`));
    });

  test.each<[string, number, string, boolean]>([
    ["407 Proxy Authentication Required", 407, "the proxy wants to know who asks", false],
    ["403 Forbidden", 403, "the proxy lets nothing through", true],
  ])("%s in front of an https server", async (status, code, says, again) => {
    const server = proxy(status);
    let tunnels = 0;
    server.on("connection", () => tunnels++);
    const port = await listening(server);
    const child = spawn(
      process.execPath,
      ["--conditions=src", new URL("children/behind-proxy.ts", import.meta.url).pathname],
      {
        env: { PATH: process.env["PATH"], NODE_USE_ENV_PROXY: "1", HTTPS_PROXY: `http://127.0.0.1:${port}` },
        stdio: ["ignore", "pipe", "inherit"],
      },
    );
    const said = JSON.parse(await text(child.stdout)) as Record<string, unknown>;
    await closed(server);
    expect(said).toMatchObject({ code: "ERR_AUTH_UNREACHABLE", reason: "network", status: code });
    expect(said["message"]).toContain(`cannot be reached (${code} from the proxy): ${says}`);
    expect(tunnels > 1).toBe(again);
  });

  test("407 in a server's place", async () => {
    await using server = await scriptedServer((response) => response.writeHead(407).end());
    const error = await reach(server.tokenEndpoint);
    expect(error).toMatchObject({ code: "ERR_AUTH_UNREACHABLE", reason: "network" });
    expect(error.message).toMatch(/prox.* wants to know who asks/);
    expect(error.message).not.toContain("broke the connection before");
  });
});
