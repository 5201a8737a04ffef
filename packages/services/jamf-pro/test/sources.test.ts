import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { PassThrough } from "node:stream";
import { text } from "node:stream/consumers";
import { stripVTControlCharacters } from "node:util";
import { SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import { afterEach, beforeEach, describe, expect, onTestFinished, test, vi } from "vitest";
import { fromJamfProAwsSecret } from "../src/aws-secrets-manager.ts";
import { fromJamfProKeychain } from "../src/keychain.ts";
import { promptForCredentials } from "../src/prompt.ts";
import { failure } from "./support/world.ts";

/** A terminal, and a person at it who answers each question in turn. */
function terminal(answers: string[]) {
  const input = Object.assign(new PassThrough(), { isTTY: true, setRawMode() {} });
  const output = Object.assign(new PassThrough(), { isTTY: true });
  const asked: string[] = [];
  let shown = "";
  output.on("data", (chunk: Buffer) => {
    shown += stripVTControlCharacters(chunk.toString());
    const question = /(Jamf Pro Username|Jamf Pro Password|API Client ID|API Client Secret)/g;
    const seen = [...new Set([...shown.matchAll(question)].map(([text]) => text))];
    if (seen.length <= asked.length) return;
    asked.push(seen.at(-1) ?? "");
    const answer = answers.shift();
    if (answer !== undefined) setImmediate(() => input.write(`${answer}\n`));
  });
  return { input, output, asked, shown: () => shown };
}

describe("jamf 29 a person is asked", () => {
  // Where nobody sits at the terminal, nobody is asked.
  beforeEach(() => void vi.stubEnv("CI", ""));
  afterEach(() => void vi.unstubAllEnvs());

  test("for user name and password, the second hidden", async () => {
    const { asked, shown, ...streams } = terminal(["oscar", "hidden-pw"]);
    const credential = await promptForCredentials(streams).get();
    expect(credential).toMatchObject({ type: "password", username: "oscar" });
    expect(credential.type === "password" && credential.password.reveal()).toBe("hidden-pw");
    expect(asked).toEqual(["Jamf Pro Username", "Jamf Pro Password"]);
    expect(shown()).not.toContain("hidden-pw");
  });

  test("for the password alone, if the user name is given", async () => {
    const { asked, shown: _, ...streams } = terminal(["hidden-pw"]);
    expect(await promptForCredentials({ ...streams, username: "oscar" }).get()).toMatchObject({
      username: "oscar",
    });
    expect(asked).toEqual(["Jamf Pro Password"]);
  });

  test("for an API client", async () => {
    const { asked, shown, ...streams } = terminal(["cid", "hidden-secret"]);
    expect(await promptForCredentials({ ...streams, type: "client-secret" }).get()).toMatchObject({
      clientId: "cid",
    });
    expect(asked).toEqual(["API Client ID", "API Client Secret"]);
    expect(shown()).not.toContain("hidden-secret");
  });
});

test("jamf 30 SEC-96 without a terminal: a clear error at once", async () => {
  const streams = { input: new PassThrough(), output: new PassThrough() };
  expect(await failure(promptForCredentials(streams).get())).toBe("UNAVAILABLE/no-terminal");
});

/** A keychain in memory that writes down what it is asked. */
function keychain(entries: Readonly<Record<string, string>>) {
  const asked: string[] = [];
  const client = {
    async getPassword(service: string, account: string) {
      asked.push(`${service} ${account}`);
      return entries[`${service} ${account}`] ?? null;
    },
    setPassword: async () => {},
    deletePassword: async () => false,
  };
  return { asked, options: { backend: "keytar", client } as const };
}

describe("the keychain", () => {
  test("jamf 31 the later name first, then the one of earlier versions", async () => {
    const { asked, options } = keychain({ "jamf.my.org oscar": "pw" });
    const provider = fromJamfProKeychain({ ...options, server: "jamf.my.org", username: "oscar" });
    const credential = await provider.get();
    expect(credential).toMatchObject({ type: "password", username: "oscar" });
    expect(credential.type === "password" && credential.password.reveal()).toBe("pw");
    expect(asked).toEqual(["https://jamf.my.org oscar", "jamf.my.org oscar"]);
  });

  test("jamf 32 http is looked up as https", async () => {
    const { asked, options } = keychain({ "https://jamf.my.org cid": "secret" });
    const credential = await fromJamfProKeychain({
      ...options,
      server: "http://jamf.my.org",
      clientId: "cid",
    }).get();
    expect(credential).toMatchObject({ type: "client-secret", clientId: "cid" });
    expect(asked).toEqual(["https://jamf.my.org cid"]);
  });

  test("jamf 32 port and trailing slash are kept as they were given, and left out after that", async () => {
    const { asked, options } = keychain({});
    await failure(
      fromJamfProKeychain({ ...options, server: "https://jamf.my.org:8443/", username: "o" }).get(),
    );
    expect(asked).toEqual(
      ["https://jamf.my.org:8443/", "https://jamf.my.org:8443", "jamf.my.org:8443"].map(
        (name) => `${name} o`,
      ),
    );
  });

  test("jamf 33 no entry: an error that names server and account; no account: an error before any look", async () => {
    const { asked, options } = keychain({});
    const provider = fromJamfProKeychain({ ...options, server: "jamf.my.org", username: "oscar" });
    const error: unknown = await provider.get().catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: "ERR_AUTH_NOT_FOUND", reason: "no-entry" });
    expect(String(error)).toContain("jamf.my.org");
    expect(String(error)).toContain("oscar");
    const looks = asked.length;
    // @ts-expect-error neither account
    expect(() => fromJamfProKeychain({ ...options, server: "jamf.my.org" })).toThrow(TypeError);
    expect(asked).toHaveLength(looks);
  });

  test.runIf(process.platform === "linux" && !process.env["DBUS_SESSION_BUS_ADDRESS"])(
    "jamf 34 where there is no keychain, the error says so",
    async () => {
      const provider = fromJamfProKeychain({ server: "jamf.my.org", username: "oscar" });
      expect(await failure(provider.get())).toBe("UNAVAILABLE/no-keychain");
    },
  );
});

