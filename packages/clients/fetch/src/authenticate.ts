import { type AccessToken, type Auth, AuthError } from "@auth/core";
import { type Call, callOf } from "./call.ts";
import type { Settings } from "./client-options.ts";
import { follow, isRedirect, maxRedirects, refused } from "./redirect.ts";

export type Send = (input: string | URL | Request, init?: RequestInit) => Promise<Response>;

/** A request's headers with the credential on them. */
interface Dressed {
  readonly headers: Headers;
  /** The token that it took; none if the caller brought an `Authorization`, or far from home. */
  readonly token?: AccessToken;
}

/** The whole way of one request: origin, credential, redirects, one renewal. `fetch` and middleware differ in `send` only. */
export async function authenticate(
  auth: Auth,
  settings: Settings,
  send: Send,
  input: string | URL | Request,
  init?: RequestInit,
): Promise<Response> {
  const first = callOf(input, init);
  const origin = first?.url.origin ?? ""; // put together anew at each look, so looked at once
  if (!first || !settings.origins.has(origin) || !isPlainHttp(first.url)) {
    if (first && settings.plain) return send(input, init);
    throw notAllowed(settings.name, first?.url);
  }
  settings.sending(origin);
  const follows = first.redirect === "follow";
  let call = first;
  // A caller's own Authorization wins (SEC-26).
  let ours = !first.headers.has("authorization");
  let mayRenew = true;
  for (let redirects = 0; ; redirects++) {
    let dressed: Dressed = ours ? await dress(auth, call) : { headers: call.headers };
    let response = await transmit(send, call, dressed, follows);

    if (response.status === 401 && dressed.token && mayRenew) {
      mayRenew = false;
      auth.reject(dressed.token, { status: 401, url: call.url.href, headers: response.headers });
      const again = call.repeatable ? await renewed(auth, call, dressed) : undefined;
      if (again) {
        await discard(response);
        dressed = again;
        response = await transmit(send, call, dressed, follows);
      }
    }
    if (!follows || !isRedirect(response)) {
      if (redirects > 0) Object.defineProperty(response, "redirected", { value: true });
      return response;
    }
    await discard(response);
    if (redirects === maxRedirects)
      throw refused(settings.name, call, response.status, `after ${maxRedirects} others`);
    call = follow(settings.name, call, response);
    // Whoever leaves comes back as a stranger: another origin does not choose where the credential goes.
    ours &&= call.url.origin === origin;
  }
}

/** The origin of a blob: URL is that of whoever made it, hence the look at the scheme. */
function isPlainHttp({ protocol, username, password }: URL): boolean {
  return (protocol === "https:" || protocol === "http:") && username === "" && password === "";
}

async function dress(auth: Auth, { url, method, headers: callers, signal }: Call): Promise<Dressed> {
  const headers = new Headers(callers);
  const token = await auth.authorize({ method, url: url.href, headers }, signal && { signal });
  return { headers, token };
}

/** What would be sent now, if it differs from what was refused. A renewal that fails leaves the caller the 401. */
async function renewed(auth: Auth, call: Call, before: Dressed): Promise<Dressed | undefined> {
  try {
    const now = await dress(auth, call);
    return JSON.stringify([...now.headers]) === JSON.stringify([...before.headers]) ? undefined : now;
  } catch {
    call.signal?.throwIfAborted();
    return undefined;
  }
}

function transmit(send: Send, call: Call, { headers }: Dressed, follows: boolean): Promise<Response> {
  return send(call.input, { ...call.init, headers, ...(follows && { redirect: "manual" }) });
}

/** Frees the connection of an answer that nobody will read. */
async function discard(response: Response): Promise<void> {
  await response.body?.cancel().catch(() => {});
}

function notAllowed(name: string, url: URL | undefined): AuthError {
  const text = !url
    ? "The URL is not absolute, so nothing says where the credential would go. Give the whole URL, with https:// and the host"
    : url.username !== "" || url.password !== ""
      ? "The URL holds user information, which could disguise where the credential goes. Take it out"
      : !/^https?:$/.test(url.protocol)
        ? `A ${url.protocol} URL leads to no server that could take this credential. Use plain fetch for it`
        : `${url.origin} is not one of the origins that may get this credential. Add it to \`origins\`, or use plain fetch for it`;
  return new AuthError("ERR_AUTH_INVALID", "origin-not-allowed", `${name}: ${text}; nothing was sent.`, {
    provider: name,
  });
}
