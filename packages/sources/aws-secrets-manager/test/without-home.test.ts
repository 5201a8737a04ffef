import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { canary } from "@auth/testkit";
import { expect, test } from "vitest";
import { useWorld } from "./support/world.ts";

const world = useWorld();

/** A read in a process whose user has no `HOME`, and no entry with the system either, as in many containers. */
async function read(secretId: string, env: Record<string, string>): Promise<string> {
  const program = `
    import { fromAwsSecretsManager } from "@auth/aws-secrets-manager";
    await using provider = fromAwsSecretsManager({ secretId: "${secretId}" });
    const said = await provider.get().then(
      ({ token }) => token.reveal(),
      ({ code, reason, message }) => code + "/" + reason + " " + message,
    );
    await new Promise((done) => setImmediate(done)); // what nobody handles ends the process here
    console.log(said);`;
  const { stdout } = await promisify(execFile)(
    process.execPath,
    ["--conditions=src", "--no-warnings", "--input-type=module", `--eval=${program}`],
    { cwd: fileURLToPath(new URL("..", import.meta.url)), env, uid: 54_321, gid: 54_321, timeout: 30_000 },
  );
  return stdout.trim();
}

// Only root can become another user.
const alone = test.runIf(process.getuid?.() === 0);

alone("SEC-119 keys in the environment need no home", async () => {
  const secret = canary("homeless");
  expect(await read(await world().create(secret.value), { ...world().env })).toBe(secret.value);
});

alone("a region that nobody says is missed in words", async () => {
  const { AWS_REGION: _, ...env } = world().env;
  expect(await read("app", env)).toMatch(/^ERR_AUTH_INVALID\/no-region /);
});

alone("what would be looked for in the home is not there, and the process lives on", async () => {
  const { AWS_ACCESS_KEY_ID: _, ...keyless } = world().env;
  for (const env of [keyless, { ...world().env, AWS_PROFILE: "work" }])
    expect(await read("app", env)).toMatch(
      /^ERR_AUTH_UNAVAILABLE\/no-home aws-sm app: HOME is not set.* Set it to an absolute path\.$/,
    );
  expect(world().front.seen).toEqual([]);
});
