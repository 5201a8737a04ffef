import { execFileSync } from "node:child_process";
import { chmodSync, chownSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { isAuthError } from "@auth/core";
import { canary } from "@auth/testkit";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { fromEnv } from "../src/index.ts";

const posix = process.platform !== "win32";
const root = process.geteuid?.() === 0;
let folder: string;
let path: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "auth-env-"));
  path = join(folder, ".env");
});
afterEach(() => rmSync(folder, { recursive: true }));

const token = (env: Record<string, string> = {}) => fromEnv({ token: "ACME_TOKEN", dotenv: path, env });
const reveal = async (provider: ReturnType<typeof fromEnv>): Promise<unknown> => {
  const found = await provider.get();
  return found.type === "access-token" && found.token.reveal();
};
const failing = (provider: ReturnType<typeof fromEnv>) =>
  provider.get().then(
    () => "no error",
    (error: unknown) =>
      isAuthError(error) ? { code: error.code, reason: error.reason, message: error.message } : error,
  );

test("a .env file gives what the environment does not set", async () => {
  writeFileSync(path, "\uFEFF# for development\r\nexport ACME_TOKEN='to#ken' # comment\r\n");
  expect(await reveal(token())).toBe("to#ken");
  expect(await reveal(token({ ACME_TOKEN: " " }))).toBe("to#ken");
  expect(await reveal(fromEnv({ token: "ACME_TOKEN", dotenv: pathToFileURL(path), env: {} }))).toBe("to#ken");
});

test("the environment wins, variable by variable", async () => {
  writeFileSync(path, "ACME_USERNAME=alice\nACME_PASSWORD=from-file\n");
  const found = await fromEnv({ prefix: "ACME", dotenv: path, env: { ACME_PASSWORD: "real" } }).get();
  expect(found.type === "password" && [found.username, found.password.reveal()]).toEqual(["alice", "real"]);
});

test("an environment that makes a credential needs no file, and is not mixed with one", async () => {
  writeFileSync(path, "ACME_USERNAME=alice\nACME_PASSWORD=from-file\nACME_ACCOUNT=file\n");
  const env = { ACME_TOKEN: "real" };
  const found = await fromEnv({ prefix: "ACME", dotenv: path, env }).get();
  expect(found).toMatchObject({ type: "access-token" });
  expect(found).not.toHaveProperty("account");
  const both = fromEnv({ prefix: "ACME", dotenv: path, env: { ...env, ACME_API_KEY: "k" } });
  expect(await failing(both)).toMatchObject({ reason: "ambiguous-credential" });
  const payload = await fromEnv({ payload: "ACME_TOKEN", dotenv: path, env }).get();
  expect(payload).toMatchObject({ type: "access-token" });
});

test("SEC-8 process.env stays as it is", async () => {
  writeFileSync(path, "AUTH_DOTENV_TEST=secret\n");
  expect(await reveal(fromEnv({ token: "AUTH_DOTENV_TEST", dotenv: path }))).toBe("secret");
  expect(process.env).not.toHaveProperty("AUTH_DOTENV_TEST");
});

test("it is read again each time, and not at all when it is not needed", async () => {
  const provider = token();
  expect(await failing(provider)).toMatchObject({ code: "ERR_AUTH_NOT_FOUND", reason: "not-set" });
  writeFileSync(path, "ACME_TOKEN=first");
  expect(await reveal(provider)).toBe("first");
  writeFileSync(path, "ACME_TOKEN=second");
  expect(await reveal(provider)).toBe("second");
  rmSync(path);
  mkdirSync(path);
  expect(await reveal(token({ ACME_TOKEN: "real" }))).toBe("real");
});

test("an absent one is none, and the message names it", async () => {
  expect(await failing(token())).toHaveProperty("message", expect.stringContaining(`nor in ${path}`));
});

test("a symbolic link is followed", async () => {
  writeFileSync(join(folder, "real"), "ACME_TOKEN=linked");
  symlinkSync(join(folder, "real"), path);
  expect(await reveal(token())).toBe("linked");
});

test("SEC-75 a directory is an error", async () => {
  mkdirSync(path);
  expect(await failing(token())).toMatchObject({ code: "ERR_AUTH_INVALID", reason: "not-a-file" });
});

test.runIf(posix)("SEC-75 neither a FIFO nor a device is waited for", async () => {
  execFileSync("mkfifo", [path]);
  expect(await failing(token())).toMatchObject({ code: "ERR_AUTH_INVALID", reason: "not-a-file" });
  const device = fromEnv({ token: "ACME_TOKEN", dotenv: "/dev/zero", env: {} });
  expect(await failing(device)).toMatchObject({ code: "ERR_AUTH_INVALID", reason: "not-a-file" });
});

test("more than 1 MiB is refused (L14)", async () => {
  writeFileSync(path, `ACME_TOKEN=t\n${"#".repeat(1_048_576)}`);
  expect(await failing(token())).toMatchObject({ code: "ERR_AUTH_INVALID", reason: "too-large" });
});

test("invalid UTF-8 is refused without quoting it", async () => {
  const secret = canary();
  writeFileSync(path, Buffer.concat([Buffer.from(`ACME_TOKEN=${secret.value}`), Buffer.of(0xff)]));
  const error = await failing(token());
  expect(error).toMatchObject({ code: "ERR_AUTH_INVALID", reason: "not-utf8" });
  secret.check(error);
});

test.runIf(posix && root)("SEC-73 a file of somebody else is refused", async () => {
  writeFileSync(path, "ACME_TOKEN=planted");
  chownSync(path, 4242, 4242);
  expect(await failing(token())).toMatchObject({ code: "ERR_AUTH_INVALID", reason: "unsafe-permissions" });
});

test.runIf(posix)("a file that may not be read is denied, not absent", async () => {
  writeFileSync(path, "ACME_TOKEN=t");
  chmodSync(path, 0);
  if (root) process.seteuid?.(65_534); // root may read everything
  try {
    expect(await failing(token())).toMatchObject({ code: "ERR_AUTH_DENIED", reason: "unreadable" });
  } finally {
    if (root) process.seteuid?.(0);
  }
});

describe("in a runtime without Node's modules", () => {
  beforeEach(() => void vi.stubGlobal("process", undefined));
  afterEach(() => void vi.unstubAllGlobals());

  test.each([".env", new URL("file:///app/.env")])(
    "there are no variables and no files: %s",
    async (dotenv) => {
      const source = fromEnv({ token: "ACME_TOKEN", dotenv });
      expect(await failing(source)).toMatchObject({ code: "ERR_AUTH_NOT_FOUND", reason: "not-set" });
    },
  );

  test("what is handed in is found", async () => {
    const found = await fromEnv({ token: "ACME_TOKEN", env: { ACME_TOKEN: "t" }, dotenv: ".env" }).get();
    expect(found).toMatchObject({ type: "access-token" });
  });
});