/** The vendor's client, what AWS answers it, and what it asked. */
async function aws(secret: { SecretString?: string; SecretBinary?: Uint8Array }) {
  const asked: unknown[] = [];
  const { SecretString, SecretBinary } = secret;
  const binary = SecretBinary && { SecretBinary: Buffer.from(SecretBinary).toString("base64") };
  const server = createServer((request, response) => {
    void text(request).then((body) => {
      asked.push(JSON.parse(body));
      response.setHeader("content-type", "application/x-amz-json-1.1");
      response.end(JSON.stringify({ SecretString, ...binary, VersionId: "v1" }));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const client = new SecretsManagerClient({
    region: "eu-west-1",
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    credentials: { accessKeyId: "id", secretAccessKey: "key" },
  });
  onTestFinished(async () => {
    client.destroy();
    await new Promise((resolve) => server.close(resolve));
  });
  return { asked, client };
}

describe("AWS Secrets Manager", () => {
  test.each([
    [
      { username: "o", password: "p" },
      { type: "password", username: "o", version: "v1" },
    ],
    [
      { client_id: "c", client_secret: "s" },
      { type: "client-secret", clientId: "c" },
    ],
    [
      { username: "o", password: "p", note: "rotated by hand", host: 7 },
      { type: "password", username: "o" },
    ],
  ])("jamf 35 the secret %j", async (secret, expected) => {
    const { client } = await aws({ SecretString: JSON.stringify(secret) });
    expect(await fromJamfProAwsSecret({ secretId: "prod/jamf", client }).get()).toMatchObject(expected);
  });

  test.each([
    ["no JSON object", '["hunter2-secret"]', "INVALID/payload-malformed"],
    ["half of a pair", '{"username":"hunter2-secret"}', "INVALID/half-credential"],
    ["nothing of use", '{"note":"hunter2-secret"}', "INVALID/payload-malformed"],
  ])("jamf 36 %s is an error that shows nothing of it", async (_, SecretString, expected) => {
    const { client } = await aws({ SecretString });
    const work = fromJamfProAwsSecret({ secretId: "prod/jamf", client }).get();
    const error: unknown = await work.catch((thrown: unknown) => thrown);
    expect(await failure(Promise.reject(error))).toBe(expected);
    expect(String(error)).not.toContain("hunter2");
  });

  test("jamf 36 a binary secret that holds the JSON is read, one that holds no text is an error", async () => {
    const good = await aws({ SecretBinary: Buffer.from('{"username":"o","password":"p"}') });
    expect(await fromJamfProAwsSecret({ secretId: "s", client: good.client }).get()).toMatchObject({
      username: "o",
    });
    const bad = await aws({ SecretBinary: Uint8Array.of(0xff, 0xfe) });
    expect(await failure(fromJamfProAwsSecret({ secretId: "s", client: bad.client }).get())).toBe(
      "INVALID/not-utf8",
    );
  });

  test("jamf 37 version and stage are sent if they are given", async () => {
    const { asked, client } = await aws({ SecretString: '{"username":"o","password":"p"}' });
    await fromJamfProAwsSecret({ secretId: "s", client }).get();
    await fromJamfProAwsSecret({
      secretId: "s",
      client,
      versionId: "0".repeat(32),
      versionStage: "AWSPREVIOUS",
    }).get();
    expect(asked).toEqual([
      { SecretId: "s" },
      { SecretId: "s", VersionId: "0".repeat(32), VersionStage: "AWSPREVIOUS" },
    ]);
  });
});
