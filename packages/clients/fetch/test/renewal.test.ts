import { apiKey, createAuth, fixed, Secret } from "@auth/core";
import { expect, test } from "vitest";
import { authMiddleware, createFetch } from "../src/index.ts";
import { identity, redirect, server } from "./servers.ts";

/** Takes every token but the first. */
function pickyApi(status = 401): ReturnType<typeof server> {
  return server(({ headers, body }, response) => {
    if (headers.authorization === "Bearer token-1") response.statusCode = status;
    return response.statusCode === 200 ? `welcome ${body}` : "who are you";
  });
}

test.each([
  ["no body", undefined],
  ["text", "payload"],
  ["bytes", new TextEncoder().encode("payload")],
  ["a blob", new Blob(["payload"])],
  ["a form", new URLSearchParams({ a: "b" })],
])("SEC-27 after a 401: one renewal, one repetition, with %s", async (_name, body) => {
  const api = await pickyApi();
  const { auth, tokenRequests } = await identity();
  const answer = await createFetch(auth, { origins: [api.origin] })(api.origin, {
    method: body === undefined ? "GET" : "POST",
    ...(body !== undefined && { body }),
  });
  expect(answer.status).toBe(200);
  expect(api.seen.map((seen) => seen.headers.authorization)).toEqual(["Bearer token-1", "Bearer token-2"]);
  expect(api.seen[1]?.body).toBe(api.seen[0]?.body);
  expect(api.seen[1]?.headers["content-length"]).toBe(api.seen[0]?.headers["content-length"]);
  expect(tokenRequests()).toBe(2);
});

test.each([
  ["a stream", (origin: string): Parameters<typeof fetch> => [origin, stream()]],
  ["a body inside a Request", (origin: string): Parameters<typeof fetch> => [new Request(origin, stream())]],
])(
  "SEC-27 %s is not sent twice: the 401 is returned, and the next request has a new token",
  async (_name, make) => {
    const api = await pickyApi();
    const { auth, tokenRequests } = await identity();
    const fetch = createFetch(auth, { origins: [api.origin] });
    const answer = await fetch(...make(api.origin));
    expect([answer.status, await answer.text(), tokenRequests()]).toEqual([401, "who are you", 1]);
    expect((await fetch(...make(api.origin))).status).toBe(200);
    expect(api.seen.map((seen) => seen.body)).toEqual(["payload", "payload"]);
  },
);

test("SEC-27 a second 401 is returned, and 403 renews nothing", async () => {
  const { auth, tokenRequests } = await identity();
  const api = await server(({ path }, response) => {
    response.statusCode = Number(path.slice(1));
    return "no";
  });
  const fetch = createFetch(auth, { origins: [api.origin] });
  expect((await fetch(`${api.origin}/403`)).status).toBe(403);
  expect(tokenRequests()).toBe(1);
  const answer = await fetch(`${api.origin}/401`);
  expect([answer.status, await answer.text()]).toEqual([401, "no"]);
  expect([api.seen.length, tokenRequests()]).toEqual([3, 2]);
});

test("SEC-27 one renewal for the whole way, redirects included", async () => {
  const api = await server(({ path, headers }, response) => {
    if (path === "/start" && headers.authorization === "Bearer token-2")
      return redirect(response, 302, "/end");
    response.statusCode = 401;
    return "no";
  });
  const { auth, tokenRequests } = await identity();
  const answer = await createFetch(auth, { origins: [api.origin] })(`${api.origin}/start`);
  expect([answer.status, api.seen.length, tokenRequests()]).toEqual([401, 3, 2]);
});

test("SEC-27 ten 401s at once: one token request", async () => {
  const all = Promise.withResolvers<void>();
  let refused = 0;
  const api = await server(async ({ headers }, response) => {
    if (headers.authorization !== "Bearer token-1") return "welcome";
    response.statusCode = 401;
    if (++refused === 10) all.resolve();
    await all.promise;
    return "no";
  });
  const { auth, tokenRequests } = await identity();
  const fetch = createFetch(auth, { origins: [api.origin] });
  const answers = await Promise.all(Array.from({ length: 10 }, () => fetch(api.origin)));
  expect(answers.map((answer) => answer.status)).toEqual(Array(10).fill(200));
  expect(tokenRequests()).toBe(2);
});

test("SEC-27 what would be sent again is the same: the 401 is returned at once", async () => {
  const api = await server((_request, response) => {
    response.statusCode = 401;
    return "no";
  });
  const auth = createAuth({
    grant: apiKey(),
    credentials: fixed({ type: "api-key", key: new Secret("canary-key") }),
  });
  const answer = await createFetch(auth, { origins: [api.origin] })(api.origin);
  expect([answer.status, await answer.text(), api.seen.length]).toEqual([401, "no", 1]);
});

test("SEC-27 a renewal that fails leaves the caller the 401, unread", async () => {
  const api = await pickyApi();
  let asked = 0;
  const { auth } = await identity();
  const { auth: failing } = await identity({
    async exchange() {
      if (++asked > 1) throw new Error("down");
      return { accessToken: await auth.getToken() };
    },
  });
  const answer = await createFetch(failing, { origins: [api.origin] })(api.origin);
  expect([answer.status, await answer.text(), asked]).toEqual([401, "who are you", 2]);
});

