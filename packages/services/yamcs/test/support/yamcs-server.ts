import { createHmac, randomUUID } from "node:crypto";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

export interface Received {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingMessage["headers"];
  readonly body: string;
}

export interface Reply {
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** An object goes out as JSON, a text as plain text; `null` is never answered. */
  readonly body?: unknown;
}

/** What the tests look at, of a stand-in or of the real server. */
export interface Server extends AsyncDisposable {
  readonly url: string;
  readonly received: Received[];
  /** `POST /auth/token` and so on, in order. */
  readonly log: () => string[];
  /** What is answered at a path instead: each once, in order; or always, if it is no list. */
  readonly answers: Map<string, Reply | Reply[]>;
}

/** A stand-in for Yamcs, as its sources describe it. */
export interface YamcsServer extends Server {
  /** Forgets every token, as a restart does. */
  readonly restart: () => void;
  /** Opens a session of `admin`; resolves to its refresh token. */
  readonly seedRefreshToken: () => string;
  /** Seconds; the server's own default. */
  lifetimeS: number;
  loginsPerSecond: number;
  requireAuthentication: boolean;
  readonly apiKeys: Set<string>;
  readonly users: Map<string, string>;
  readonly services: Map<string, { readonly secret: string }>;
  /** Kerberos tickets, and whose they are. */
  readonly tickets: Map<string, string>;
  /** The code that the next ticket buys. */
  code: string;
}

export const user = { username: "admin", password: "admin" } as const;

interface Session {
  readonly name: string;
  /** The newest refresh token of the chain. */
  newest: string;
  renewedAt: number;
}

const statusLine: Readonly<Record<number, string>> = {
  400: "400 Bad Request",
  401: "401 Unauthorized",
  413: "413 Request Entity Too Large",
  429: "429 Too Many Requests",
  500: "500 Internal Server Error",
};
const formDecoded = (text: string): string => decodeURIComponent(text.replaceAll("+", " "));
const encoded = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString("base64url");

