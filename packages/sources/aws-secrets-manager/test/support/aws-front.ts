import { createHash, createHmac, type Hash, type Hmac } from "node:crypto";
import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { promisify } from "node:util";
import { SignatureV4 } from "@smithy/signature-v4";

/** What happens instead of an answer. `hold`: nothing, until the next fault is set. */
export type Fault =
  | "reset"
  | "hold"
  | {
      readonly status: number;
      readonly type?: string;
      readonly message?: string;
      readonly headers?: Record<string, string>;
      readonly body?: string | Buffer;
    };

export interface AwsFront extends AsyncDisposable {
  readonly endpoint: string;
  /** Every operation that arrived with a good signature, with what was asked. */
  readonly seen: { readonly operation: string; readonly input: Readonly<Record<string, unknown>> }[];
  /** How many of them were reads. */
  reads(): number;
  /** How many connections are open. */
  connections(): Promise<number>;
  /** The next reads fail like this, one after the other; `times` makes each of them last. */
  fault(...faults: readonly Fault[]): void;
  /** Resolves when a request is held. */
  held(): Promise<void>;
  /** What the clock says that signatures are compared with. */
  now: () => number;
}

export const login = { accessKeyId: "AKIDTESTTESTTESTTEST", secretAccessKey: "test/secret+access/key" };

/** Node's digests in the shape that the signer wants. */
class Sha256 {
  #hash: Hash | Hmac;
  constructor(key?: string | ArrayBuffer | ArrayBufferView) {
    this.#hash = key === undefined ? createHash("sha256") : createHmac("sha256", key as Buffer);
  }
  update(data: string | Uint8Array): void {
    this.#hash.update(data);
  }
  async digest(): Promise<Uint8Array> {
    return this.#hash.digest();
  }
  reset(): void {}
}

/**
 * Secrets Manager as seen from the network: Signature Version 4 is verified with the vendor's own signer, faults can be
 * injected, and the answers come from `answer` or from an emulator, which checks no signature itself.
 */
export async function awsFront(
  back: { readonly upstream: string } | { readonly answer: (operation: string, input: never) => unknown },
): Promise<AwsFront> {
  const seen: AwsFront["seen"] = [];
  let faults: Fault[] = [];
  let holding = Promise.withResolvers<void>();
  let release = Promise.withResolvers<void>();

  const server = createServer({ keepAliveTimeout: 60_000 }, (request, response) => {
    response.on("error", () => {});
    void handle(request, response).catch(() => request.socket.destroy());
  });
  await once(server.listen(0, "127.0.0.1"), "listening");
  const { port } = server.address() as AddressInfo;

  const front: AwsFront = {
    endpoint: `http://127.0.0.1:${port}`,
    seen,
    connections: () => promisify(server.getConnections.bind(server))() as Promise<number>,
    reads: () => seen.filter(({ operation }) => operation === "GetSecretValue").length,
    fault(...next) {
      faults = [...next];
      release.resolve();
      release = Promise.withResolvers();
      holding = Promise.withResolvers();
    },
    held: () => holding.promise,
    now: Date.now,
    async [Symbol.asyncDispose]() {
      release.resolve();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
  return front;

  async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    response.setHeader("date", new Date(front.now()).toUTCString());
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    const body = Buffer.concat(chunks);
    const fail = (
      status: number,
      type: string,
      message: string,
      headers: Record<string, string> = {},
    ): void => {
      const out = {
        "x-amzn-requestid": "0f4c1b2a-0000-4000-8000-000000000001",
        "x-amzn-errortype": type,
        ...headers,
      };
      response.writeHead(status, { "content-type": "application/x-amz-json-1.1", ...out });
      response.end(JSON.stringify({ __type: type, message }));
    };
    const wrong = await signatureProblem(request, body, front.now());
    if (wrong) return fail(400, ...wrong);

    const operation = header(request, "x-amz-target").split(".")[1] ?? "";
    const input = JSON.parse(body.toString()) as Readonly<Record<string, unknown>>;
    seen.push({ operation, input });
    const fault = operation === "GetSecretValue" ? faults.shift() : undefined;
    if (fault === "reset") return void request.socket.resetAndDestroy();
    if (fault === "hold") {
      holding.resolve();
      await release.promise;
    } else if (fault?.type !== undefined) {
      return fail(fault.status, fault.type, fault.message ?? fault.type, fault.headers);
    } else if (fault) {
      response.writeHead(fault.status, { "content-type": "text/html", ...fault.headers });
      return void response.end(fault.body ?? "<html></html>");
    }
    if ("answer" in back) {
      try {
        const out = back.answer(operation, input as never);
        response.writeHead(200, { "content-type": "application/x-amz-json-1.1" }).end(JSON.stringify(out));
      } catch (error) {
        const { name, message } = error as Error;
        fail(400, name, message);
      }
      return;
    }
    const headers = Object.fromEntries(
      ["content-type", "x-amz-target", "x-amz-date", "authorization"].map((name) => [
        name,
        header(request, name),
      ]),
    );
    const answer = await fetch(back.upstream, { method: "POST", body, headers });
    const out = (await answer.json()) as { __type?: string; message?: string };
    // The service says 400 where the emulator says 404.
    if (!answer.ok)
      return fail(answer.status === 404 ? 400 : answer.status, out.__type ?? "", out.message ?? "");
    response.writeHead(200, { "content-type": "application/x-amz-json-1.1" }).end(JSON.stringify(out));
  }
}

const header = (request: IncomingMessage, name: string): string => request.headers[name]?.toString() ?? "";

async function signatureProblem(
  request: IncomingMessage,
  body: Buffer,
  now: number,
): Promise<[type: string, message: string] | undefined> {
  const date = header(request, "x-amz-date");
  const [, id, region = "", service = "", signed = "", signature] =
    /Credential=([^/]+)\/\d+\/([^/]+)\/([^/]+)\/aws4_request, ?SignedHeaders=([^,]+), ?Signature=([0-9a-f]+)/.exec(
      header(request, "authorization"),
    ) ?? [];
  if (!id) return ["MissingAuthenticationTokenException", "Missing Authentication Token"];
  if (id !== login.accessKeyId)
    return ["UnrecognizedClientException", "The security token included in the request is invalid."];
  const at = new Date(date.replace(/^(....)(..)(..)T(..)(..)(..)Z$/, "$1-$2-$3T$4:$5:$6Z"));
  const names = signed.split(";");
  const signer = new SignatureV4({
    credentials: login,
    region,
    service,
    sha256: Sha256,
    applyChecksum: false,
  });
  const again = await signer.sign(
    {
      method: `${request.method}`,
      protocol: "http:",
      hostname: "x",
      path: `${request.url}`,
      query: {},
      body,
      headers: Object.fromEntries(names.map((name) => [name, header(request, name)])),
    },
    { signingDate: at, signableHeaders: new Set(names) },
  );
  if (!again.headers["authorization"]?.endsWith(`Signature=${signature}`))
    return [
      "InvalidSignatureException",
      "The request signature we calculated does not match the signature you provided.",
    ];
  if (Math.abs(now - at.getTime()) > 300_000)
    return ["InvalidSignatureException", `Signature expired: ${date}`];
  return undefined;
}
