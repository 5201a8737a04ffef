import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { readdirSync, readFileSync } from "node:fs";
import { setImmediate as turn } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { type Clock, systemClock } from "@auth/core";
import { canary, fakeClock } from "@auth/testkit";
import { expect, onTestFinished, test } from "vitest";
import { fromKeychain, keychainStore } from "../src/index.ts";
import { argumentsOf, askers, isGone, until } from "./support/askers.ts";
import { failing } from "./support/failing.ts";
import { memory } from "./support/memory.ts";
import { describeReal, keyrings, put } from "./support/world.ts";

const alice = { service: "acme", account: "alice" } as const;
const timeout = { code: "ERR_AUTH_UNREACHABLE", reason: "timeout" };

test.each([
  [{}, 5_000],
  [{ interactive: true }, 60_000],
  [{ interactive: true, timeoutMs: 7 }, 7],
])("L13 with %o a call may take %i ms", async (options, limit) => {
  const clock = fakeClock();
  const keychain = memory();
  keychain.gate = new Promise(() => {});
  const hanging = failing(
    fromKeychain({ ...alice, backend: "napi", client: keychain.napi, clock, ...options }).get(),
  );
  await clock.advance(limit - 1);
  expect(await Promise.race([hanging, turn("still waiting")])).toBe("still waiting");
  await clock.advance(1);
  expect(await hanging).toMatchObject(timeout);
});

test("an answer that comes too late bothers nobody, and the next call is a new one", async () => {
  const clock = fakeClock();
  const keychain = memory();
  const late = Promise.withResolvers<void>();
  keychain.gate = late.promise;
  const provider = fromKeychain({ ...alice, backend: "napi", client: keychain.napi, clock });
  const hanging = failing(provider.get());
  await clock.advance(5_000);
  expect(await hanging).toMatchObject(timeout);
  keychain.failure = "too late";
  late.resolve();
  await turn();
  keychain.failure = undefined;
  keychain.items.set("acme/alice", "token");
  expect(await provider.get()).toMatchObject({ type: "access-token" });
});

/** With this clock, a process that asks never ends because nobody has asked for long. */
const neverIdle: Clock = {
  ...systemClock,
  sleep: (ms, wait) => (wait?.background ? new Promise(() => {}) : systemClock.sleep(ms, wait)),
};

