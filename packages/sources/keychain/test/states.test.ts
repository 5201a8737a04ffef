import { randomUUID } from "node:crypto";
import { readFileSync } from "node:fs";
import { canary } from "@auth/testkit";
import { expect, test } from "vitest";
import { fromKeychain, keychainStore } from "../src/index.ts";
import { failing } from "./support/failing.ts";
import { describeReal, keyrings, put } from "./support/world.ts";

const names = { service: "acme", username: "alice" };
const alice = { service: "acme", account: "alice" } as const;
const locked = { code: "ERR_AUTH_DENIED", reason: "locked" };
const away = { code: "ERR_AUTH_UNAVAILABLE", reason: "no-keychain" };

/** Everything that can be asked, each with a keychain of its own. */
const questions = {
  "read an entry": () => fromKeychain(alice).get(),
  "read a login": () => keychainStore({ service: "acme" }).read("alice"),
  "write a login": () => keychainStore({ service: "acme" }).write("work", "text", undefined),
  "delete a login": () => keychainStore({ service: "acme" }).delete("alice"),
  "prepare a write": () => keychainStore({ service: "acme" }).prepare?.("work") ?? Promise.reject(),
} as const;

describeReal("SEC-81 a keyring that is", () => {
  const { enter } = keyrings();

  test.each(Object.entries(questions))("locked is never taken for an empty one: %s", async (_, ask) => {
    const secret = canary("locked");
    const keyring = await enter();
    put(keyring, secret.value, names);
    keyring.lock();
    const error = await failing(ask());
    expect(error).toMatchObject(locked);
    secret.check(error);
  });

  test("locked says so also before anything is sent, and the login is as it was", async () => {
    const keyring = await enter();
    const store = keychainStore({ service: "acme" });
    await store.write("work", "text", undefined);
    keyring.lock();
    expect(await failing(Promise.resolve(store.prepare?.("work")))).toMatchObject(locked);
    expect(await failing(store.read("work"))).toMatchObject(locked);
  });

  test("locked, and surely without the entry, is asked no further", async () => {
    const keyring = await enter();
    put(keyring, "of somebody else", { service: "acme", username: "bob" });
    keyring.lock();
    expect(await failing(fromKeychain(alice).get())).toMatchObject({ reason: "no-entry" });
  });

  test.each(Object.entries(questions))("absent is unavailable: %s", async (_, ask) => {
    await enter({ state: "absent" });
    expect(await failing(ask())).toMatchObject(away);
  });

  test.each([undefined, "unix:path=/nonexistent", "garbage"])(
    "without a bus (%s) is unavailable",
    async (bus) => {
      await enter({ state: "absent" });
      if (bus === undefined) delete process.env["DBUS_SESSION_BUS_ADDRESS"];
      else process.env["DBUS_SESSION_BUS_ADDRESS"] = bus;
      expect(await failing(fromKeychain(alice).get())).toMatchObject(away);
    },
  );

  test("absent is not made up for by the kernel's: nothing is kept there", async () => {
    await enter({ state: "absent" });
    const service = randomUUID();
    const store = keychainStore({ service });
    expect(await failing(store.write("work", "text", undefined))).toMatchObject(away);
    expect(readFileSync("/proc/keys", "utf8")).not.toContain(service);
  });

  test("new has nothing in it yet, and takes nothing", async () => {
    await enter({ state: "locked" });
    expect(await failing(fromKeychain(alice).get())).toMatchObject({ reason: "no-entry" });
    expect(await failing(questions["write a login"]())).toMatchObject(away);
  });

  test.each(Object.entries(questions).slice(0, 2))("ambiguous is no guess: %s", async (_, ask) => {
    const keyring = await enter();
    put(keyring, "ours", names);
    put(keyring, "theirs", { ...names, application: "another program" });
    expect(await failing(ask())).toMatchObject({ code: "ERR_AUTH_INVALID", reason: "ambiguous" });
  });

  test("full of bytes that are no text says so", async () => {
    const keyring = await enter();
    put(keyring, Uint8Array.of(0xff, 0xfe, 0x41), names);
    expect(await failing(fromKeychain(alice).get())).toMatchObject({ reason: "not-utf8" });
  });

  test("killed comes back without the program being started again", async () => {
    const keyring = await enter();
    put(keyring, "first", names);
    const provider = fromKeychain({ ...alice, ttlMs: 0 });
    expect(await provider.get()).toMatchObject({ type: "access-token" });
    await keyring.signal("SIGKILL");
    expect(await failing(provider.get())).toMatchObject(away);
    await keyring.restart();
    expect(await provider.get()).toMatchObject({ type: "access-token" });
  });

  test.each(["Pässwört-密码-🔑", "a\nb\r\nc\n", " blanks ", "00ff00ff", '{"not":'])(
    "SEC-81 unlocked gives texts back as they are: %j",
    async (text) => {
      const keyring = await enter();
      put(keyring, text, names);
      const found = await fromKeychain({ ...alice, bare: "password" }).get();
      expect(found.type === "password" && found.password.reveal()).toBe(text);
    },
  );
});
