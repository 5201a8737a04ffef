import { expect, test } from "vitest";
import { authMiddleware, createFetch } from "../src/index.ts";
import { identity, redirect, server } from "./servers.ts";

const statuses = [301, 302, 303, 307, 308];

test.each(statuses)("SEC-25 %i within the origin keeps the credential", async (status) => {
  const api = await server(({ path }, response) =>
    path === "/end" ? "there" : redirect(response, status, "/end"),
  );
  const { auth } = await identity();
  const answer = await createFetch(auth, { origins: [api.origin] })(`${api.origin}/start#part`);
  expect([await answer.text(), answer.redirected, answer.url]).toEqual([
    "there",
    true,
    expect.stringContaining("/end"),
  ]);
  expect(api.seen.map((seen) => seen.headers.authorization)).toEqual(["Bearer token-1", "Bearer token-1"]);
});

test("SEC-25 at most five redirects", async () => {
  const api = await server(({ path }, response) =>
    path === "/0" ? "there" : redirect(response, 302, `/${Number(path.slice(1)) - 1}`),
  );
  const { auth } = await identity();
  const fetch = createFetch(auth, { origins: [api.origin] });
  expect(await (await fetch(`${api.origin}/5`)).text()).toBe("there");
  await expect(fetch(`${api.origin}/6`)).rejects.toMatchObject({
    code: "ERR_AUTH_INVALID",
    reason: "redirect",
    status: 302,
  });
});

test.each(statuses)(
  "SEC-25 %i to another origin: GET and HEAD go on, and no secret with them",
  async (status) => {
    const other = await server(() => "elsewhere");
    const api = await server((_request, response) => redirect(response, status, `${other.origin}/x`));
    const { auth } = await identity({
      authorize(request, token) {
        request.headers.set("authorization", `Bearer ${token.reveal()}`);
        request.headers.set("x-tenant-signature", "canary-signed");
      },
    });
    const fetch = createFetch(auth, { origins: [api.origin, other.origin] });
    for (const method of ["GET", "HEAD"]) {
      const answer = await fetch(api.origin, {
        method,
        headers: {
          accept: "text/plain",
          "x-api-key": "canary-a",
          cookie: "sid=canary-b",
          "proxy-authorization": "canary-c",
          dpop: "canary-d",
          "private-token": "canary-e",
        },
      });
      expect(await answer.text()).toBe(method === "GET" ? "elsewhere" : "");
    }
    expect(api.seen[0]?.headers).toMatchObject({ authorization: "Bearer token-1", "x-api-key": "canary-a" });
    expect(other.seen.map((seen) => seen.method)).toEqual(["GET", "HEAD"]);
    expect(JSON.stringify(other.seen)).not.toMatch(/canary|token-1/);
    expect(other.seen[0]?.headers).toMatchObject({ accept: "text/plain" });
    expect(Object.keys(other.seen[0]?.headers ?? {})).not.toContain("authorization");
  },
);

test("SEC-25 a caller's own Authorization does not leave its origin either", async () => {
  const other = await server(() => "elsewhere");
  const api = await server((_request, response) => redirect(response, 302, other.origin));
  const { auth } = await identity();
  const fetch = createFetch(auth, { origins: [api.origin] });
  await fetch(api.origin, { headers: { authorization: "Basic canary" } });
  expect(other.seen[0]?.headers.authorization).toBeUndefined();
});

test("SEC-25 another origin cannot choose where the credential goes: coming back, there is none", async () => {
  const { auth, tokenRequests } = await identity();
  let home = "";
  const other = await server((_request, response) => redirect(response, 302, `${home}/delete-everything`));
  const api = await server(({ path }, response) =>
    path === "/" ? redirect(response, 302, other.origin) : "back",
  );
  home = api.origin;
  const fetch = createFetch(auth, { origins: [api.origin] });
  expect(await (await fetch(api.origin)).text()).toBe("back");
  expect(api.seen.map((seen) => seen.headers.authorization)).toEqual(["Bearer token-1", undefined]);
  await fetch(api.origin, { headers: { authorization: "Basic own" } });
  expect(api.seen.map((seen) => seen.headers.authorization).slice(2)).toEqual(["Basic own", undefined]);
  expect(tokenRequests()).toBe(1);
});

test.each(statuses.flatMap((status) => ["POST", "PUT", "DELETE"].map((method) => [status, method] as const)))(
  "SEC-25 %i on %s to another origin is refused and nothing arrives there",
  async (status, method) => {
    const other = await server(() => "elsewhere");
    const api = await server((_request, response) => redirect(response, status, `${other.origin}/?q=canary`));
    const { auth } = await identity();
    const fetch = createFetch(auth, { origins: [api.origin] });
    const failure = await fetch(api.origin, { method }).catch((error: unknown) => error);
    expect(failure).toMatchObject({
      code: "ERR_AUTH_INVALID",
      reason: "redirect",
      status,
      provider: "numbered",
    });
    expect(String(failure)).not.toContain("canary");
    expect(other.seen).toEqual([]);
  },
);