export async function yamcsServer(now: () => number): Promise<YamcsServer> {
  const graceMs = 5_000;
  const sessionMs = 30 * 60_000;
  const sessions = new Map<string, Session>();
  const used = new Map<string, number>();
  const access = new Map<string, { readonly name: string; readonly exp: number }>();
  const codes = new Map<string, { readonly name: string; readonly until: number }>();
  const logins: number[] = [];
  let issued = 0;

  const fail = (status: number, text = statusLine[status] ?? ""): Reply => ({
    status,
    headers: { connection: "close" },
    body: text,
  });
  const userInfo = (name: string): object => ({
    name,
    displayName: name,
    superuser: name === user.username,
    active: true,
  });

  function issue(name: string, refresh?: string): Reply {
    const iat = Math.floor(now() / 1_000);
    const exp = iat + self.lifetimeS;
    const content = `${encoded({ alg: "HS256" })}.${encoded({ iss: "Yamcs", sub: name, iat, exp, jti: ++issued })}`;
    const token = `${content}.${createHmac("sha256", "stand-in").update(content).digest("base64url")}`;
    access.set(token, { name, exp });
    return {
      body: {
        access_token: token,
        token_type: "bearer",
        expires_in: self.lifetimeS,
        ...(refresh !== undefined && { refresh_token: refresh }),
        user: userInfo(name),
      },
    };
  }

  function open(name: string): string {
    const refresh = randomUUID();
    sessions.set(refresh, { name, newest: refresh, renewedAt: now() });
    return refresh;
  }

  function renew(token: string): Reply {
    const session = sessions.get(token);
    if (!session || now() - session.renewedAt > sessionMs) return fail(401);
    if (session.newest === token) {
      session.newest = randomUUID();
      sessions.set(session.newest, session);
      used.set(token, now());
    } else if (now() - (used.get(token) ?? 0) > graceMs) return fail(401);
    session.renewedAt = now();
    return issue(session.name, session.newest);
  }

  function client(
    headers: Received["headers"],
    form: URLSearchParams,
  ): { id: string; secret: string } | undefined {
    const basic = headers.authorization;
    if (basic === undefined)
      return { id: form.get("client_id") ?? "", secret: form.get("client_secret") ?? "" };
    const [id = "", ...secret] = Buffer.from(basic.replace(/^Basic /, ""), "base64")
      .toString()
      .split(":");
    return { id: formDecoded(id), secret: formDecoded(secret.join(":")) };
  }

  function tokens({ headers, body }: Received): Reply {
    const second = Math.floor(now() / 1_000);
    logins.push(second);
    if (logins.filter((at) => at === second).length > self.loginsPerSecond) return fail(429);
    if (headers["content-type"] !== "application/x-www-form-urlencoded") return fail(400);
    if (Buffer.byteLength(body) > 65_536) return fail(413);
    const form = new URLSearchParams(body);
    switch (form.get("grant_type")) {
      case "password": {
        const [name, password] = [form.get("username"), form.get("password")];
        if (!name || !password) return fail(400);
        return self.users.get(name) === password ? issue(name, open(name)) : fail(401);
      }
      case "refresh_token": {
        const token = form.get("refresh_token");
        return token === null ? fail(500) : renew(token);
      }
      case "client_credentials": {
        const { id, secret } = client(headers, form) ?? {};
        if (!id || !secret) return fail(400);
        if (self.services.get(id)?.secret !== secret) return fail(401);
        const become = form.get("become");
        if (!become) return { body: null };
        return self.users.has(become) ? issue(become) : fail(401);
      }
      case "authorization_code": {
        const code = form.get("code");
        if (!code) return fail(400);
        const found = codes.get(code);
        return found && found.until >= now() ? issue(found.name) : fail(401);
      }
      default:
        return fail(400);
    }
  }

  /** Whose request it is, or what is wrong with it. */
  function identify({ headers }: Received): string | Reply {
    if (!self.requireAuthentication) return "guest";
    const { authorization, "x-api-key": key } = headers;
    if (authorization?.startsWith("Bearer ")) {
      const known = access.get(authorization.slice("Bearer ".length));
      if (!known) return fail(401, "Invalid access token");
      return now() < (known.exp + 1) * 1_000 ? known.name : fail(401, "Token expired");
    }
    if (authorization?.startsWith("Basic ")) {
      const [name = "", ...rest] = Buffer.from(authorization.slice("Basic ".length), "base64")
        .toString()
        .split(":");
      return self.users.get(name) === rest.join(":") ? name : fail(401, "Invalid username/password");
    }
    if (authorization !== undefined) return fail(400, `Unsupported Authorization header '${authorization}'`);
    if (key === undefined) return fail(401, "Missing authentication");
    return self.apiKeys.has(String(key)) ? user.username : fail(401, "Invalid API key");
  }

  function answer(asked: Received): Reply {
    const { path, headers } = asked;
    if (path === "/auth") return { body: { requireAuthentication: self.requireAuthentication } };
    if (path === "/auth/token") return tokens(asked);
    if (path === "/auth/spnego") {
      const name = self.tickets.get(headers.authorization?.replace(/^Negotiate /, "") ?? "");
      if (name === undefined)
        return { ...fail(401), headers: { connection: "close", "www-authenticate": "Negotiate" } };
      codes.set(self.code, { name, until: now() + 10_000 });
      return { body: self.code };
    }
    const who = identify(asked);
    if (typeof who !== "string") return who;
    return { body: path === "/api/user" ? userInfo(who) : { served: who } };
  }

  const self: YamcsServer = {
    ...(await listen((asked) => answer(asked))),
    restart() {
      sessions.clear();
      access.clear();
      self.apiKeys.clear();
    },
    seedRefreshToken: () => open(user.username),
    lifetimeS: 500,
    loginsPerSecond: 5,
    requireAuthentication: true,
    apiKeys: new Set(),
    users: new Map([
      [user.username, user.password],
      ["operator", "operator"],
    ]),
    services: new Map(),
    tickets: new Map(),
    code: "0123456789",
  };
  return self;
}

/** Records what it is asked, and answers as told. */
export async function listen(answer: (asked: Received) => Reply | Promise<Reply>): Promise<Server> {
  const received: Received[] = [];
  const answers: Server["answers"] = new Map();
  const next = (path: string): Reply | undefined => {
    const script = answers.get(path);
    return Array.isArray(script) ? script.shift() : script;
  };
  const server = createServer((request: IncomingMessage, response: ServerResponse) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      const { method = "", url: path = "", headers } = request;
      const asked: Received = { method, path, headers, body: Buffer.concat(chunks).toString() };
      received.push(asked);
      const reply = async (): Promise<void> => {
        const { status = 200, headers: more, body } = next(path) ?? (await answer(asked));
        if (body === null) return;
        const json = typeof body === "object" && !Buffer.isBuffer(body);
        const type = json ? "application/json" : "text/plain; charset=UTF-8";
        response.writeHead(status, { "content-type": type, ...more });
        response.end(json ? JSON.stringify(body, null, 2) : (body as string | Buffer | undefined));
      };
      reply().catch((error: Error) => response.destroy(error));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    received,
    log: () => received.map(({ method, path }) => `${method} ${path}`),
    answers,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
