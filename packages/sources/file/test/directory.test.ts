import { mkdirSync, rmSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { fromFile } from "../src/index.ts";
import { failing, posix, secretOf, temporary } from "./temporary.ts";

const { at, put, mount } = temporary();

describe("one file per field", () => {
  test.each([
    [
      { username: "alice", password: "p" },
      { type: "password", username: "alice" },
    ],
    [
      { "client-id": "app\n", "client-secret": "s\n" },
      { type: "client-secret", clientId: "app" },
    ],
    [
      { clientId: "app", privateKey: "pem\n" },
      { type: "private-key", clientId: "app" },
    ],
    [{ REFRESH_TOKEN: "r", "ca.crt": "x", namespace: "y" }, { type: "refresh-token" }],
    [{ "api.key": "k" }, { type: "api-key" }],
  ])("%j", async (files, expected) => {
    for (const [name, text] of Object.entries(files)) put(`acme/${name}`, text);
    const provider = fromFile({ path: at("acme") });
    expect(await provider.get()).toMatchObject({ ...expected, source: `file ${at("acme")}` });
  });

  test("declared names, or one file", async () => {
    for (const [name, text] of Object.entries({ user: "alice\n", "pass.txt": "p\n", token: "t\n" }))
      put(`acme/${name}`, text);
    const path = at("acme");
    expect(await secretOf(fromFile({ path, fields: { username: "user", password: "pass.txt" } }))).toBe("p");
    expect(await secretOf(fromFile({ path, field: "pass.txt", bare: "apiKey" }))).toBe("p");
    expect(await secretOf(fromFile({ path, field: "/token", trim: "none" }))).toBe("t\n");
  });

  test("a field is a name in the directory, and no path out of it", async () => {
    put("secret", "outside");
    put("acme/token", "t");
    for (const field of ["../secret", "/../secret", at("secret"), "none"])
      expect(await failing(fromFile({ path: at("acme"), field }))).toMatchObject({ reason: "no-field" });
  });

  test("none of the usual names is absence", async () => {
    put("acme/ca.crt", "x");
    expect(await failing(fromFile({ path: at("acme") }))).toMatchObject({
      code: "ERR_AUTH_NOT_FOUND",
      reason: "empty-directory",
    });
  });

  test("half of it, or one of it twice, is an error", async () => {
    put("half/client-id", "app");
    expect(await failing(fromFile({ path: at("half") }))).toMatchObject({
      code: "ERR_AUTH_INVALID",
      reason: "half-credential",
      message: expect.stringContaining('"client_secret" is missing'),
    });
    put("twice/api_key", "k");
    put("twice/api-key", "k");
    expect(await failing(fromFile({ path: at("twice") }))).toMatchObject({ reason: "payload-malformed" });
  });

  test("a file that is a directory itself counts as absent", async () => {
    mkdirSync(at("acme/token"), { recursive: true });
    expect(await failing(fromFile({ path: at("acme") }))).toMatchObject({ reason: "empty-directory" });
  });

  test("SEC-75 a format for files refuses a directory, and the other way round", async () => {
    mkdirSync(at("acme"));
    for (const format of ["json", "dotenv", "text"] as const)
      expect(await failing(fromFile({ path: at("acme"), format }))).toMatchObject({
        code: "ERR_AUTH_INVALID",
        reason: "not-a-file",
      });
    const file = fromFile({ path: put("token", "t"), format: "directory" });
    expect(await failing(file)).toMatchObject({ code: "ERR_AUTH_INVALID", reason: "not-a-directory" });
    const none = fromFile({ path: at("none"), format: "directory" });
    expect(await failing(none)).toMatchObject({ code: "ERR_AUTH_NOT_FOUND", reason: "no-file" });
  });
});

describe.runIf(posix)("a secret mounted by Kubernetes", () => {
  const before = { username: "alice", password: "old" };
  const after = { username: "bob", password: "new" };

  test("is read behind ..data, whose name is its version", async () => {
    const path = mount("acme", "2024_01", before);
    const provider = fromFile({ path });
    expect(await provider.get()).toMatchObject({ username: "alice", version: "..2024_01" });
    mount("acme", "2024_02", after);
    expect(await provider.get()).toMatchObject({ username: "bob", version: "..2024_02" });
    expect(await secretOf(fromFile({ path, field: "password", bare: "apiKey" }))).toBe("new");
    expect(await secretOf(fromFile({ path: `${path}/password` }))).toBe("new");
  });

  test.each([false, true])(
    "swapped during a read, is never mixed (old state deleted: %s)",
    async (deleted) => {
      const path = mount("acme", "2024_01", before, 0o644);
      let swapped = false;
      const provider = fromFile({
        path,
        // Told of the first file's mode when that file is read and the second is not.
        onWarning() {
          if (swapped) return;
          swapped = true;
          mount("acme", "2024_02", after, 0o644);
          if (deleted) rmSync(at("acme/..2024_01"), { recursive: true });
        },
      });
      const found = await provider.get();
      expect(swapped).toBe(true);
      expect(found.type === "password" && [found.username, found.password.reveal()]).toEqual(["bob", "new"]);
    },
  );

  test("that never rests is unreachable, and not mixed", async () => {
    const path = mount("acme", "0", before, 0o644);
    let swaps = 0;
    const provider = fromFile({
      path,
      onWarning() {
        swaps += 1;
        mount("acme", `${swaps}`, before, 0o600 + swaps);
      },
    });
    // Each state has a mode of its own, so each read brings a warning, and each warning a swap.
    expect(await failing(provider)).toMatchObject({ code: "ERR_AUTH_UNREACHABLE", reason: "read-failed" });
  });
});
