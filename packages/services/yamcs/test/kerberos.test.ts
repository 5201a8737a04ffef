import { expect, test } from "vitest";
import { kerberos } from "../src/index.ts";
import { failure, forms, world } from "./support/world.ts";

test("yamcs 39 a Kerberos ticket buys a code, and the code a token; at its end, all again", async () => {
  const { auth, api, clock, server } = await world();
  server.tickets.set("YII=", "operator");
  server.code = 'a+b%c&d=e"\\ü';
  const services: string[] = [];
  const negotiate = async (service: string): Promise<string> => {
    services.push(service);
    return "YII=";
  };
  const one = auth({
    grant: kerberos({ url: server.url, negotiate, username: "operator" }),
    credentials: undefined,
  });
  expect(await (await api(one)).text()).toContain('"operator"');
  expect(forms(server)).toEqual([{ grant_type: "authorization_code", code: server.code }]);
  await clock.advance(501_000);
  await one.getToken();
  expect(server.log()).toEqual([
    "GET /auth/spnego",
    "POST /auth/token",
    "GET /api/user",
    "GET /auth/spnego",
    "POST /auth/token",
  ]);
  expect(services).toEqual(["HTTP@127.0.0.1", "HTTP@127.0.0.1"]);
});

test("yamcs 39 a ticket that the server does not take is refused, and shown nowhere", async () => {
  const { auth, server } = await world();
  const grant = kerberos({ url: server.url, negotiate: async () => "dGlja2V0" });
  const error: unknown = await auth({ grant, credentials: undefined, name: "me" })
    .getToken()
    .catch((thrown: unknown) => thrown);
  expect(error).toMatchObject({ code: "ERR_AUTH_GRANT", reason: "credential-rejected", status: 401 });
  expect((error as Error).stack).not.toContain("dGlja2V0");
  expect(server.log()).toEqual(["GET /auth/spnego"]);
});

test("a Kerberos code is limited and checked like any other answer", async () => {
  const { auth, clock, server } = await world();
  const grant = kerberos({ url: server.url, negotiate: async () => "YII=", maxResponseBytes: 1_000 });
  const one = auth({ grant, credentials: undefined, name: "me" });
  server.answers.set("/auth/spnego", { body: "x".repeat(2_000) });
  expect(await failure(one.getToken())).toBe("INVALID/response-too-large");
  server.answers.set("/auth/spnego", { body: "a\nb" });
  await clock.advance(8_000); // the pause after a failure
  expect(await failure(one.getToken())).toBe("INVALID/secret-format");
  expect(forms(server)).toEqual([]);
});

test("whose Kerberos ticket it is has to be said, or the login named", async () => {
  const { auth, server } = await world();
  const grant = kerberos({ url: server.url, negotiate: async () => "YII=" });
  expect(await failure(auth({ grant, credentials: undefined }).getToken())).toBe("INVALID/no-identity");
});
