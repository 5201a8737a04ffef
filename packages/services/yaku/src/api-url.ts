import { AuthError, type AuthErrorCode } from "@auth/core";
import { type ComeBackMs, createHttp, type Http, type HttpOptions } from "@auth/oauth/http";

export interface YakuOptions extends HttpOptions {
  /** Address of the server or of its API: `https://yaku.example` means `https://yaku.example/api/v1`. */
  readonly url: string;
}

/**
 * The address of the API, which ends in `/api/v1`, for the address of a server. What is no address comes back as it is.
 *
 * @example
 * ```ts
 * apiUrl("https://yaku.example/"); // "https://yaku.example/api/v1"
 * ```
 */
export function apiUrl(text: string): string {
  if (!URL.canParse(text)) return text;
  const url = new URL(text);
  url.pathname = `${url.pathname.replace(/(\/api(\/v1)?)?\/*$/, "")}/api/v1`;
  return url.href;
}

/** Throws `TypeError` for an address that is none. */
export function openApi(options: YakuOptions, comeBackMs: ComeBackMs = told): Http {
  if (typeof options?.url !== "string" || !options.url) throw new TypeError("yaku: url is missing");
  return createHttp("yaku", apiUrl(options.url), { ...options, comeBackMs });
}

/** Yaku says in a header of its own how many seconds it wants to be left alone. */
export function told(status: number, headers: Headers): number | undefined {
  const seconds = headers.get("ratelimit-reset");
  return status === 429 && seconds !== null ? Number(seconds) * 1_000 : undefined;
}

export function problem(http: Http, code: AuthErrorCode, reason: string, text: string): AuthError {
  return new AuthError(code, reason, `${http.name}: ${text}`, { provider: http.name });
}
