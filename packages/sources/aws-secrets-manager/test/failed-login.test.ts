import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { chain, type Provider } from "@auth/core";
import { fakeClock } from "@auth/testkit";
import { beforeEach, describe, expect, onTestFinished, test, vi } from "vitest";
import { fromAwsSecretsManager } from "../src/index.ts";
import { failing, unhurried } from "./support/outcome.ts";
import { useWorld } from "./support/world.ts";

const world = useWorld();

beforeEach(() => {
  for (const name of ["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"]) vi.stubEnv(name, undefined);
  vi.spyOn(console, "warn").mockImplementation(() => {}); // the SDK's own
  onTestFinished(() => void vi.restoreAllMocks());
});

/** What a chain comes to that has another identity behind this one. */
async function read(env: Record<string, string | undefined>): Promise<unknown> {
  for (const [name, value] of Object.entries(env)) vi.stubEnv(name, value);
  const clock = fakeClock();
  await using provider = fromAwsSecretsManager({ secretId: "team/app", clock });
  const other: Provider = {
    name: "other",
    get: async () => {
      throw new Error("another identity was asked");
    },
  };
  const outcome = await unhurried(clock, failing(chain(provider, other)));
  expect(world().front.seen).toEqual([]);
  return outcome;
}

async function answering(answer: RequestListener): Promise<string> {
  const server = createServer(answer);
  await once(server.listen(0, "127.0.0.1"), "listening");
  onTestFinished(() => void server.close());
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

function fileWith(text: string): string {
  const folder = mkdtempSync(join(tmpdir(), "auth-aws-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  writeFileSync(join(folder, "file"), text);
  return join(folder, "file");
}

const away = { code: "ERR_AUTH_UNREACHABLE", reason: "no-identity" };
const naming = (words: string) => ({ message: expect.stringContaining(words) });

describe("a login that is set up and fails keeps a chain from another identity", () => {
  test("a container's role: its endpoint fails, or nobody is there", { timeout: 20_000 }, async () => {
    const failing = await answering((_, response) => response.writeHead(500).end());
    const gone = "http://127.0.0.1:1";
    for (const url of [failing, gone])
      expect(await read({ AWS_CONTAINER_CREDENTIALS_FULL_URI: `${url}/role` })).toMatchObject({
        ...away,
        ...naming("AWS_CONTAINER_CREDENTIALS_FULL_URI is set, and no login came from there"),
      });
  });

  test("the machine's metadata service fails; one that knows no role is no login", async () => {
    let status = 500;
    const AWS_EC2_METADATA_SERVICE_ENDPOINT = await answering((_, response) =>
      response.writeHead(status).end(),
    );
    const env = { AWS_EC2_METADATA_DISABLED: "false", AWS_EC2_METADATA_SERVICE_ENDPOINT };
    expect(await read(env)).toMatchObject({
      ...away,
      ...naming("the metadata service of this machine failed"),
    });
    status = 404;
    expect(await read(env)).toMatchObject(naming("other: "));
  });

  test("a profile that is not there, or says nothing of a login", async () => {
    const AWS_CONFIG_FILE = fileWith("[profile other]\nrole_arn = a\n[profile work]\nregion = eu-west-1\n");
    for (const AWS_PROFILE of ["work", "absent"])
      expect(await read({ AWS_PROFILE, AWS_CONFIG_FILE })).toMatchObject({
        code: "ERR_AUTH_INVALID",
        reason: "no-profile",
        ...naming("AWS_PROFILE names a profile that is not there, or has no login"),
      });
  });

  test("a profile whose program fails, the default one too", async () => {
    const section = "credential_process = /bin/false\n";
    const AWS_CONFIG_FILE = fileWith(`[profile work]\n${section}[default]\n${section}`);
    const named = { ...away, ...naming("the profile that AWS_PROFILE names did not sign in") };
    expect(await read({ AWS_PROFILE: "work", AWS_CONFIG_FILE })).toMatchObject(named);
    const unnamed = { ...away, ...naming("the default profile did not sign in") };
    expect(await read({ AWS_PROFILE: undefined, AWS_CONFIG_FILE })).toMatchObject(unnamed);
  });

  test("half a login", async () => {
    const half = { code: "ERR_AUTH_INVALID", reason: "half-credential" };
    expect(await read({ AWS_ACCESS_KEY_ID: "AK" })).toMatchObject({
      ...half,
      ...naming("AWS_ACCESS_KEY_ID is set, and AWS_SECRET_ACCESS_KEY is not"),
    });
    expect(await read({ AWS_ACCESS_KEY_ID: undefined, AWS_WEB_IDENTITY_TOKEN_FILE: "/gone" })).toMatchObject({
      ...half,
      ...naming("AWS_WEB_IDENTITY_TOKEN_FILE is set, and AWS_ROLE_ARN is not"),
    });
  });

  test("a token file that is not there is no failure of the network", async () => {
    const AWS_ROLE_ARN = "arn:aws:iam::123456789012:role/reader";
    const AWS_WEB_IDENTITY_TOKEN_FILE = `${fileWith("")}.gone`;
    expect(await read({ AWS_ROLE_ARN, AWS_WEB_IDENTITY_TOKEN_FILE })).toMatchObject({
      ...away,
      ...naming("the file that AWS_WEB_IDENTITY_TOKEN_FILE names is not there"),
    });
  });
});
