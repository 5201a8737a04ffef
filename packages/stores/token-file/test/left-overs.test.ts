import { linkSync, utimesSync, writeFileSync } from "node:fs";
import { expect, test } from "vitest";
import { tokenFile } from "../src/index.ts";
import { identifyProcess } from "../src/process-identity.ts";
import { deadPid } from "./support/locks.ts";
import { temporary } from "./support/temporary.ts";

const { at, put, names } = temporary();
const self = identifyProcess();
const nonce = "0123456789abcdef0123456789abcdef";
const day = 86_400_000;

/** A temporary file of the process that `parts` make of this one. */
function leftOver(base: string, parts: Partial<typeof self>, ageMs = 0): string {
  const { space, pid, started } = { ...self, ...parts };
  const name = `${base}.${space}.${pid}.${started}.${nonce}.tmp`;
  const time = (Date.now() - ageMs) / 1000;
  utimesSync(put(name, "half a token set"), time, time);
  return name;
}

async function write(): Promise<string[]> {
  await tokenFile({ path: at("tokens.json") }).write("a", "x", undefined);
  return names().filter((name) => name !== "tokens.json");
}

test("SEC-71 what killed processes left is removed, of the file and of its locks", async () => {
  leftOver("tokens.json", { pid: deadPid });
  leftOver("tokens.json.lock", { pid: deadPid });
  leftOver("tokens.json.0123456789abcdef.lock", { pid: deadPid });
  leftOver("tokens.json", { space: "00000000" }, 2 * day);
  expect(await write()).toEqual([]);
});

test("SEC-65 what may be somebody's work stays: another process, thread or machine, another file", async () => {
  const stays = [
    leftOver("tokens.json", {}),
    leftOver("tokens.json.lock", { pid: process.ppid, started: "0" }),
    leftOver("tokens.json", { space: "00000000", pid: deadPid }),
    leftOver("tokens.json", { space: "00000001" }, day / 2),
    leftOver("tokens.jsonx", { pid: deadPid }),
    leftOver("other.json", { pid: deadPid }),
  ];
  for (const name of [
    "tokens.json.tmp",
    "tokens.json.backup",
    "tokens.json.1.2.3.tmp",
    `tokens.json.${nonce}.tmp`,
  ]) {
    put(name, "a person's own");
    stays.push(name);
  }
  expect(await write()).toEqual(stays.sort());
});

test("SEC-78 what is left of chains that have gone is removed, what may be a lock is not", async () => {
  const held = "tokens.json.0123456789abcdef.lock";
  writeFileSync(at("holder"), "{}");
  for (const name of [
    held,
    `${held}.${nonce}.1`,
    `tokens.json.lock.${nonce}.1`,
    `tokens.json.lock.${nonce}.2`,
  ])
    linkSync(at("holder"), at(name));
  put("tokens.json.lock.notes.1", "a person's own");
  expect(await write()).toEqual(["holder", held, `${held}.${nonce}.1`, "tokens.json.lock.notes.1"].sort());
});

test("SEC-66 nothing is left of a login that was read, locked, prepared, written and deleted", async () => {
  const store = tokenFile({ path: at("tokens.json") });
  await store.withLock("a", async (lease) => {
    await store.prepare("a");
    await lease.sent?.();
    const generation = await store.write("a", "x", undefined);
    await store.write("a", "y", generation);
    await store.read("a");
  });
  await store.delete("a");
  expect(names()).toEqual(["tokens.json"]);
});
