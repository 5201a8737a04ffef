import { spawnSync } from "node:child_process";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { expect, onTestFinished, test } from "vitest";
import { sandbox } from "./sandbox.ts";

test("exec: a declared command's output is the credential, and a part of its JSON", async () => {
  const { run, configure } = sandbox();
  const node = (code: string) => ({ command: [process.execPath, "-p", code] });
  const profile = (credentials: string) => ({ grant: { type: "bearer" }, credentials }) as const;
  configure(
    { plain: profile("exec:plain"), json: profile("exec:json#/inner/token"), none: profile("exec:absent") },
    { commands: { plain: node('"tok-" + 6 * 7'), json: node('JSON.stringify({inner:{token:"tok-43"}})') } },
  );
  expect(await run(["token", "plain"])).toMatchObject({ code: 0, stdout: "tok-42\n" });
  expect(await run(["token", "json"])).toMatchObject({ code: 0, stdout: "tok-43\n" });
  const none = await run(["token", "none"]);
  expect(none).toMatchObject({ code: 1, stdout: "" });
  expect(none.stderr).toContain("there is plain, json");
});

test.skipIf(spawnSync("git", ["--version"]).status !== 0)("exec: a git credential helper", async () => {
  const { run, configure, write, home } = sandbox();
  write("logins", "https://alice:s3cret@git.example.com\n");
  const command = ["git", "credential-store", "--file", join(home, "logins")];
  configure(
    { git: { grant: { type: "basic" }, credentials: "exec:store" } },
    { commands: { store: { command, format: "git", request: { host: "git.example.com" } } } },
  );
  expect((await run(["headers", "git"])).stdout).toContain(`Basic ${btoa("alice:s3cret")}`);
});

test.each([
  [
    "an unknown format",
    { command: ["x"], format: "svn" },
    '"commands.a.format" must be one of "git", "docker"',
  ],
  ["no program", { command: [] }, '"commands.a.command" must not be empty'],
  ["a shell", { command: ["x"], shell: true }, 'unknown key "commands.a.shell"'],
  ["a command line", { command: "rm -rf /" }, '"commands.a.command" must be array'],
])("SEC-115 a declared command with %s is named, without its value", async (_, command, problem) => {
  const { run, write } = sandbox();
  write("config.json", JSON.stringify({ profiles: {}, commands: { a: command } }));
  const ran = await run(["config", "check"]);
  expect(ran.code).toBe(6);
  expect(ran.stderr).toContain(problem);
});

test("SEC-108 a batch file, and a program named by a path that depends on where you are, are refused", async () => {
  const { run, configure } = sandbox();
  for (const program of ["./evil", "evil.bat", "C:\\evil.cmd"]) {
    configure(
      { a: { grant: { type: "bearer" }, credentials: "exec:a" } },
      { commands: { a: { command: [program] } } },
    );
    const ran = await run(["token"]);
    expect(ran.code).not.toBe(0);
    expect(ran.stdout).toBe("");
  }
});

/** What AWS would answer. */
async function aws(answer: object): Promise<Record<string, string>> {
  const server = createServer((request, response) => {
    void text(request).then(() => {
      response.setHeader("content-type", "application/x-amz-json-1.1");
      response.end(JSON.stringify(answer));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => void server.close());
  const { port } = server.address() as AddressInfo;
  return {
    AWS_ENDPOINT_URL_SECRETS_MANAGER: `http://127.0.0.1:${port}`,
    AWS_ACCESS_KEY_ID: "id",
    AWS_SECRET_ACCESS_KEY: "key",
    AWS_EC2_METADATA_DISABLED: "true",
  };
}

test("one profile, four places: explain says of each what it answered and why, and the first that has it wins", async () => {
  const { run, configure } = sandbox();
  const credentials = ["env:ACME_TOKEN", "keychain://acme/alice", "aws-sm://eu-west-1/prod/acme#/token"];
  configure({ acme: { grant: { type: "bearer" }, credentials } });
  const env = {
    ...(await aws({ SecretString: '{"token":"from-aws"}', VersionId: "v7" })),
    DBUS_SESSION_BUS_ADDRESS: "",
  };
  expect(await run(["token"], { env })).toMatchObject({ code: 0, stdout: "from-aws\n" });
  const explained = JSON.parse((await run(["explain", "--json"], { env })).stdout);
  expect(explained.credentials.links.slice(0, 3)).toMatchObject([
    { provider: "env ACME_TOKEN", outcome: "ERR_AUTH_NOT_FOUND", reason: "not-set" },
    { provider: "keychain acme/alice", reason: expect.stringMatching(/^no-(keychain|entry)$/) },
    { outcome: "found", version: "v7", winner: true },
  ]);
  expect(await run(["token"], { env: { ...env, ACME_TOKEN: "from-env" } })).toMatchObject({
    stdout: "from-env\n",
  });
});

test("a keychain that is not there does not pass for a login that is not there", async () => {
  const { run, configure } = sandbox();
  const grant = { type: "client-credentials", issuer: "https://idp.example", clientId: "a" } as const;
  configure({ acme: { grant, credentials: "env:ACME_SECRET", store: { type: "keychain" } } });
  const env = { DBUS_SESSION_BUS_ADDRESS: "" };
  if (process.platform !== "linux") return;
  const status = JSON.parse((await run(["status", "--json"], { env })).stdout);
  expect(JSON.stringify(status)).toContain("no-keychain");
});
