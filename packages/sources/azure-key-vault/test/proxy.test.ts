import { execFile } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { type AddressInfo, connect, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { canary } from "@auth/testkit";
import { describe, expect, onTestFinished, test, vi } from "vitest";
import { signIn } from "../src/sign-in.ts";
import { theVault } from "./support/world.ts";

const world = theVault();
const child = fileURLToPath(new URL("children/behind-proxy.ts", import.meta.url));

/** A proxy that opens tunnels to this machine, whatever host is asked for, and remembers all that it can read. */
async function proxy(to: number) {
  const seen: string[] = [];
  const server = createServer((request, response) => {
    seen.push(`${request.method} ${request.url} ${JSON.stringify(request.headers)}`);
    response.end();
  });
  server.on("connect", (request, socket: Socket) => {
    seen.push(`${request.method} ${request.url} ${JSON.stringify(request.headers)}`);
    const on = connect(to, "127.0.0.1", () => socket.write("HTTP/1.1 200 OK\r\n\r\n"));
    for (const each of [on, socket]) each.on("error", () => {});
    socket.on("data", (part) => seen.push(part.toString("latin1")));
    socket.pipe(on).pipe(socket);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => void server.close());
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, seen };
}

/** A proxy that opens no tunnel, and says so like this. */
async function refusingProxy(status: number, body: string) {
  const seen: string[] = [];
  const server = createServer().on("connect", (request, socket: Socket) => {
    seen.push(`${request.url}`);
    const type = body && "Content-Type: text/html\r\n";
    const challenge =
      'WWW-Authenticate: Bearer authorization="https://login.example/t", resource="https://evil.example"\r\n';
    socket.end(
      `HTTP/1.1 ${status} No\r\n${status === 401 ? challenge : ""}${type}Content-Length: ${body.length}\r\n\r\n${body}`,
    );
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => void server.close());
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, seen };
}

async function read(
  at: string,
  trusts: boolean,
  through: string,
  more: Record<string, string> = {},
): Promise<string> {
  const home = mkdtempSync(join(tmpdir(), "auth-azure-"));
  onTestFinished(() => rmSync(home, { recursive: true }));
  writeFileSync(join(home, "ca.pem"), world.vault.ca);
  const { stdout } = await promisify(execFile)(
    process.execPath,
    ["--conditions=src", "--no-warnings", child, at],
    {
      env: {
        HOME: home,
        TOKEN: (await world.vault.credential().getToken([]))?.token ?? "",
        ...more,
        HTTPS_PROXY: through,
        HTTP_PROXY: through,
        ...(trusts && { NODE_EXTRA_CA_CERTS: join(home, "ca.pem") }),
      },
      timeout: 30_000,
      killSignal: "SIGKILL",
    },
  );
  return stdout;
}

test("SEC-20 a proxy of the environment carries ciphertext, and one that answers itself gets no token", async () => {
  const { vault } = world;
  const secret = canary("proxied");
  vault.add("acme", secret.value);
  const tunnel = await proxy(vault.port);
  const vaultUrl = vault.url.replace("localhost", "localhost.example"); // no name that goes past a proxy
  // The certificate is for another name: what the tunnel leads to is not the vault.
  expect(await read(vaultUrl, true, tunnel.url)).toMatch(/^ERR_AUTH_UNREACHABLE\/network 0\n/);
  expect(await read(vault.url, false, tunnel.url)).toMatch(/^ERR_AUTH_UNREACHABLE\/network 0\n/);
  expect(await read(vault.url, true, tunnel.url)).toBe("access-token 1\n");
  expect(tunnel.seen.filter((line) => line.startsWith("CONNECT "))).not.toEqual([]);
  expect(tunnel.seen.filter((line) => line.startsWith("GET "))).toEqual([]);
  secret.check(tunnel.seen);
  vault.check(tunnel.seen);
});

describe("a proxy's refusal is never taken for the vault's", () => {
  for (const status of [302, 401, 403, 404, 407, 502, 503])
    for (const body of ["", "<html>blocked by policy</html>"])
      test(`${status}, ${body ? "a page" : "no body"}`, async () => {
        const { url, seen } = await refusingProxy(status, body);
        const words = `the vault cannot be reached (${status} from the proxy): the proxy`;
        const said = await read(world.vault.url, true, url);
        expect(said).toMatch(/^ERR_AUTH_UNREACHABLE\/network 0\n/);
        expect(said).toContain(words);
        expect(said.includes("user:password@proxy:port")).toBe(status === 407);
        expect(seen).toHaveLength(status === 407 ? 1 : 3);
        // A client of one's own looks at a 401 by itself, and loses the status of an answer without a body.
        if (status === 401 || body === "") return;
        const own = await read(world.vault.url, true, url, { CLIENT: "own" });
        expect(own).toMatch(/^ERR_AUTH_UNREACHABLE\/network /);
        expect(own).toContain(words);
      });

  test("nor for that of the sign-in", async () => {
    vi.stubEnv("AZURE_TENANT_ID", "11111111-1111-1111-1111-111111111111");
    vi.stubEnv("AZURE_CLIENT_ID", "22222222-2222-2222-2222-222222222222");
    vi.stubEnv("AZURE_CLIENT_SECRET", "s");
    onTestFinished(() => void vi.unstubAllEnvs());
    const place = {
      source: "azure-kv acme",
      vaultUrl: "https://a.vault.azure.net",
      name: "acme",
      version: undefined,
    };
    for (const status of [403, 404, 407, 502])
      for (const body of ["", "<html>blocked by policy</html>"]) {
        vi.stubEnv("HTTPS_PROXY", (await refusingProxy(status, body)).url);
        const { signal } = new AbortController();
        const credential = await signIn({ place, credential: "environment", identity: {}, signal });
        await expect(credential.getToken("https://vault.azure.net/.default")).rejects.toMatchObject({
          code: "ERR_AUTH_UNREACHABLE",
          reason: "network",
          status,
          message: expect.stringContaining(`Azure's sign-in cannot be reached (${status} from the proxy)`),
        });
      }
  });

  test("and the vault's own, through a tunnel, is the vault's", async () => {
    const tunnel = await proxy(world.vault.port);
    expect(await read(world.vault.url, true, tunnel.url, { SECRET: "gone" })).toMatch(
      /^ERR_AUTH_NOT_FOUND\/no-secret 1\n/,
    );
  });
});
