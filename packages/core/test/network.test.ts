import { once } from "node:events";
import { createServer, type Server } from "node:net";
import { createServer as createTlsServer } from "node:tls";
import { networkCode, networkWhy, type Runtime } from "@auth/core/network";
import { canary } from "@auth/testkit";
import { afterEach, describe, expect, test } from "vitest";
import { rejection } from "./support/outcome.ts";
import { selfSigned } from "./support/self-signed.ts";

const servers: Server[] = [];
afterEach(async () => {
  for (const server of servers.splice(0)) {
    server.close();
    await once(server, "close");
  }
});

/** A loopback port on which `server` listens. */
async function port(server: Server): Promise<number> {
  servers.push(server.listen(0, "127.0.0.1"));
  await once(server, "listening");
  const address = server.address();
  return typeof address === "object" && address ? address.port : expect.fail("no port");
}

/** A port on which nobody listens. */
async function closed(): Promise<number> {
  const server = createServer();
  const free = await port(server);
  servers.pop();
  server.close();
  await once(server, "close");
  return free;
}

const thrownBy = (url: string): Promise<unknown> => rejection(fetch(url));

describe("what really happens with fetch", () => {
  test("nobody listens: ECONNREFUSED", async () => {
    const url = `http://127.0.0.1:${await closed()}/`;
    const error = await thrownBy(url);
    expect(networkCode(error)).toBe("ECONNREFUSED");
    expect(networkWhy(error, url)).toBe(" (ECONNREFUSED)");
  });

  test("no such host: ENOTFOUND, or EAI_AGAIN where no name server answers", async () => {
    const url = "http://no-such-host.invalid/";
    const error = await thrownBy(url);
    expect(networkCode(error)).toMatch(/^(?:ENOTFOUND|EAI_AGAIN)$/);
    expect(networkWhy(error, url, undefined)).toMatch(/^ \((?:ENOTFOUND|EAI_AGAIN)\)$/);
  });

  test("a certificate that a company signed itself: the code, and the switch", async () => {
    const server = createTlsServer(selfSigned(), (socket) => socket.end());
    server.on("tlsClientError", () => {}); // the client does not believe the certificate
    const url = `https://localhost:${await port(server)}/`;
    const error = await thrownBy(url.replace("localhost", "127.0.0.1"));
    expect(networkCode(error)).toBe("DEPTH_ZERO_SELF_SIGNED_CERT");
    expect(networkWhy(error, url)).toBe(
      " (DEPTH_ZERO_SELF_SIGNED_CERT; if your company signs its own certificates, set NODE_EXTRA_CA_CERTS)",
    );
  });

  test("a port that speaks no TLS says so", async () => {
    const server = createServer((socket) => {
      socket.on("error", () => {}); // the client hangs up
      socket.once("data", () => socket.end("HTTP/1.1 400 Bad Request\r\n\r\n"));
    });
    const url = `https://127.0.0.1:${await port(server)}/`;
    const error = await thrownBy(url);
    expect(networkWhy(error, url)).toMatch(/^ \([A-Z_]+: that port speaks no TLS\)$/);
  });

  test("a server that hangs up: the system's code or undici's", async () => {
    const server = createServer((socket) => socket.destroy());
    const error = await thrownBy(`http://127.0.0.1:${await port(server)}/`);
    expect(networkCode(error)).toMatch(/^(?:ECONNRESET|UND_ERR_SOCKET)$/);
  });
});

test("SEC-4 of what was thrown the code is said, and no word", () => {
  const { value, check } = canary("network");
  const inner = Object.assign(new Error(`connect ECONNREFUSED ${value}`), {
    code: "ECONNREFUSED",
    address: value,
  });
  check(networkWhy(new TypeError(value, { cause: inner })));
  for (const code of [
    value,
    value.toUpperCase(),
    `E${value}`,
    `ERR_${value}`,
    { toString: () => "ECONNREFUSED" },
  ])
    expect(networkCode(Object.assign(new Error(value), { code }))).toBeUndefined();
});

