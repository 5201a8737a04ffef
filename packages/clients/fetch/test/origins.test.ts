import type { AuthEvent } from "@auth/core";
import { expect, test } from "vitest";
import { authMiddleware, createFetch } from "../src/index.ts";
import { identity, server } from "./servers.ts";

test("SEC-24 the credential goes to a configured origin, and the caller's request stays as it was", async () => {
  const api = await server(() => "hello");
  const { auth } = await identity();
  const fetch = createFetch(auth, { origins: [api.origin] });
  const headers = new Headers({ accept: "text/plain" });
  const request = new Request(`${api.origin}/a`, { headers });

  expect(await (await fetch(request)).text()).toBe("hello");
  expect(await (await fetch(new URL(`${api.origin}/b`), { headers })).text()).toBe("hello");
  expect(await (await fetch(api.origin.replace("http", "HTTP"))).text()).toBe("hello");
  expect(api.seen.map((seen) => seen.headers.authorization)).toEqual(Array(3).fill("Bearer token-1"));
  expect([...headers.keys(), ...request.headers.keys()]).toEqual(["accept", "accept"]);
});

const { host, port } = new URL("http://127.0.0.1:8080");
test.each([
  ["another host", "http://127.0.0.2:8080/"],
  ["another port", "http://127.0.0.1:8081/"],
  ["no port", "http://127.0.0.1/"],
  ["another scheme", "https://127.0.0.1:8080/"],
  ["a longer host", `http://${host}.evil.example/`],
  ["user information that looks like the host", `http://${host}@evil.example:${port}/`],
  ["user information at the right host", `http://user:hunter2@${host}/`],
  ["a user name at the right host", `http://user@${host}/`],
  ["a trailing dot", "https://api.example./"],
  ["a subdomain", "https://sub.api.example/"],
  ["a look-alike in Cyrillic", "https://аpi.example/"],
  ["a protocol-relative URL", "//evil.example/"],
  ["a relative URL", "/things"],
  ["backslashes", "https:\\\\evil.example\\@api.example/"],
  ["a blob of the right origin", `blob:http://${host}/2b5d1b9e`],
  ["a data URL", "data:text/plain,hello"],
  ["no URL at all", "http://["],
])("SEC-24 %s is refused before any I/O", async (_name, url) => {
  const { auth, tokenRequests } = await identity();
  const sent: unknown[] = [];
  const fetch = createFetch(auth, {
    origins: [`http://${host}`, "https://api.example"],
    fetch: async (input) => {
      sent.push(input);
      return new Response();
    },
  });
  await expect(fetch(url)).rejects.toMatchObject({ code: "ERR_AUTH_INVALID", reason: "origin-not-allowed" });
  await expect(fetch(url)).rejects.not.toThrow("hunter2");
  expect([sent.length, tokenRequests()]).toEqual([0, 0]);
});

test.each([
  ["case", "HTTPS://API.EXAMPLE/x"],
  ["the default port", "https://api.example:443/x"],
  ["a percent escape in the host", "https://%61pi.example/x"],
  ["an IDN in either spelling", "https://bücher.example/x"],
  ["the other spelling", "https://xn--bcher-kva.example/x"],
])("SEC-24 %s makes no difference to the origin", async (_name, url) => {
  const { auth } = await identity();
  const sent: string[] = [];
  const fetch = createFetch(auth, {
    origins: ["https://api.example/", "https://BÜCHER.example"],
    fetch: async (input, init) => {
      sent.push(`${new Headers(init?.headers).get("authorization")} ${new Request(input).url}`);
      return new Response();
    },
  });
  await fetch(url);
  expect(sent).toEqual([`Bearer token-1 ${new URL(url).href}`]);
});

test("SEC-24 what was checked is what is sent, whatever happens to the URL object meanwhile", async () => {
  const [api, other] = [await server(() => "right"), await server(() => "wrong")];
  const { auth } = await identity();
  const url = new URL(api.origin);
  const answer = createFetch(auth, { origins: [api.origin] })(url);
  url.href = other.origin;
  expect(await (await answer).text()).toBe("right");
  expect(other.seen).toEqual([]);
});

test("SEC-24 `plain` sends other origins' requests exactly as they are", async () => {
  const [api, other] = [await server(() => "api"), await server(() => "other")];
  const { auth, tokenRequests } = await identity();
  const fetch = createFetch(auth, { origins: [api.origin], otherOrigins: "plain" });
  expect(await (await fetch(other.origin, { headers: { "x-mine": "1" } })).text()).toBe("other");
  expect(other.seen[0]?.headers).toMatchObject({ "x-mine": "1" });
  expect(other.seen[0]?.headers.authorization).toBeUndefined();
  expect(tokenRequests()).toBe(0);
});

test("SEC-20 SEC-21 wrong options are a TypeError, and a URL is not quoted", async () => {
  const { auth } = await identity();
  for (const origins of [
    [],
    ["http://api.example"],
    ["ftp://api.example"],
    ["api.example"],
    ["https://user:hunter2@api.example"],
    ["https://api.example/v1"],
    ["https://api.example?hunter2"],
    ["https://api.example#hunter2"],
  ]) {
    expect(() => createFetch(auth, { origins })).toThrow(TypeError);
    expect(() => authMiddleware(auth, { origins })).not.toThrow("hunter2");
  }
  expect(() => createFetch(auth, { origins: ["http://localhost:1", "http://[::1]:2"] })).not.toThrow();
  // @ts-expect-error a word that is none of the two
  expect(() => createFetch(auth, { origins: ["https://a.example"], otherOrigins: "any" })).toThrow(TypeError);
  // @ts-expect-error not an Auth
  expect(() => createFetch({}, { origins: ["https://a.example"] })).toThrow(TypeError);
});

test("SEC-20 an insecure origin is listed by name, and each start of its use warns once", async () => {
  const { auth } = await identity();
  const events: AuthEvent[] = [];
  const fetch = createFetch(auth, {
    origins: ["http://yamcs.lan:8090"],
    allowInsecureOrigins: ["http://yamcs.lan:8090"],
    onEvent: (event) => void events.push(event),
    fetch: async () => new Response("ok"),
  });
  await fetch("http://yamcs.lan:8090/a");
  await fetch("http://yamcs.lan:8090/b");
  expect(events).toMatchObject([{ type: "warning", reason: "insecure-origin", auth: auth.name }]);
  expect(events[0]?.message).toMatch(/a credential goes to http:.* in clear/);
});

test("SEC-4 a header that cannot be sent is not quoted", async () => {
  const { auth } = await identity();
  const fetch = createFetch(auth, { origins: ["https://api.example"] });
  const failure = await fetch("https://api.example", { headers: { "x-key": "hunter2\n" + "x" } }).catch(
    String,
  );
  expect(failure).toMatch(/^TypeError: fetch: a header/);
  expect(failure).not.toContain("hunter2");
});
