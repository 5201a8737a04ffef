import { spawn, spawnSync } from "node:child_process";
import { cpSync, mkdtempSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, onTestFinished, test } from "vitest";
import { fromKeychain, keychainStore } from "../src/index.ts";
import { askers, hasLoaded, isGone, until } from "./support/askers.ts";
import { failing } from "./support/failing.ts";
import type { Keyring } from "./support/keyring.ts";
import { keytarFolder, keytarThere, parts } from "./support/real-keytar.ts";
import { describeReal, keyrings, put } from "./support/world.ts";

const text = "Pässwört 'quoted' \"twice\" 🔑\n";
const alice = { service: "https://acme.example", account: "alice" } as const;
const names = [alice.service, alice.account] as const;
const read = async (): Promise<string> => {
  const found = await fromKeychain({ ...alice, bare: "password" }).get();
  return found.type === "password" ? found.password.reveal() : found.type;
};
const { enter } = keyrings();
const describeIf = (there: boolean) => (there ? describeReal : describe.skip);

/** The distribution's own, which has the package; not one that comes first in PATH. */
const pythonProgram = "/usr/bin/python3";
const pythonThere =
  spawnSync(pythonProgram, ["-c", "import keyring, secretstorage"]).status === 0 ||
  process.env["AUTH_IT"] === "require";
if (!pythonThere) console.warn("SKIPPED: no test ran with Python's keyring, as it is not installed.");
const python = (keyring: Keyring, code: string, ...args: string[]): string =>
  keyring.run(pythonProgram, ["-c", `import json, sys, keyring as k\n${code}`, ...args]).trim();

describeIf(pythonThere)("Python's keyring", () => {
  const save = "k.set_password(*sys.argv[1:])";
  const show = "print(json.dumps(k.get_password(*sys.argv[1:])))";

  test("what it writes is read", async () => {
    const keyring = await enter();
    python(keyring, save, ...names, text);
    expect(await read()).toBe(text);
  });

  test("it reads a login of ours, and the login stays one item", async () => {
    const keyring = await enter();
    const store = keychainStore({ service: alice.service });
    const generation = await store.write("alice", text, undefined);
    expect(JSON.parse(JSON.parse(python(keyring, show, ...names))).value).toBe(text);
    await store.write("alice", "another", generation);
    expect(keyring.count(alice.service)).toBe(1);
  });

  test("what it adds to a login of ours is ambiguous, and neither is touched", async () => {
    const keyring = await enter();
    const store = keychainStore({ service: alice.service });
    const generation = await store.write("alice", text, undefined);
    python(keyring, save, ...names, "theirs");
    const ambiguous = { code: "ERR_AUTH_INVALID", reason: "ambiguous" };
    expect(await failing(store.read("alice"))).toMatchObject(ambiguous);
    expect(await failing(store.write("alice", "new", generation))).toMatchObject(ambiguous);
    expect(await failing(store.delete("alice"))).toMatchObject(ambiguous);
    expect(keyring.count(alice.service)).toBe(2);
  });

  test("it finds what a locked keyring refuses to be locked, as we do", async () => {
    const keyring = await enter();
    python(keyring, save, ...names, text);
    keyring.lock();
    expect(() => python(keyring, show, ...names)).toThrow("KeyringLocked");
    expect(await failing(read())).toMatchObject({ code: "ERR_AUTH_DENIED", reason: "locked" });
  });
});

describeReal("secret-tool", () => {
  test("what it stores is read, under either generation of a service's name", async () => {
    const keyring = await enter();
    put(keyring, text, { service: "acme.example", username: "alice" });
    const service = ["https://acme.example", "acme.example"] as const;
    expect(await fromKeychain({ service, account: "alice", bare: "password" }).get()).toMatchObject({
      username: "alice",
      source: "keychain https://acme.example/alice",
    });
    put(keyring, "newer", { service: "https://acme.example", username: "alice" });
    expect(await read()).toBe("newer");
  });
});