test("SEC-27 the token is good and the request is built again: a new proof, one token request", async () => {
  let nonce = 0;
  const api = await server(({ headers }, response) => {
    response.statusCode = headers["dpop"] === "proof-2" ? 200 : 401;
    return "";
  });
  const { auth, tokenRequests } = await identity({
    authorize(request, token) {
      request.headers.set("authorization", `DPoP ${token.reveal()}`);
      request.headers.set("dpop", `proof-${++nonce}`);
    },
    rejected: () => "keep",
  });
  expect((await createFetch(auth, { origins: [api.origin] })(api.origin)).status).toBe(200);
  expect([api.seen.length, tokenRequests()]).toEqual([2, 1]);
});

test("SEC-26 the caller's own Authorization wins: no token request, no 401 handling", async () => {
  const api = await server((_request, response) => {
    response.statusCode = 401;
    return "no";
  });
  const { auth, tokenRequests } = await identity();
  const answer = await createFetch(auth, { origins: [api.origin] })(
    new Request(api.origin, { headers: { authorization: "Basic b3du" } }),
  );
  expect([answer.status, tokenRequests(), api.seen.length]).toEqual([401, 0, 1]);
  expect(api.seen[0]?.headers.authorization).toBe("Basic b3du");
});

test("SEC-28 an abort ends the wait with the signal's reason, before the token and after", async () => {
  const hanging = Promise.withResolvers<void>();
  const arrived = Promise.withResolvers<void>();
  const api = await server(async () => {
    arrived.resolve();
    await hanging.promise;
  });
  const { auth, tokenRequests } = await identity();
  const fetch = createFetch(auth, { origins: [api.origin] });
  const reason = new Error("changed my mind");
  await expect(fetch(api.origin, { signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
  expect(api.seen.length).toBe(0);

  const controller = new AbortController();
  const answer = fetch(new Request(api.origin, { signal: controller.signal }));
  await arrived.promise;
  controller.abort(reason);
  await expect(answer).rejects.toBe(reason);
  hanging.resolve();
  expect(tokenRequests()).toBeLessThanOrEqual(1);
});

test("SEC-28 an abort still works after a redirect", async () => {
  const arrived = Promise.withResolvers<void>();
  const api = await server(({ path }, response) => {
    if (path !== "/end") return redirect(response, 302, "/end");
    arrived.resolve();
    return new Promise<never>(() => {});
  });
  const { auth } = await identity();
  const controller = new AbortController();
  const fetch = createFetch(auth, { origins: [api.origin] });
  const answer = fetch(new Request(api.origin, { signal: controller.signal }));
  await arrived.promise;
  const reason = new Error("changed my mind");
  controller.abort(reason);
  await expect(answer).rejects.toBe(reason);
});

test("SEC-28 an abort during the renewal after a 401 is not mistaken for a failed one", async () => {
  const api = await pickyApi();
  const controller = new AbortController();
  const reason = new Error("changed my mind");
  let asked = 0;
  const { auth: first } = await identity();
  const { auth } = await identity({
    async exchange() {
      if (++asked > 1) {
        controller.abort(reason);
        await new Promise(() => {});
      }
      return { accessToken: await first.getToken() };
    },
  });
  const fetch = createFetch(auth, { origins: [api.origin] });
  await expect(fetch(api.origin, { signal: controller.signal })).rejects.toBe(reason);
});

test("SEC-27 middleware: the same rules", async () => {
  const api = await pickyApi();
  const { auth, tokenRequests } = await identity();
  const withAuth = authMiddleware(auth, { origins: [api.origin] });
  const answer = await withAuth(new Request(api.origin), (request) => fetch(request));
  expect([answer.status, tokenRequests()]).toEqual([200, 2]);
  await expect(
    withAuth(new Request("https://elsewhere.example"), (request) => fetch(request)),
  ).rejects.toMatchObject({ reason: "origin-not-allowed" });
});

test("options that only this runtime knows reach fetch", async () => {
  const { auth } = await identity();
  const seen: unknown[] = [];
  const fetch = createFetch(auth, {
    origins: ["https://api.example"],
    fetch: async (_input, init) => {
      seen.push((init as { proxy?: string }).proxy);
      return new Response();
    },
  });
  await fetch("https://api.example", { proxy: "http://proxy.example" } as RequestInit);
  expect(seen).toEqual(["http://proxy.example"]);
});

test("the options may be a Request, as with any fetch", async () => {
  const api = await server(({ method, body }) => `${method} ${body}`);
  const { auth } = await identity();
  const options = new Request(api.origin, { method: "PUT", body: "payload" });
  const answer = await createFetch(auth, { origins: [api.origin] })(api.origin, options);
  expect(await answer.text()).toBe("PUT payload");
});

function stream(): RequestInit {
  return { method: "POST", body: new Blob(["payload"]).stream(), duplex: "half" } as RequestInit;
}