test.each([
  ["from https to http", "http://api.example/"],
  ["to another scheme", "ftp://api.example/"],
  ["to user information", "https://user:canary@api.example/"],
  ["to nowhere", "https://["],
])("SEC-25 %s is refused", async (_name, location) => {
  const { auth } = await identity();
  const sent: string[] = [];
  const fetch = createFetch(auth, {
    origins: ["https://api.example"],
    fetch: async (input) => {
      sent.push(new Request(input).url);
      return new Response(null, { status: 302, headers: { location } });
    },
  });
  await expect(fetch("https://api.example/x")).rejects.toMatchObject({
    code: "ERR_AUTH_INVALID",
    reason: "redirect",
  });
  expect(sent).toEqual(["https://api.example/x"]);
});

test.each([
  [301, "POST", "GET"],
  [302, "POST", "GET"],
  [303, "POST", "GET"],
  [303, "PUT", "GET"],
  [303, "HEAD", "HEAD"],
  [301, "PUT", "PUT"],
  [307, "POST", "POST"],
  [308, "POST", "POST"],
])("SEC-25 %i turns %s into %s, as the fetch standard has it", async (status, method, then) => {
  const api = await server(({ path }, response) =>
    path === "/end" ? "there" : redirect(response, status, "/end"),
  );
  const { auth } = await identity();
  const body = method === "HEAD" ? {} : { body: "payload", headers: { "content-type": "text/x" } };
  await createFetch(auth, { origins: [api.origin] })(api.origin, { method, ...body });
  expect(api.seen[1]).toMatchObject({
    method: then,
    body: then === "GET" || then === "HEAD" ? "" : "payload",
  });
  expect(api.seen[1]?.headers["content-type"]).toBe(then === "GET" || then === "HEAD" ? undefined : "text/x");
});

test("SEC-25 a stream cannot be sent a second time: 307 is refused, 303 needs none", async () => {
  const api = await server(({ path }, response) =>
    path === "/end" ? "there" : redirect(response, Number(path.slice(1)), "/end"),
  );
  const { auth } = await identity();
  const fetch = createFetch(auth, { origins: [api.origin] });
  const stream = () =>
    ({ method: "POST", body: new Blob(["payload"]).stream(), duplex: "half" }) as RequestInit;
  await expect(fetch(`${api.origin}/307`, stream())).rejects.toMatchObject({ reason: "redirect" });
  expect(await (await fetch(`${api.origin}/303`, stream())).text()).toBe("there");
  const wrapped = new Request(`${api.origin}/303`, stream());
  expect(await (await fetch(wrapped)).text()).toBe("there");
});

test("the caller's redirect mode holds", async () => {
  const api = await server((_request, response) => redirect(response, 302, "/end"));
  const { auth } = await identity();
  const fetch = createFetch(auth, { origins: [api.origin] });
  const seen = await fetch(new Request(api.origin, { redirect: "manual" }));
  expect([seen.status, seen.headers.get("location"), seen.redirected]).toEqual([302, "/end", false]);
  await expect(fetch(api.origin, { redirect: "error" })).rejects.toThrow(TypeError);
  expect(api.seen.map((request) => request.path)).toEqual(["/", "/"]);
});

test("SEC-25 a runtime that hides redirects gets none followed", async () => {
  const { auth } = await identity();
  const hidden = Object.defineProperties(new Response(), {
    type: { value: "opaqueredirect" },
    status: { value: 0 },
  });
  const fetch = createFetch(auth, { origins: ["https://api.example"], fetch: async () => hidden });
  await expect(fetch("https://api.example/")).rejects.toMatchObject({ reason: "redirect" });
});

test("SEC-25 middleware follows redirects itself, with `next`", async () => {
  const other = await server(() => "elsewhere");
  const api = await server((_request, response) => redirect(response, 302, other.origin));
  const { auth } = await identity();
  const sent: string[] = [];
  const answer = await authMiddleware(auth, { origins: [api.origin] })(
    new Request(api.origin, { headers: { "x-api-key": "canary" } }),
    (request) => {
      sent.push(`${request.url} ${request.headers.get("authorization")} ${request.headers.get("x-api-key")}`);
      return fetch(request);
    },
  );
  expect(await answer.text()).toBe("elsewhere");
  expect(sent).toEqual([`${api.origin}/ Bearer token-1 canary`, `${other.origin}/ null null`]);
});
