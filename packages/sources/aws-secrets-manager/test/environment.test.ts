import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { canary, type FakeClock, fakeClock } from "@auth/testkit";
import { expect, onTestFinished, test, vi } from "vitest";
import { type FromAwsSecretsManagerOptions, fromAwsSecretsManager } from "../src/index.ts";
import { failing, secretOf, unhurried } from "./support/outcome.ts";
import { useWorld } from "./support/world.ts";

const world = useWorld();
const secret = canary("told");

/** What one read comes to, in time that passes by itself. */
async function read(options: Partial<FromAwsSecretsManagerOptions> = {}, clock: FakeClock = fakeClock()) {
  await using provider = fromAwsSecretsManager({ secretId: "team/app", clock, ...options });
  const outcome = await unhurried(clock, failing(provider));
  secret.check(outcome);
  return outcome;
}

test("a wrong key and a wrong secret are rejected", async () => {
  vi.stubEnv("AWS_ACCESS_KEY_ID", "AKIDOTHER");
  expect(await read()).toMatchObject({ code: "ERR_AUTH_DENIED", reason: "sign-in-refused" });
  vi.stubEnv("AWS_ACCESS_KEY_ID", world().env["AWS_ACCESS_KEY_ID"]);
  vi.stubEnv("AWS_SECRET_ACCESS_KEY", secret.value);
  expect(await read()).toMatchObject({ code: "ERR_AUTH_DENIED", reason: "sign-in-refused" });
  expect(world().front.seen).toEqual([]);
});

test("no login to AWS at all is no fault of the store: a chain goes on", async () => {
  vi.stubEnv("AWS_ACCESS_KEY_ID", undefined);
  vi.stubEnv("AWS_SECRET_ACCESS_KEY", undefined);
  expect(await read()).toMatchObject({ code: "ERR_AUTH_UNAVAILABLE", reason: "no-identity" });
});

test("a login to AWS that goes missing while the program runs is out of reach, and the old value serves", async () => {
  const clock = fakeClock();
  // One that ends soon, so the SDK asks for another before each request.
  const login = vi.fn(async () => ({ ...world().login, expiration: new Date(Date.now() + 60_000) }));
  await using provider = fromAwsSecretsManager({
    secretId: await world().create("text"),
    client: world().client({ credentials: login }),
    clock,
  });
  expect(secretOf(await provider.get())).toBe("text");
  const gone = new Error("Could not load credentials from any providers");
  login.mockRejectedValue(Object.assign(gone, { name: "CredentialsProviderError" }));
  await clock.advance(300_000);
  expect(secretOf(await provider.get())).toBe("text");
  const outcome = { code: "ERR_AUTH_UNREACHABLE", reason: "no-identity" };
  expect(await failing(provider.get({ forceRefresh: true }))).toMatchObject(outcome);
});

test("a profile whose session is over needs a person", async () => {
  const home = mkdtempSync(join(tmpdir(), "auth-aws-"));
  onTestFinished(() => rmSync(home, { recursive: true }));
  const session = "sso_start_url = https://sso.example/start\nsso_region = eu-west-1\n";
  const profile = "sso_session = work\nsso_account_id = 123456789012\nsso_role_name = reader\n";
  writeFileSync(join(home, "config"), `[sso-session work]\n${session}[profile work]\n${profile}`);
  for (const name of ["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"]) vi.stubEnv(name, undefined);
  vi.stubEnv("HOME", home);
  vi.stubEnv("AWS_CONFIG_FILE", join(home, "config"));
  vi.stubEnv("AWS_PROFILE", "work");
  expect(await read()).toMatchObject({ code: "ERR_AUTH_INTERACTION_REQUIRED", reason: "login-needed" });
});

test("no region is told before anything is asked", async () => {
  vi.stubEnv("AWS_REGION", undefined);
  expect(await read()).toMatchObject({ code: "ERR_AUTH_INVALID", reason: "no-region" });
});

test("SEC-20 an endpoint over http is for this machine only", async () => {
  vi.stubEnv("AWS_ENDPOINT_URL_SECRETS_MANAGER", "http://store.example");
  expect(await read()).toMatchObject({ code: "ERR_AUTH_INVALID", reason: "insecure-transport" });
});

test("nobody listening, and no TLS where TLS was expected", async () => {
  vi.stubEnv("AWS_ENDPOINT_URL_SECRETS_MANAGER", world().front.endpoint.replace("http:", "https:"));
  expect(await read()).toMatchObject({ code: "ERR_AUTH_UNREACHABLE", reason: "network" });
  const server = createServer();
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  const { port } = server.address() as AddressInfo;
  await new Promise((done) => server.close(done));
  vi.stubEnv("AWS_ENDPOINT_URL_SECRETS_MANAGER", `http://127.0.0.1:${port}`);
  expect(await read()).toMatchObject({ code: "ERR_AUTH_UNREACHABLE", reason: "network" });
});

test("a client that is set up for another region than the ARN's is not asked", async () => {
  const client = world().client({ region: "us-east-1" });
  const arn = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:team/app-AbCdEf";
  expect(await read({ secretId: arn, client })).toMatchObject({
    code: "ERR_AUTH_INVALID",
    reason: "region-conflict",
  });
  expect(world().front.seen).toEqual([]);
});
