import { once } from "node:events";
import { type AddressInfo, createServer, type Server, type Socket } from "node:net";
import { createServer as createTlsServer } from "node:tls";
import { isAuthError } from "@auth/core";
import { fakeClock } from "@auth/testkit";
import { describe, expect, test, vi } from "vitest";
import { fromAzureKeyVault } from "../src/index.ts";
import { resolveLocalhost } from "./support/localhost.ts";
import { overPauses } from "./support/over-pauses.ts";
import { certificatesFor } from "./support/trust.ts";

resolveLocalhost();
const credential = { getToken: async () => ({ token: "t", expiresOnTimestamp: Date.now() + 3_600_000 }) };

async function read(host: string, more: object = {}) {
  const clock = fakeClock();
  const provider = fromAzureKeyVault({
    vault: `https://${host}`,
    secret: "acme",
    credential,
    clock,
    ...more,
  });
  const thrown: unknown = await overPauses(clock, provider.get()).catch((error: unknown) => error);
  if (!isAuthError(thrown)) throw thrown;
  return thrown;
}

async function listening(server: Server): Promise<number> {
  await once(server.listen(0, "127.0.0.1"), "listening");
  return (server.address() as AddressInfo).port;
}

describe("a network failure names its cause", () => {
  const unreachable = { code: "ERR_AUTH_UNREACHABLE", reason: "network" };

  test("nobody listens", async () => {
    const server = createServer();
    const port = await listening(server);
    await new Promise((resolve) => server.close(resolve));
    const error = await read(`acme.vault.localhost:${port}`);
    expect(error).toMatchObject({ ...unreachable, cause: { code: "ECONNREFUSED" } });
    expect(error.message).toContain("the vault cannot be reached (ECONNREFUSED). Check");
  });

  test("the proxy of the environment, which Azure's client goes through whatever Node makes of it", async () => {
    const server = createServer();
    vi.stubEnv("HTTPS_PROXY", `http://127.0.0.1:${await listening(server)}`);
    await new Promise((resolve) => server.close(resolve));
    const error = await read("acme.vault.invalid");
    vi.unstubAllEnvs();
    expect(error).toMatchObject(unreachable);
    expect(error.message).toContain(
      "the vault cannot be reached (ECONNREFUSED). Check its name, DNS, the proxy",
    );
  });

  test("nobody has that name", async () => {
    for (const name of ["HTTPS_PROXY", "https_proxy"]) vi.stubEnv(name, undefined);
    const error = await read("acme.vault.invalid");
    vi.unstubAllEnvs();
    expect(error).toMatchObject(unreachable);
    expect(error.message).toMatch(/cannot be reached \((?:ENOTFOUND|EAI_AGAIN)\)\. Check/);
  });

  test("a certificate that nobody vouches for", async () => {
    const { key, cert } = await certificatesFor("acme.vault.localhost");
    const server = createTlsServer({ key, cert }).on("tlsClientError", () => {});
    const error = await read(`acme.vault.localhost:${await listening(server)}`);
    await new Promise((resolve) => server.close(resolve));
    expect(error).toMatchObject(unreachable);
    expect(error.message).toMatch(
      /\(UNABLE_TO_[A-Z_]+; if your company signs its own certificates, set NODE_EXTRA_CA_CERTS\)/,
    );
  });

  test("a port that speaks no TLS", async () => {
    const server = createServer((socket: Socket) => {
      socket.on("error", () => {}).once("data", () => socket.end("HTTP/1.1 400 Bad Request\r\n\r\n"));
    });
    const error = await read(`acme.vault.localhost:${await listening(server)}`);
    await new Promise((resolve) => server.close(resolve));
    expect(error).toMatchObject(unreachable);
    expect(error.message).toMatch(/cannot be reached \([A-Z_]+: that port speaks no TLS\)/);
  });

  test("the sign-in's server, too", async () => {
    const gone = Object.assign(new Error("words"), {
      name: "AuthenticationRequiredError",
      cause: { cause: { code: "ECONNREFUSED" } },
    });
    const server = createServer();
    const port = await listening(server);
    const error = await read(`acme.vault.localhost:${port}`, {
      client: { vaultUrl: "https://acme.vault.azure.net", getSecret: () => Promise.reject(gone) },
      vault: undefined,
      credential: undefined,
    });
    await new Promise((resolve) => server.close(resolve));
    expect(error).toMatchObject(unreachable);
    expect(error.message).toContain("Azure's sign-in cannot be reached (ECONNREFUSED).");
  });
});

test("whoever comes from JavaScript gets words", () => {
  const call = fromAzureKeyVault as unknown as (options?: unknown) => unknown;
  for (const nothing of [undefined, null, "acme"]) {
    expect(() => call(nothing)).toThrow(TypeError);
    expect(() => call(nothing)).toThrow("fromAzureKeyVault: give it options, in an object");
  }
  for (const [options, words] of [
    [{}, /`secret` is the name of a secret/],
    [{ secret: 7 }, /`secret` is the name of a secret/],
    [{ secret: "a" }, /`vault` is missing/],
    [{ secret: "a", vault: 7 }, /`vault` is a vault's name/],
    [{ secret: "a", vault: "acme", fields: "b" }, /`fields` is an object/],
    [{ secret: "a", vault: "acme", field: 7 }, /`field` is a text/],
    [{ secret: "a", vault: "acme", identity: "me" }, /`identity` is an object/],
    [{ secret: "a", vault: "acme", onWarning: "log" }, /`onWarning` is a function/],
    [{ secret: "a", client: "mine" }, /`client` is a SecretClient/],
  ] as const)
    expect(() => call(options)).toThrow(words);
});
