import { AccessToken } from "@auth/core";
import { expect, test } from "vitest";
import { gate } from "../support/gate.ts";
import { failure } from "../support/outcome.ts";
import { unreachable } from "../support/token-server.ts";
import { early, world } from "../support/world.ts";

const answer401 = { status: 401, url: "https://api.example/", headers: new Headers() };

test("SEC-27 ten 401s at once cause one renewal", async () => {
  const here = world();
  const auth = here.auth();
  const token = await auth.getToken();
  const tokens = await Promise.all(
    Array.from({ length: 10 }, () => {
      auth.reject(token, answer401);
      return auth.getToken();
    }),
  );
  expect(new Set(tokens.map((each) => each.reveal()))).toEqual(new Set(["at-2"]));
  expect(here.server.log).toEqual(["exchange alice", "refresh rt-1"]);
  expect(here.events.filter((event) => event === "rejected")).toHaveLength(1);
});

test("SEC-27 a late 401 of the old token invalidates nothing", async () => {
  const here = world();
  const auth = here.auth();
  const old = await auth.getToken();
  auth.reject(old);
  const token = await auth.getToken();
  auth.reject(old, answer401);
  expect(auth.peek()).toBe(token);
  expect(await auth.getToken()).toBe(token);
  expect(here.server.log).toHaveLength(2);
});

test("SEC-27 a 401 while a renewal runs behind: callers wait for that one", async () => {
  const here = world();
  const auth = here.auth();
  const token = await auth.getToken();
  await here.clock.advance(early);
  const answer = gate();
  here.server.before = () => answer.pass();
  await auth.getToken();
  await answer.arrived();
  auth.reject(token);
  expect(auth.peek()).toBeUndefined();
  const waiter = auth.getToken();
  answer.open();
  expect((await waiter).reveal()).toBe("at-2");
  expect(here.server.log).toHaveLength(2);
});

test("SEC-27 a refused token is not served as the last resort", async () => {
  const here = world();
  const auth = here.auth();
  auth.reject(await auth.getToken());
  here.server.before = () => {
    throw unreachable();
  };
  expect(await failure(auth.getToken())).toBe("UNREACHABLE/network");
  expect(await failure(auth.getToken())).toBe("UNREACHABLE/network");
});

test("SEC-27 the refused token that still lies in the store is not adopted; a sibling's newer one is", async () => {
  const here = world();
  const [one, two] = [here.auth(), here.auth()];
  const token = await one.getToken();
  await two.getToken();
  one.reject(token);
  expect((await one.getToken()).reveal()).toBe("at-2");
  const twos = await two.getToken();
  expect(twos.reveal()).toBe("at-1");
  two.reject(twos);
  expect((await two.getToken()).reveal()).toBe("at-2");
  expect(here.server.log).toEqual(["exchange alice", "refresh rt-1"]);
});

test("a server that answers with the text it had refused is believed", async () => {
  const here = world();
  here.server.after = (_, tokens) => ({ ...tokens, accessToken: new AccessToken("always-the-same") });
  const auth = here.auth();
  auth.reject(await auth.getToken());
  expect((await auth.getToken()).reveal()).toBe("always-the-same");
  expect(auth.peek()).toBeDefined();
  expect(here.server.log).toHaveLength(2);
});

test("a grant may keep the token: the request is to be built again", async () => {
  const here = world();
  const seen: unknown[] = [];
  const grant = here.server.grant({
    rejected: (response, token) => {
      seen.push(response, token);
      return "keep";
    },
  });
  const auth = here.auth({ grant });
  const token = await auth.getToken();
  auth.reject(token, answer401);
  expect(await auth.getToken()).toBe(token);
  expect(seen).toEqual([answer401, token]);
  auth.reject(token); // no response to look at
  expect((await auth.getToken()).reveal()).toBe("at-2");
});

test("rejecting starts no work", async () => {
  const here = world();
  const auth = here.auth();
  auth.reject(await auth.getToken());
  await here.clock.advance(60_000);
  expect(here.server.log).toHaveLength(1);
});

test("a token of somebody else is nobody's business", async () => {
  const here = world();
  const auth = here.auth();
  const token = await auth.getToken();
  auth.reject(new AccessToken("at-1"));
  expect(auth.peek()).toBe(token);
});

test("authorize puts the present token on a copyable request and says which it was", async () => {
  const here = world();
  const auth = here.auth();
  const headers = new Headers({ accept: "text/plain" });
  const token = await auth.authorize({ method: "GET", url: "https://api.example/", headers });
  expect(token.reveal()).toBe("at-1");
  expect(Object.fromEntries(headers)).toEqual({ accept: "text/plain", authorization: "Bearer at-1" });
  expect(Object.fromEntries(await auth.headers())).toEqual({ authorization: "Bearer at-1" });
});

test("a grant puts the token where it belongs, by method and URL", async () => {
  const here = world();
  const grant = here.server.grant({
    authorize: async ({ method, url, headers }, token) =>
      headers.set("x-proof", `${method} ${url} ${token.reveal()}`),
  });
  const headers = new Headers();
  await here.auth({ grant }).authorize({ method: "PUT", url: "https://api.example/a", headers });
  expect(Object.fromEntries(headers)).toEqual({ "x-proof": "PUT https://api.example/a at-1" });
});
