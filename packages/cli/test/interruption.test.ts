import { readFileSync } from "node:fs";
import { tokenServer } from "@auth/testkit";
import { expect, test } from "vitest";
import { ended, sandbox } from "./sandbox.ts";

test.each(["SIGINT", "SIGTERM"] as const)(
  "SEC-66 SEC-124 %s while a refresh is under way: 130, and the answer is saved",
  async (signal) => {
    await using server = await tokenServer({ refreshTokens: "rotate" });
    const { run, start, configure, tokensPath } = sandbox();
    server.clients.set("app", "");
    configure({
      acme: {
        grant: { type: "refresh-token", issuer: server.issuer, clientId: "app" },
        credentials: "env:ACME_REFRESH_TOKEN",
      },
    });
    const env = { ACME_REFRESH_TOKEN: server.seedRefreshToken({ clientId: "app" }) };
    expect((await run(["token"], { env })).code).toBe(0);
    const before = readFileSync(tokensPath, "utf8");

    await server.fault("hold");
    const sent = server.counts.tokenRequests + 1;
    const running = start(["token", "--force-refresh"], { env });
    const ran = ended(running);
    await server.arrived(sent);
    running.kill(signal);
    await server.fault(undefined);
    expect(await ran).toMatchObject({ code: 130, stdout: "" });

    expect(readFileSync(tokensPath, "utf8")).not.toBe(before);
    expect((await run(["token", "--force-refresh"], { env })).code).toBe(0);
    expect(server.counts.reuses).toBe(0);
  },
);

test("SEC-66 a request that spends nothing is given up at once", async () => {
  await using server = await tokenServer();
  const { start, configure } = sandbox();
  configure({
    acme: {
      grant: { type: "client-credentials", issuer: server.issuer, clientId: server.client.id },
      credentials: "env:ACME_SECRET",
    },
  });
  await server.fault("hang");
  const running = start(["token"], { env: { ACME_SECRET: server.client.secret } });
  const ran = ended(running);
  await server.arrived(1);
  running.kill("SIGINT");
  expect(await ran).toEqual({ code: 130, stdout: "", stderr: "" });
});
