import type { GrantContext, Secret } from "@auth/core";
import { systemClock, type TokenSet } from "@auth/core";
import {
  createHttp,
  type Fields,
  type HttpOptions,
  type HttpRequest,
  type HttpTokenRequest,
} from "@auth/oauth/http";

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
  readonly send: (request: HttpRequest, context: GrantContext) => Promise<Fields>;
  readonly requestTokens: (request: HttpTokenRequest, context: GrantContext) => Promise<TokenSet>;
}

/** Throws `TypeError` for wrong options. */
export function openServer(options: YamcsOptions): Yamcs {
  const { userAgent = "auth-yamcs" } = options;
  if (!/^[ -~]+$/.test(userAgent)) throw new TypeError("yamcs: userAgent must be visible ASCII characters");
  const http = createHttp("yamcs", withScheme(options.url, options.tls), {
    ...options,
    // It limits logins by the second, and never says when to come back.
    comeBackMs: (status) => (status === 429 ? 1_000 : undefined),
  });
  const named = <R extends HttpRequest>(request: R): R => ({
    ...request,
    headers: { "user-agent": userAgent, ...request.headers },
  });
  return {
    name: http.name,
    url: http.url,
    send: async (request, context) => (await http.send(named(request), context)).body,
    requestTokens: (request, context) => http.requestTokens(named(request), context),
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
  const nothing = (_: Secret | string): void => {};
  return {
    signal: signal ?? new AbortController().signal,
    fetch,
    clock: systemClock,
    salvage: nothing,
    warn: nothing,
  };
}
