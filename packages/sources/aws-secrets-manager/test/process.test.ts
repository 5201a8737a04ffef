import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import { useAgent } from "./support/local-agent.ts";
import { useWorld } from "./support/world.ts";

const world = useWorld();
const { agent, token } = useAgent();

/** A program of its own, which lists what it loads. One that does not end by itself is an error here. */
async function run(body: string, env: Record<string, string> = {}): Promise<string> {
  const program = `
    import { registerHooks } from "node:module";
    const loaded = [];
    registerHooks({ load: (url, context, next) => (loaded.push(url), next(url, context)) });
    const sdk = () => loaded.filter((url) => /aws-sdk|smithy/.test(url)).length > 0;
    ${body}`;
  const args = ["--conditions=src", "--no-warnings", "--input-type=module", `--eval=${program}`];
  const { stdout } = await promisify(execFile)(process.execPath, args, {
    cwd: new URL("..", import.meta.url),
    env: { PATH: process.env["PATH"], ...env },
    timeout: 30_000,
  });
  return stdout.trim();
}

test("the SDK is loaded by the first read, and not before", async () => {
  const secret = await world().create("the-token");
  const said = await run(
    `
    const { fromAwsSecretsManager } = await import("@auth/aws-secrets-manager");
    const provider = fromAwsSecretsManager({ secretId: "${secret}" });
    console.log(sdk());
    const { token } = await provider.get();
    console.log(sdk(), token.reveal());
    process.exit();`,
    world().env,
  );
  expect(said).toBe("false\ntrue the-token");
});

test("SEC-66 the program ends by itself after dispose, which ends the client's connections", async () => {
  const secret = await world().create("the-token");
  const said = await run(
    `
    const { fromAwsSecretsManager } = await import("@auth/aws-secrets-manager");
    const provider = fromAwsSecretsManager({ secretId: "${secret}" });
    await provider.get();
    await provider[Symbol.asyncDispose]();
    for (let turn = 0; turn < 20; turn++) await new Promise((done) => setImmediate(done));
    console.log(process.getActiveResourcesInfo().filter((each) => /TCP|Timeout/.test(each)).join());`,
    world().env,
  );
  expect(said).toBe("");
});

test("SEC-66 a program that forgets to dispose ends, too", async () => {
  const secret = await world().create("the-token");
  const said = await run(
    `
    const { fromAwsSecretsManager } = await import("@auth/aws-secrets-manager");
    console.log((await fromAwsSecretsManager({ secretId: "${secret}" }).get()).type);`,
    world().env,
  );
  expect(said).toBe("access-token");
});

test("the way by the local agent never loads the SDK, and no proxy sees it", async () => {
  agent().store("CreateSecret", { Name: "team/app", SecretString: "the-token" });
  const said = await run(
    `
    const { fromLocalAgent } = await import("@auth/aws-secrets-manager/local-agent");
    const { token } = await fromLocalAgent({ secretId: "team/app" }).get();
    console.log(sdk() || loaded.some((url) => url.includes("sdk-transport")), token.reveal());`,
    {
      AWS_TOKEN: token.value,
      PARAMETERS_SECRETS_EXTENSION_HTTP_PORT: `${agent().port}`,
      NODE_USE_ENV_PROXY: "1",
      HTTP_PROXY: "http://127.0.0.1:1",
      http_proxy: "http://127.0.0.1:1",
    },
  );
  expect(said).toBe("false the-token");
});
