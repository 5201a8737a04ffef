import { execFileSync } from "node:child_process";
import { chmodSync, chownSync, symlinkSync, truncateSync } from "node:fs";
import { createServer } from "node:net";
import { describe, expect, test } from "vitest";
import { checkPermissions } from "../src/check-permissions.ts";
import { type FileWarning, fromFile } from "../src/index.ts";
import { asNobody, failing, posix, secretOf, temporary } from "./temporary.ts";

const { at, put } = temporary();
const root = process.geteuid?.() === 0;
const unsafe = { code: "ERR_AUTH_INVALID", reason: "unsafe-permissions" };
const notAFile = { code: "ERR_AUTH_INVALID", reason: "not-a-file" };

describe.runIf(posix)("mode bits", () => {
  test.each([0o640, 0o604, 0o620, 0o602, 0o610, 0o601, 0o644, 0o777])(
    "SEC-73 %o is a warning, and refused when strict",
    async (mode) => {
      const path = put("token", "t0ken");
      chmodSync(path, mode);
      const warnings: FileWarning[] = [];
      const lenient = fromFile({ path, onWarning: (warning) => warnings.push(warning) });
      expect(await secretOf(lenient)).toBe("t0ken");
      expect(warnings).toEqual([
        {
          reason: "unsafe-permissions",
          path,
          message: expect.stringMatching(
            `${path} has mode 0${mode.toString(8)}: .*chmod 600 ${path}`,
          ) as unknown,
        },
      ]);
      expect(await failing(fromFile({ path, strict: true }))).toMatchObject({
        ...unsafe,
        message: expect.stringContaining(`chmod 600 ${path}`),
      });
    },
  );

  test.each([0o600, 0o400, 0o700])("SEC-73 %o is right", async (mode) => {
    const path = put("token", "t0ken");
    chmodSync(path, mode);
    const onWarning = (): never => expect.fail("nothing to warn of");
    expect(await secretOf(fromFile({ path, strict: true, onWarning }))).toBe("t0ken");
  });

  test("the group may read if it is said so, and no more", async () => {
    const path = put("token", "t0ken");
    chmodSync(path, 0o440);
    expect(await secretOf(fromFile({ path, strict: true, allowGroupRead: true }))).toBe("t0ken");
    for (const mode of [0o460, 0o444]) {
      chmodSync(path, mode);
      const error = await failing(fromFile({ path, strict: true, allowGroupRead: true }));
      expect(error).toMatchObject({ ...unsafe, message: expect.stringContaining("chmod 640") });
    }
  });

  test("a finding is told once, another one anew", async () => {
    const path = put("token", "t0ken");
    const warnings: string[] = [];
    const provider = fromFile({ path, onWarning: ({ message }) => warnings.push(message) });
    for (const mode of [0o644, 0o644, 0o640, 0o644]) {
      chmodSync(path, mode);
      await provider.get();
    }
    expect(warnings).toHaveLength(2);
  });

  test("SEC-73 the file behind a link is what counts", async () => {
    chmodSync(put("real", "t0ken"), 0o644);
    symlinkSync("real", at("link"));
    expect(await failing(fromFile({ path: at("link"), strict: true }))).toMatchObject(unsafe);
  });

  test("each file of a directory is checked", async () => {
    put("acme/username", "alice");
    chmodSync(put("acme/password", "p"), 0o644);
    expect(await failing(fromFile({ path: at("acme"), strict: true }))).toMatchObject({
      ...unsafe,
      message: expect.stringContaining(at("acme/password")),
    });
  });

  test("a file that may not be read is denied, not absent", async () => {
    const path = put("token", "t0ken");
    chmodSync(path, 0);
    expect(await asNobody(() => failing(fromFile({ path })))).toMatchObject({
      code: "ERR_AUTH_DENIED",
      reason: "unreadable",
    });
  });
});

describe("the owner", () => {
  test("SEC-73 is this user, root, or somebody who was named", () => {
    const of = (uid: number, owners: number[] = []) =>
      checkPermissions("/s", { uid, mode: 0o100400 }, 1000, { owners });
    expect(of(1000)).toBeUndefined();
    expect(of(0)).toBeUndefined();
    expect(of(1001)).toMatchObject({ foreign: true, text: expect.stringContaining("chown 1000 /s") });
    expect(of(1001, [1001])).toBeUndefined();
    expect(checkPermissions("/s", { uid: 1001, mode: 0o100777 }, undefined, {})).toBeUndefined();
  });

  test("the command can be pasted, whatever the path", () => {
    const found = checkPermissions("/a b/it's", { uid: 1, mode: 0o100644 }, 1, {});
    expect(found?.text).toContain("chmod 600 '/a b/it'\\''s'");
  });

  test.runIf(posix && root)("SEC-73 a file of somebody else is refused, strict or not", async () => {
    const path = put("token", "planted");
    chownSync(path, 4242, 4242);
    expect(await failing(fromFile({ path }))).toMatchObject(unsafe);
    expect(await secretOf(fromFile({ path, owners: [4242] }))).toBe("planted");
  });
});

describe("SEC-75 what is not a file is an error at once", () => {
  test.runIf(posix)("a FIFO that nobody writes to", async () => {
    execFileSync("mkfifo", [at("fifo")]);
    expect(await failing(fromFile({ path: at("fifo") }))).toMatchObject(notAFile);
  });

  test.runIf(posix)("a FIFO in a directory", async () => {
    put("acme/username", "alice");
    execFileSync("mkfifo", [at("acme/password")]);
    expect(await failing(fromFile({ path: at("acme") }))).toMatchObject(notAFile);
  });

  test.runIf(posix).each(["/dev/zero", "/dev/null", "/dev/tty"])("%s", async (path) => {
    expect(await failing(fromFile({ path }))).toMatchObject(notAFile);
  });

  test.runIf(posix)("a socket", async () => {
    const server = createServer().listen(at("socket"));
    await new Promise((resolve) => server.once("listening", resolve));
    expect(await failing(fromFile({ path: at("socket") }))).toMatchObject(notAFile);
    await new Promise((resolve) => server.close(resolve));
  });

  test("a link to itself", async () => {
    symlinkSync(at("loop"), at("loop"));
    expect(await failing(fromFile({ path: at("loop") }))).toMatchObject(notAFile);
  });
});

describe("size", () => {
  test("1 MiB is read, a byte more is not (L14)", async () => {
    const path = put("token", "t".repeat(1_048_576));
    expect(await secretOf(fromFile({ path }))).toHaveLength(1_048_576);
    put("token", "t".repeat(1_048_577));
    expect(await failing(fromFile({ path }))).toMatchObject({
      code: "ERR_AUTH_INVALID",
      reason: "too-large",
    });
    truncateSync(path, 1_099_511_627_776);
    expect(await failing(fromFile({ path }))).toMatchObject({ reason: "too-large" });
  });

  test("`maxBytes` counts bytes", async () => {
    const path = put("token", "ü".repeat(4));
    expect(await secretOf(fromFile({ path, maxBytes: 8 }))).toHaveLength(4);
    expect(await failing(fromFile({ path, maxBytes: 7 }))).toMatchObject({ reason: "too-large" });
  });

  test.runIf(process.platform === "linux")("a file that tells a wrong size is read whole", async () => {
    expect(await secretOf(fromFile({ path: "/proc/version" }))).toMatch(/^Linux version/);
  });
});