/** A program that reads the entry, given so many ms, and prints what became of it. */
async function program(timeoutMs: number, then = ""): Promise<ChildProcess> {
  const path = fileURLToPath(new URL("children/read.ts", import.meta.url));
  const child = spawn(process.execPath, ["--conditions=src", "--no-warnings", path, `${timeoutMs}`, then], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  onTestFinished(() => void child.kill("SIGKILL"));
  return child;
}
const output = async (child: ChildProcess): Promise<string> => {
  const parts: string[] = [];
  for await (const part of child.stdout ?? []) parts.push(String(part));
  return parts.join("");
};

describeReal("with a keyring that is stopped", () => {
  const { enter } = keyrings();

  test.each(["", "exit"])("SEC-81 a program hears of it in time, and comes to its end (%s)", async (then) => {
    const keyring = await enter();
    put(keyring, "token", { service: "acme", username: "alice" });
    await keyring.signal("SIGSTOP");
    const child = await program(100, then);
    const ended = once(child, "exit");
    expect(await output(child)).toBe("ERR_AUTH_UNREACHABLE/timeout\n");
    expect(await ended).toEqual([0, null]);
  });

  test("the process that hangs is ended, and the next call has a new one", async () => {
    const keyring = await enter();
    put(keyring, "token", { service: "acme", username: "alice" });
    const provider = fromKeychain({ ...alice, timeoutMs: 1_500, ttlMs: 0, clock: neverIdle });
    await provider.get();
    const [first = 0] = askers();
    await keyring.signal("SIGSTOP");
    expect(await failing(provider.get())).toMatchObject(timeout);
    await until(() => isGone(first));
    await keyring.signal("SIGCONT");
    expect(await provider.get()).toMatchObject({ type: "access-token" });
    expect(askers()).not.toContain(first);
    await provider[Symbol.asyncDispose]?.();
    await until(() => askers().length === 0);
  });

  test("SEC-65 a program that is killed takes the process that hangs along", async () => {
    const keyring = await enter();
    put(keyring, "token", { service: "acme", username: "alice" });
    await keyring.signal("SIGSTOP");
    const child = await program(60_000);
    await until(() => askers(child.pid).length === 1);
    const [asker = 0] = askers(child.pid);
    child.kill("SIGKILL");
    await until(() => isGone(asker));
  });
});

describeReal("the process that asks", () => {
  const { enter } = keyrings();

  test("SEC-66 keeps no program alive that has its answer, and ends with it", async () => {
    const keyring = await enter();
    put(keyring, "token", { service: "acme", username: "alice" });
    const child = await program(60_000);
    const ended = once(child, "exit");
    expect(await output(child)).toBe("access-token\n");
    expect(await ended).toEqual([0, null]);
  });

  test("starts although the current folder is gone", async () => {
    const keyring = await enter();
    put(keyring, "token", { service: "acme", username: "alice" });
    expect(await output(await program(60_000, "gone"))).toBe("access-token\n");
  });

  test("is not needed for a module that is handed in", async () => {
    const keyring = await enter();
    expect(await output(await program(60_000, "here"))).toBe("ERR_AUTH_NOT_FOUND/no-entry\n");
    put(keyring, "token", { service: "acme", username: "alice" });
    expect(await output(await program(60_000, "here"))).toBe("access-token\n");
    keyring.lock();
    expect(await output(await program(60_000, "here"))).toBe("ERR_AUTH_DENIED/locked\n");
  });

  test("SEC-8 has no secret in its arguments or its environment, and little else", async () => {
    const secret = canary("environment");
    await enter();
    process.env["ACME_PASSWORD"] = secret.value;
    process.env["NODE_OPTIONS"] = "--no-warnings";
    const store = keychainStore({ service: "acme" });
    await store.write("work", secret.value, undefined);
    const [asker = 0] = askers();
    const environment = readFileSync(`/proc/${asker}/environ`, "utf8");
    secret.check(argumentsOf(asker), environment);
    expect(environment).toContain("DBUS_SESSION_BUS_ADDRESS=");
    expect(environment).not.toContain("NODE_OPTIONS");
    await store[Symbol.asyncDispose]?.();
  });

  test("is one for all calls, and connects once for each name", async () => {
    await enter();
    const store = keychainStore({ service: "acme" });
    let generation: string | undefined;
    for (let time = 0; time < 50; time++) generation = await store.write("work", `${time}`, generation);
    const [asker, ...others] = askers();
    expect(others).toEqual([]);
    const sockets = readdirSync(`/proc/${asker}/fd`).length;
    for (let time = 0; time < 50; time++) await store.read("work");
    expect(readdirSync(`/proc/${asker}/fd`)).toHaveLength(sockets);
    await store[Symbol.asyncDispose]?.();
  });

  test("that dies is an error for who waits, and another one serves the next", async () => {
    const keyring = await enter();
    put(keyring, "token", { service: "acme", username: "alice" });
    const provider = fromKeychain({ ...alice, ttlMs: 0 });
    await provider.get();
    await keyring.signal("SIGSTOP");
    const waiting = failing(provider.get());
    const [asker = 0] = askers();
    process.kill(asker, "SIGKILL");
    expect(await waiting).toMatchObject({ code: "ERR_AUTH_UNREACHABLE", reason: "read-failed" });
    await keyring.signal("SIGCONT");
    expect(await provider.get()).toMatchObject({ type: "access-token" });
    await provider[Symbol.asyncDispose]?.();
  });

  test("SEC-65 hears no Ctrl-C: what a program is saving when it is told to end is saved", async () => {
    const keyring = await enter();
    const store = keychainStore({ service: "acme", timeoutMs: 60_000, clock: neverIdle });
    const first = await store.write("work", "old", undefined);
    const [asker = 0] = askers();
    await keyring.signal("SIGSTOP");
    const saving = store.write("work", "rotated", first);
    for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.kill(asker, signal);
    await keyring.signal("SIGCONT");
    expect(await saving).toEqual(expect.any(String));
    expect((await store.read("work"))?.value).toBe("rotated");
    await store[Symbol.asyncDispose]?.();
    await until(() => isGone(asker));
  });

  test("whoever waits while it is disposed of hears that", async () => {
    const keyring = await enter();
    put(keyring, "token", { service: "acme", username: "alice" });
    await keyring.signal("SIGSTOP");
    const provider = fromKeychain({ ...alice, ttlMs: 0, clock: neverIdle });
    const waiting = failing(provider.get());
    await until(() => askers().length === 1);
    await provider[Symbol.asyncDispose]?.();
    expect(await waiting).toMatchObject({ code: "ERR_AUTH_UNAVAILABLE", reason: "disposed" });
    await keyring.signal("SIGCONT");
    expect(await provider.get()).toMatchObject({ type: "access-token" });
    await provider[Symbol.asyncDispose]?.();
  });

  test("ends by itself when nobody has asked for a while", async () => {
    const keyring = await enter();
    put(keyring, "token", { service: "acme", username: "alice" });
    const clock = fakeClock();
    await fromKeychain({ ...alice, clock }).get();
    expect(askers()).toHaveLength(1);
    await clock.advance(4_999);
    expect(askers()).toHaveLength(1);
    await clock.advance(1);
    await until(() => askers().length === 0);
  });
});