describeIf(keytarThere)("keytar", () => {
  const script = fileURLToPath(new URL("children/other-program.ts", import.meta.url));
  const keytar = (keyring: Keyring, what: string, ...args: string[]): unknown => {
    const env = { ...keyring.env, AUTH_PARTS: parts };
    const flags = ["--conditions=src", "--no-warnings", script, what];
    const { stdout, stderr } = spawnSync(process.execPath, [...flags, ...args], { env, encoding: "utf8" });
    expect(stderr).toBe("");
    return JSON.parse(stdout);
  };

  test("as backend it reads what it wrote, and nothing else does", async () => {
    const keyring = await enter();
    keytar(keyring, "set", ...names, text);
    expect(keytar(keyring, "read", ...names)).toBe(text);
    expect(await failing(read())).toMatchObject({ reason: "no-entry" });
  });

  test("as backend it keeps logins", async () => {
    const keyring = await enter();
    expect(keytar(keyring, "write a login", "acme", "work", text)).toMatch(/^[\w-]{36}$/);
    expect(keytar(keyring, "read a login", "acme", "work")).toBe(text);
    expect(keytar(keyring, "delete a login", "acme", "work")).toBe(true);
    expect(keytar(keyring, "read a login", "acme", "work")).toBeNull();
  });

  test.each([
    ["read", ...names],
    ["write a login", "acme", "work", "text"],
    ["read a login", ...names],
    ["delete a login", ...names],
  ])("SEC-81 as backend it does not take a locked keyring for an empty one: %s", async (what, ...args) => {
    const keyring = await enter();
    keytar(keyring, "set", ...names, text);
    keyring.lock();
    expect(keytar(keyring, "get", ...names)).toBeNull(); // which is why somebody else is asked
    expect(keytar(keyring, what, ...args)).toBe("ERR_AUTH_DENIED/locked");
  });

  test("as backend it says what is absent, beside entries of others", async () => {
    const keyring = await enter();
    put(keyring, "of another program", { service: alice.service, username: "bob" });
    expect(keytar(keyring, "read", ...names)).toBe("ERR_AUTH_NOT_FOUND/no-entry");
  });

  test("as an installed peer it is asked in a process that can be ended, whoever ends", async () => {
    const keyring = await enter();
    keytar(keyring, "set", ...names, text);
    const home = mkdtempSync(join(tmpdir(), "auth-keytar-"));
    onTestFinished(() => rmSync(home, { recursive: true }));
    for (const part of ["src", "node_modules"])
      cpSync(new URL(`../${part}`, import.meta.url), join(home, part), { recursive: true });
    symlinkSync(keytarFolder, join(home, "node_modules/keytar"));
    const program = `import { fromKeychain } from "./src/index.ts";
      const [service, account, timeoutMs] = process.argv.slice(1);
      const options = { service, account, bare: "password", backend: "keytar", ttlMs: 0, timeoutMs: +timeoutMs };
      await fromKeychain(options).get().then(
        ({ password }) => console.log(JSON.stringify(password.reveal())),
        ({ reason }) => console.log(JSON.stringify(reason)),
      );`;
    const flags = ["--conditions=src", "--no-warnings", "--input-type=module", `--eval=${program}`, ...names];
    const options = { cwd: home, env: keyring.env, encoding: "utf8" } as const;
    const said = (timeoutMs: string): unknown =>
      JSON.parse(spawnSync(process.execPath, [...flags, timeoutMs], options).stdout);
    expect(said("60000")).toBe(text);

    await keyring.signal("SIGSTOP"); // keytar waits for ever now
    expect(said("300")).toBe("timeout");

    const child = spawn(process.execPath, [...flags, "60000"], options);
    onTestFinished(() => void child.kill("SIGKILL"));
    await until(() => askers(child.pid).length === 1);
    const [asker = 0] = askers(child.pid);
    await until(() => hasLoaded(asker, "keytar.node"));
    child.kill("SIGKILL");
    await until(() => isGone(asker));
  });

  describe("what it left", () => {
    test("is copied by the first read, and stays", async () => {
      const keyring = await enter();
      keytar(keyring, "set", ...names, text);
      expect(keytar(keyring, "migrate", ...names)).toBe(text);
      expect(await read()).toBe(text);
      expect(keytar(keyring, "get", ...names)).toBe(text);
      keytar(keyring, "set", ...names, "later");
      expect(keytar(keyring, "migrate", ...names)).toBe(text);
    });

    test("is deleted once it was copied, if asked for", async () => {
      const keyring = await enter();
      keytar(keyring, "set", ...names, text);
      expect(keytar(keyring, "migrate and delete", ...names)).toBe(text);
      expect(keytar(keyring, "get", ...names)).toBeNull();
      expect(await read()).toBe(text);
    });

    test("SEC-81 in a locked keyring is not absent", async () => {
      const keyring = await enter();
      keytar(keyring, "set", ...names, text);
      keyring.lock();
      expect(keytar(keyring, "migrate", ...names)).toBe("ERR_AUTH_DENIED/locked");
    });
  });
});
