import { tokenServer } from "@auth/testkit";
import { expect, test } from "vitest";
import { sandbox } from "./sandbox.ts";

test("SEC-122 status reads the store only: no source, no server, no secret", async () => {
  await using server = await tokenServer({ expiresIn: 3600 });
  const { run, configure, home } = sandbox();
  const { id: clientId, secret } = server.client;
  configure({
    acme: {
      grant: { type: "client-credentials", issuer: server.issuer, clientId, scopes: ["read"] },
      credentials: "env:ACME_SECRET",
    },
    later: { grant: { type: "bearer" }, credentials: "prompt:" },
  });
  const before = await run(["status", "acme"]);
  expect(before).toEqual({
    code: 0,
    stdout: `acme  client-credentials
  token  none
  store  token-file ${home}/state/auth/tokens.json
  next   auth token gets a token from ${server.issuer}, if env ACME_SECRET has the credential
`,
    stderr: "",
  });
  await run(["token", "acme"], { env: { ACME_SECRET: secret } });
  const asked = server.requests.length;
  const after = await run(["status", "acme"]);
  expect(after.stdout).toMatch(
    /^acme {2}client-credentials\n {2}token {3}Bearer, expires in 59 min \(.*\)\n {2}scopes {2}read\n {2}store.*\n {2}next {4}auth token serves the token that is there, and renews it in about \d+ min\n$/,
  );
  const asJson = await run(["status", "--all", "--json"]);
  expect(JSON.parse(asJson.stdout)).toMatchObject([
    { profile: "acme", next: "use", token: { type: "Bearer", scopes: ["read"] } },
    { profile: "later", grant: "bearer", loggedIn: false },
  ]);
  expect(server.requests.length).toBe(asked);
  server.check(before, after, asJson);
});

test("what a login left is named", async () => {
  const { run, configure } = sandbox();
  configure({ acme: { grant: { type: "bearer" } } });
  expect((await run(["status"])).stdout).toContain("login  none");
  await run(["login", "--stdin"], { stdin: "abc" });
  expect((await run(["status"])).stdout).toContain("login  kept in token-file");
});
