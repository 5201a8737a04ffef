/** One request as it is about to be sent, in parts; `input` and `init` are what `fetch` gets besides the headers. */
export interface Call {
  readonly url: URL;
  readonly method: string;
  /** The caller's headers: a copy, and without ours. */
  readonly headers: Headers;
  readonly signal: AbortSignal | undefined;
  readonly redirect: RequestInit["redirect"];
  /** The body can be sent a second time, or there is none. */
  readonly repeatable: boolean;
  readonly input: string | Request;
  readonly init: RequestInit;
}

/** The options of a request, under the names that `Request` and `RequestInit` share. */
const names = [
  "body",
  "cache",
  "credentials",
  "duplex",
  "integrity",
  "keepalive",
  "method",
  "mode",
  "redirect",
  "referrer",
  "referrerPolicy",
  "signal",
] as const;

/** Where relative URLs start, in a browser. */
const { location: base } = globalThis as { readonly location?: { readonly href: string } };

/**
 * Takes the arguments of `fetch` apart, without touching them. `undefined` for a URL that cannot be read: it has no origin.
 * Runtimes know options of their own (a proxy, a dispatcher); they stay in `init`.
 */
export function callOf(input: string | URL | Request, init: RequestInit = {}): Call | undefined {
  const request = isRequest(input) ? input : undefined;
  const url = URL.parse(isRequest(input) ? input.url : String(input), base?.href);
  if (!url) return undefined;
  // `init` may be a Request itself, whose options are no own properties.
  const options: RequestInit = isPlain(init) ? { ...init } : { ...optionsOf(init), ...init };
  const method = options.method ?? request?.method;
  const inner = request && options.body == null;
  return {
    url,
    method: method === undefined ? "GET" : normalized(method),
    headers: copied(options.headers ?? init.headers ?? request?.headers),
    signal: (options.signal === undefined ? request?.signal : options.signal) ?? undefined,
    redirect: options.redirect ?? request?.redirect ?? "follow",
    repeatable: inner ? request.body === null : isRepeatable(options.body),
    // What was checked is what is sent: not an object that may read differently later.
    input: request ?? url.href,
    init: options,
  };
}

/** The same call to another place. */
export function moved(
  call: Call,
  url: URL,
  changes: { method: string; headers: Headers; body: boolean },
): Call {
  const { input, init } = call;
  const options = { ...(typeof input === "string" ? {} : optionsOf(input)), ...init };
  const body = changes.body ? init.body : null;
  return {
    ...call,
    url,
    method: changes.method,
    headers: changes.headers,
    repeatable: body == null || call.repeatable,
    input: url.href,
    init: { ...options, method: changes.method, body } as RequestInit,
  };
}

/** By its looks: it may be of another implementation of fetch. */
function isRequest(input: string | URL | Request): input is Request {
  return typeof input === "object" && "headers" in input;
}

/** All that it says are own properties: the usual case, and the quick one. */
function isPlain(init: RequestInit): boolean {
  const prototype: unknown = Object.getPrototypeOf(init);
  return prototype === Object.prototype || prototype === null;
}

function optionsOf(from: Request | RequestInit): RequestInit {
  const known = from as { readonly [name in (typeof names)[number]]?: unknown };
  return Object.fromEntries(
    names.flatMap((name) => (known[name] === undefined ? [] : [[name, known[name]]])),
  ) as RequestInit;
}

function copied(headers: RequestInit["headers"]): Headers {
  try {
    return new Headers(headers);
  } catch {
    throw new TypeError(
      "fetch: a header of this request cannot be sent; it is not shown, it may be a secret",
    );
  }
}

/** Only these hold all their bytes; anything else may be a stream, and streams are not buffered here. */
function isRepeatable(body: RequestInit["body"]): boolean {
  return (
    body == null ||
    typeof body === "string" ||
    body instanceof ArrayBuffer ||
    ArrayBuffer.isView(body) ||
    body instanceof Blob ||
    body instanceof FormData ||
    body instanceof URLSearchParams
  );
}

/** As the fetch standard does: these six in any case, others as they are. */
function normalized(method: string): string {
  return /^(?:delete|get|head|options|post|put)$/i.test(method) ? method.toUpperCase() : method;
}
