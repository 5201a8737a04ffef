import { type GrantContext, systemClock, type TokenSet } from "@auth/core";
import { createHttp, type Fields, type HttpOptions, type HttpTokenRequest } from "@auth/oauth/http";

export interface YamcsOptions extends HttpOptions {
  /** `https://yamcs.example/context`. Without a scheme, `yamcs.example:8090`, it is what `tls` says. */
  readonly url: string;
  /** Of an address without a scheme. Default false, which is `http`. */
  readonly tls?: boolean | undefined;
  /** What the server shows as the client's name in its list of sessions. Default `auth-yamcs`. */
  readonly userAgent?: string | undefined;
}

/** What all requests to one server share. */
export interface Yamcs {
  readonly name: string;
  /** Without a slash at its end. */
  readonly url: string;
  readonly get: (request: GetRequest, context: GrantContext) => Promise<Fields>;
  /** `POST /auth/token` */
  readonly requestTokens: (request: TokenRequest, context: GrantContext) => Promise<TokenSet>;
}

type GetRequest = Pick<HttpTokenRequest, "endpoint" | "headers" | "repeat" | "refused"> & {
  readonly path: string;
};
type TokenRequest = Pick<HttpTokenRequest, "repeat" | "refused" | "renews" | "clientId"> & {
  readonly form: Form;
};
type Form = Readonly<Record<string, string>>;

/** Throws `TypeError` for wrong options. */
export function openServer(options: YamcsOptions): Yamcs {
  if (typeof options !== "object" || options === null)
    throw new TypeError('yamcs: expected options, such as { url: "https://yamcs.example" }');
  const { userAgent = "auth-yamcs" } = options;
  if (!/^[ -~]+$/.test(userAgent)) throw new TypeError("yamcs: userAgent must be visible ASCII characters");
  const http = createHttp("yamcs", withScheme(options.url, options.tls), {
    ...options,
    // It limits logins by the second, and never says when to come back.
    comeBackMs: (status) => (status === 429 ? 1_000 : undefined),
  });
  const { name, url } = http;
  const agent = { "user-agent": userAgent };
  return {
    name,
    url,
    async get({ path, headers, ...request }, context) {
      const asked = { ...request, method: "GET", url: url + path, headers: { ...agent, ...headers } };
      return (await http.send(asked, context)).body;
    },
    requestTokens({ form, ...request }, context) {
      const asked = { ...request, method: "POST", url: `${url}/auth/token`, headers: agent, body: { form } };
      return http.requestTokens({ ...asked, endpoint: "token endpoint" }, context);
    },
  };
}

/** A bare address is meant as Yamcs clients take it. */
export function withScheme(url: string, tls = false): string {
  if (typeof url !== "string" || !url.trim()) throw new TypeError("yamcs: url is missing");
  return /^https?:\/\//i.test(url) ? url : `${tls ? "https" : "http"}://${url}`;
}

/** How a question is sent that is no part of a login. */
export interface QuestionOptions extends YamcsOptions {
  readonly signal?: AbortSignal | undefined;
  /** Default: the global one. */
  readonly fetch?: typeof fetch | undefined;
}

/** For requests that no `Auth` makes. */
export function contextOf({ signal, fetch = globalThis.fetch }: QuestionOptions): GrantContext {
  const nothing = (): void => {};
  signal ??= new AbortController().signal;
  return { signal, fetch, clock: systemClock, salvage: nothing, warn: nothing };
}