test("the system's code is preferred to the library's, however deep it lies", () => {
  const refused = Object.assign(new Error("x"), { code: "ECONNREFUSED" });
  const collected = new AggregateError([new Error("y"), refused]);
  expect(networkCode(Object.assign(new Error("z", { cause: collected }), { code: "UND_ERR_CONNECT" }))).toBe(
    "ECONNREFUSED",
  );
  expect(networkCode({ code: "UND_ERR_HEADERS_TIMEOUT" })).toBe("UND_ERR_HEADERS_TIMEOUT");
  expect(networkCode({ code: "EAI_AGAIN" })).toBe("EAI_AGAIN");
});

test("SEC-117 nothing that was thrown makes it throw, or run for ever", () => {
  const hostile = new Proxy(new Error("x"), {
    get() {
      throw new Error("get");
    },
  });
  const { proxy, revoke } = Proxy.revocable([], {});
  revoke();
  const self: { cause?: unknown; errors?: unknown[] } = {};
  self.cause = self;
  self.errors = Array.from({ length: 1_000 }, () => self);
  for (const thrown of [
    undefined,
    null,
    5,
    "ECONNREFUSED",
    hostile,
    proxy,
    { errors: proxy },
    self,
    Symbol("x"),
    () => {},
  ]) {
    expect(networkCode(thrown)).toBeUndefined();
    expect(networkWhy(thrown, "https://idp.example/", undefined)).toBe("");
  }
});

test.each(["CERT_HAS_EXPIRED", "CERT_NOT_YET_VALID"])("%s: look at the clock", (code) => {
  expect(networkWhy({ code })).toBe(` (${code}; if the certificate is good, this machine's clock is not)`);
});

describe("a proxy of the environment that Node ignores is said, with the switch", () => {
  const { value, check } = canary("proxy");
  const https = { HTTPS_PROXY: `http://user:${value}@proxy.example:3128` };
  const node = (env: Runtime["env"], version = "24.21.0", execArgv: string[] = []): Runtime => ({
    env,
    versions: { node: version },
    execArgv,
  });
  const url = "https://idp.example/token";
  const why = (runtime: Runtime, to = url): string => networkWhy({ code: "ETIMEDOUT" }, to, runtime);
  const unless =
    " (ETIMEDOUT; HTTPS_PROXY is set, and Node ignores it unless NODE_USE_ENV_PROXY=1 is set too)";
  const silent = " (ETIMEDOUT)";

  test("and nothing of its address, which may hold a password", () => {
    expect(why(node(https))).toBe(unless);
    check(why(node(https)));
  });

  test("where Node is too old for it, that is said", () => {
    expect(why(node(https, "22.20.0"))).toContain("Node ignores it before version 22.21");
    expect(why(node(https, "22.21.0"))).toContain("NODE_USE_ENV_PROXY=1");
  });

  test.each([
    ["the switch is set", node({ ...https, NODE_USE_ENV_PROXY: "1" })],
    ["it is on the command line", node(https, "24.21.0", ["--use-env-proxy"])],
    ["it is in NODE_OPTIONS", node({ ...https, NODE_OPTIONS: "--no-warnings --use-env-proxy" })],
    ["none is set", node({ HTTPS_PROXY: "" })],
    ["it is for the other scheme", node({ HTTP_PROXY: "http://proxy.example" })],
    ["the host is exempt", node({ ...https, NO_PROXY: "other.example, .example" })],
    ["all are", node({ ...https, no_proxy: "*" })],
  ])("not if %s", (_, runtime) => {
    expect(why(runtime)).toBe(silent);
  });

  test.each(["http://localhost:1/", "http://127.0.0.1:1/", "http://[::1]:1/"])("not for %s", (to) => {
    expect(why(node({ HTTP_PROXY: "http://proxy.example" }), to)).toBe(silent);
  });

  test("the port of an exemption counts, and the lower-case name comes first", () => {
    const env = { ...https, https_proxy: "x", NO_PROXY: "idp.example:8443" };
    expect(why(node(env))).toContain("https_proxy is set");
    expect(why(node(env), "https://idp.example:8443/")).toBe(silent);
  });

  test("a server whose name contains an exempt one is not exempt", () => {
    expect(why(node({ ...https, NO_PROXY: "dp.example" }))).toBe(unless);
  });
});
