import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import { type IdentityProvider, type Received, type Reply, send } from "./identity-provider.ts";

interface Row {
  id: number;
  description: string;
  try_admin: boolean;
  createdBy: string;
  creationTime: string;
  lastModifiedBy: string;
  lastModificationTime: string;
  status: "active" | "revoked";
}

/**
 * A stand-in for Yaku's own endpoints, as its sources describe them: authinfo, long-running tokens with their checks, pages
 * whose links follow the `Host` header, and the bearer check by introspection and by shape.
 */
export interface YakuServer extends AsyncDisposable {
  /** Without the path of the API. */
  readonly origin: string;
  readonly received: Received[];
  /** `GET /api/v1/namespaces`, in order. */
  readonly log: () => string[];
  /** What is answered at a path instead: each once, the last one for as long as it is set. */
  readonly answers: Map<string, Reply[]>;
  /** Makes a long-running token as if `by` had. */
  issue(description?: string, by?: string): { readonly id: number; readonly token: string };
  namespaces: { id: number; name: string }[];
}

const unauthorized: Reply = { status: 401, body: { message: "Unauthorized", statusCode: 401 } };
const failure = (status: number, message: string): Reply => ({
  status,
  body: { statusCode: status, message },
});

export async function yakuServer(idp: IdentityProvider): Promise<YakuServer> {
  const received: Received[] = [];
  const answers = new Map<string, Reply[]>();
  const rows = new Map<string, Row>();

  function issue(description = "d", by = "oscar", try_admin = false) {
    const id = rows.size + 1;
    const token = `yakp_aa_${String(id).padStart(10, "0")}_${randomBytes(15).toString("hex")}`;
    const creationTime = new Date().toISOString();
    const modified = { lastModifiedBy: by, lastModificationTime: creationTime };
    rows.set(token, {
      id,
      description,
      try_admin,
      createdBy: by,
      creationTime,
      ...modified,
      status: "active",
    });
    return { id, token };
  }

  /** Introspection, and always also the long-running check; either admits. */
  async function whoIs(authorization = ""): Promise<{ user: string; longRunning: boolean } | undefined> {
    const token = /^Bearer (.+)$/.exec(authorization)?.[1] ?? "";
    const row = /^yakp_aa_\d{10}_[0-9a-f]{30}$/.test(token) ? rows.get(token) : undefined;
    if (row?.status === "active") return { user: row.createdBy, longRunning: true };
    return (await idp.isActive(token)) ? { user: "oscar", longRunning: false } : undefined;
  }

  async function answer({ method, path, headers, body }: Received): Promise<Reply> {
    const url = new URL(path, `http://${headers.host}`);
    const route = `${method} ${url.pathname.replace("/api/v1", "")}`;
    if (route === "GET /service/authinfo") return { body: { wellKnownConfigUrl: idp.wellKnown } };
    const who = await whoIs(headers.authorization);
    if (!who) return unauthorized;
    const own = [...rows.values()].filter(({ createdBy }) => createdBy === who.user);
    if (route === "GET /namespaces") return { body: self.namespaces };
    if (route === "POST /long-running-tokens") {
      if (who.longRunning)
        return failure(403, "A long-running token cannot create another one; use an OAuth token.");
      const { description, try_admin = false, ...unknown } = JSON.parse(body) as Record<string, unknown>;
      const good =
        typeof description === "string" && description.trim().length >= 1 && description.length <= 1_000;
      if (!good || typeof try_admin !== "boolean" || Object.keys(unknown).length > 0)
        return failure(400, "Bad Request");
      const { token } = issue(description, who.user, try_admin);
      return { status: 201, body: { ...rows.get(token), token } };
    }
    if (route === "GET /long-running-tokens") {
      const page = Number(url.searchParams.get("page") ?? 1);
      const items = Number(url.searchParams.get("items") ?? 20);
      const last = Math.max(1, Math.ceil(own.length / items));
      const link = (to: number): string =>
        `${url.origin}${url.pathname}?page=${to}&items=${items}&sortOrder=DESC&sortBy=id`;
      const sorted = own.sort((a, b) => b.id - a.id);
      return {
        body: {
          pagination: { pageNumber: page, pageSize: items, totalCount: own.length },
          data: sorted.slice((page - 1) * items, page * items),
          links: {
            first: link(1),
            last: link(last),
            ...(page > 1 && { prev: link(page - 1) }),
            ...(page < last && { next: link(page + 1) }),
          },
        },
      };
    }
    const id = Number(/^POST \/long-running-tokens\/(\d+)\/revoke$/.exec(route)?.[1]);
    const row = own.find((each) => each.id === id);
    if (!row) return failure(404, "Not Found");
    row.status = "revoked";
    return { status: 200 };
  }

  const server = createServer();
  const handle = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const { method = "", url: path = "", headers } = request;
    const asked = { method, path, headers, body: await text(request) };
    received.push(asked);
    const queue = answers.get(path) ?? [];
    send(response, (queue.length > 1 ? queue.shift() : queue[0]) ?? (await answer(asked)));
  };
  server.on("request", (request, response) => void handle(request, response));
  await once(server.listen(0, "127.0.0.1"), "listening");
  const self: YakuServer = {
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    received,
    log: () => received.map(({ method, path }) => `${method} ${path}`),
    answers,
    issue,
    namespaces: [{ id: 7, name: "seven" }],
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
  return self;
}
