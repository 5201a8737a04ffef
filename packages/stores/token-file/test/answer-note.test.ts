import { spawn } from "node:child_process";
import { once } from "node:events";
import { chmodSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { AccessToken, createAuth, type Grant, Secret, type TokenStore } from "@auth/core";
import { canary, fakeClock } from "@auth/testkit";
import { describe, expect, test } from "vitest";
import { AnswerNote, withNote } from "../src/answer-note.ts";
import { tokenFile } from "../src/index.ts";
import { realSystem } from "../src/system.ts";
import { passBesides } from "./support/locks.ts";
import { type Step, steppingFiles, systemError } from "./support/stepping-files.ts";
import { storeOn } from "./support/stores.ts";
import { failing, modeOf, posix, temporary } from "./support/temporary.ts";

const { at, put, names } = temporary();
const path = (): string => at("tokens.json");
const notes = (): string[] => names().filter((name) => name.endsWith(".unsaved"));
const anew = () => tokenFile({ path: path() });

/** Renaming is what fails, once everything is prepared: a disk that gives up in the worst moment. */
const failsToReplace = ({ name, path: from }: Step): void => {
  if (name === "rename" && from.endsWith(".tmp")) throw systemError("EIO");
};

/** A login whose new value was noted, and could not be put in its place. */
async function unsaved(value = "new"): Promise<{ generation: string; note: string }> {
  const generation = (await anew().write("a", "old", undefined)) ?? "";
  const store = storeOn(path(), { fs: steppingFiles(failsToReplace) });
  const outcome = store.withLock("a", async () => {
    await store.prepare("a");
    await store.write("a", value, generation);
  });
  expect(await failing(outcome)).toMatchObject({ code: "ERR_AUTH_UNREACHABLE", reason: "save-failed" });
  expect(notes()).toHaveLength(1);
  return { generation, note: at(notes()[0]) };
}

const look = (store = anew()): Promise<string | undefined> =>
  store.withLock("a", async () => (await store.read("a"))?.value);

describe("SEC-59 an answer that could not be saved", () => {
  test("is found by whoever has the lock next, and is then where it belongs", async () => {
    const { note } = await unsaved();
    if (posix) expect(modeOf(note)).toBe("600");
    expect((await anew().read("a"))?.value).toBe("old");
    expect(await look()).toBe("new");
    expect((await anew().read("a"))?.value).toBe("new");
    expect(names()).toEqual(["tokens.json"]);
  });

  test("nobody goes on from the old one while it cannot be put there", async () => {
    await unsaved();
    const sick = storeOn(path(), { fs: steppingFiles(failsToReplace) });
    let ran = false;
    const work = async (): Promise<void> => {
      ran = true;
    };
    expect(await failing(sick.withLock("a", work))).toMatchObject({ reason: "save-failed" });
    expect(ran).toBe(false);
    expect(await failing(sick.withLock("b", work))).toBe("no error"); // another login is none of its business
    expect(await look()).toBe("new");
  });

  test("is saved by the next try in the same lock, and the note goes", async () => {
    const generation = await anew().write("a", "old", undefined);
    let broken = true;
    const store = storeOn(path(), { fs: steppingFiles((step) => broken && failsToReplace(step)) });
    await store.withLock("a", async () => {
      await store.prepare("a");
      expect(await failing(store.write("a", "new", generation))).toMatchObject({ reason: "save-failed" });
      broken = false;
      expect(await store.write("a", "new", generation)).toBeTypeOf("string");
    });
    expect(names()).toEqual(["tokens.json"]);
    expect(await look()).toBe("new");
  });

  test("is not touched by who only looks, or prepares without the lock", async () => {
    await unsaved();
    await anew().prepare("a");
    await anew().read("a");
    await anew().write("b", "another", undefined);
    expect(notes()).toHaveLength(1);
    expect(await look()).toBe("new");
  });

  test("gives way to what is newer", async () => {
    const { generation } = await unsaved();
    expect(await anew().write("a", "newer", generation)).toBeTypeOf("string");
    expect(await look()).toBe("newer");
    expect(names()).toEqual(["tokens.json"]);
  });

  test("SEC-67 goes with a logout, and does not come back", async () => {
    await unsaved();
    expect(await anew().delete("a", "another generation")).toBe(false);
    expect(notes()).toHaveLength(1);
    expect(await anew().delete("a")).toBe(true);
    expect(names()).toEqual(["tokens.json"]);
    await unsaved();
    writeFileSync(path(), '{"schema":1,"entries":{}}');
    expect(await anew().delete("a")).toBe(true);
    expect(await look()).toBeUndefined();
    expect(names()).toEqual(["tokens.json"]);
  });

  test("half a note, and one that was meddled with, is none", async () => {
    for (const spoil of [
      (text: string): string => text.slice(0, text.length / 2),
      (text: string): string => text.replace('"new"', '"NEW"'),
      (text: string): string => text.replace(/^./, (digit) => (digit === "0" ? "1" : "0")),
      (): string => "",
    ]) {
      const { note } = await unsaved();
      const [text = ""] = readFileSync(note, "utf8").split("\n");
      writeFileSync(note, `${spoil(text)}\n`);
      expect(await look()).toBe("old");
      expect(names()).toEqual(["tokens.json"]);
      await anew().delete("a");
    }
  });

  test.runIf(posix)("SEC-73 SEC-74 one that others could have written is not believed", async () => {
    const { note } = await unsaved();
    chmodSync(note, 0o666);
    expect(await failing(look())).toMatchObject({ reason: "unsafe-permissions" });
    const text = readFileSync(note);
    put("elsewhere", text);
    const store = tokenFile({ path: at("linked/tokens.json") });
    await store.write("a", "old", undefined);
    symlinkSync("../elsewhere", at(`linked/${note.slice(at().length)}`));
    expect(await failing(look(store))).toMatchObject({ reason: "unsafe-path" });
  });
});

test("SEC-58 an answer is noted before anything else is done, by one call that nothing comes between", async () => {
  const generation = await anew().write("a", "old", undefined);
  const steps: string[] = [];
  const { writeNow } = realSystem();
  const store = storeOn(path(), {
    fs: steppingFiles(({ name }) => steps.push(name)),
    writeNow(file, bytes) {
      steps.push("note");
      writeNow(file, bytes);
    },
  });
  await store.withLock("a", async () => {
    await store.prepare("a");
    steps.length = 0;
    const writing = store.write("a", "new", generation);
    expect(steps[0]).toBe("note"); // before `write` has even returned
    await writing;
    // What a write without preparation would have to find or make first.
    const until = steps.slice(0, steps.lastIndexOf("handle.sync"));
    expect(until.filter((name) => name === "readdir" || name === "mkdir")).toEqual([]);
    expect(steps.filter((name) => name === "note")).toHaveLength(1);
    expect(until.length).toBeLessThan(18);
  });
});

test("SEC-78 whoever lost the lock does not take away the note of who has it now", async () => {
  const system = realSystem();
  const note = at("tokens.json.unsaved");
  const late = await AnswerNote.make(system, note, 100);
  rmSync(note); // by who took the lock over
  const present = await AnswerNote.make(system, note, 100);
  await late?.remove();
  expect(names()).toHaveLength(1);
  expect(await AnswerNote.make(system, note, 100)).toBeUndefined();
  present?.put({ key: "a", value: "new", generation: "g" });
  await present?.remove();
  const trust = { name: "test", allowUnsafePermissions: false };
  const noted = (key: string) => withNote(system, note, trust, key, async ({ answer }) => answer);
  expect(await noted("a")).toEqual({ key: "a", value: "new", generation: "g" });
  expect(await noted("b")).toBeUndefined();
});

test("what somebody else changed since prepare is kept, and what was written early is written again", async () => {
  const generation = await anew().write("a", "old", undefined);
  const store = anew();
  await store.withLock("a", async () => {
    await store.prepare("a");
    await anew().write("b", "meanwhile", undefined);
    expect(await store.write("a", "new", generation)).toBeTypeOf("string");
  });
  expect((await anew().read("b"))?.value).toBe("meanwhile");
  expect((await anew().read("a"))?.value).toBe("new");
  await store.withLock("a", async () => {
    await store.prepare("a");
    await anew().delete("a");
    expect(await store.write("a", "late", (await store.read("b"))?.generation)).toBeUndefined();
  });
  expect(await look()).toBeUndefined();
  expect(names()).toEqual(["tokens.json"]);
});

describe("SEC-66 a process that ends by process.exit", () => {
  const leave = async (when: string): Promise<void> => {
    await anew().write("a", "old", undefined);
    const code = `
      import { tokenFile } from ${JSON.stringify(new URL("../src/index.ts", import.meta.url).href)};
      const store = tokenFile({ path: ${JSON.stringify(path())}, heartbeatMs: 5, staleMs: 10, sentStaleMs: 20 });
      await store.withLock("a", async (lease) => {
        const { generation } = await store.read("a");
        await store.prepare("a");
        ${when}
      });`;
    const args = ["--conditions=src", "--no-warnings", "--input-type=module", `--eval=${code}`];
    const [status] = (await once(spawn(process.execPath, args), "exit")) as [number];
    expect(status).toBe(7);
  };
  const settings = { heartbeatMs: 5, staleMs: 10, sentStaleMs: 20 };

  test("before an answer has come leaves nothing", async () => {
    await leave("process.exit(7);");
    expect(names()).toEqual(["tokens.json"]);
  });

  test("while it saves an answer leaves a note of it", async () => {
    await leave('await lease.sent(); void store.write("a", "new", generation); process.exit(7);');
    expect(notes()).toHaveLength(1);
    expect(await look(tokenFile({ path: path(), ...settings }))).toBe("new");
    expect(names()).toEqual(["tokens.json"]);
  });
});

test("SEC-59 a login survives a process that cannot save it and dies; the next one sends no spent token", async () => {
  const secret = canary("refresh");
  const sent: string[] = [];
  let count = 0;
  const clock = fakeClock({ now: Date.now() });
  const answer = () => ({
    accessToken: new AccessToken(`access-${++count}`, {
      obtainedAt: new Date(clock.now()),
      expiresAt: new Date(clock.now() + 3_600_000),
    }),
    refreshToken: new Secret(`${secret.value}-${count}`),
  });
  const grant: Grant = {
    name: "rotating",
    partition: () => "alice",
    exchange: async () => answer(),
    async refresh({ refreshToken }) {
      sent.push(refreshToken?.reveal() ?? "");
      return answer();
    },
  };
  const authOn = (store: TokenStore) => createAuth({ grant, store, clock, name: "work" });
  await authOn(anew()).login();
  await clock.advance(3_590_000);

  const doomed = authOn(storeOn(path(), { fs: steppingFiles(failsToReplace) }));
  const error = await passBesides(clock, failing(doomed.getToken()));
  expect(error).toMatchObject({ code: "ERR_AUTH_UNREACHABLE" });
  secret.check(error);
  expect(sent).toEqual([`${secret.value}-1`]);

  // For as long as it lives it keeps the lock, and tries; when it ends, the next one finds the note.
  await passBesides(clock, Promise.resolve(doomed[Symbol.asyncDispose]()));
  await clock.advance(60_000);
  expect((await authOn(anew()).getToken()).reveal()).toBe("access-2");
  expect(sent).toHaveLength(1);
  expect(names()).toEqual(["tokens.json"]);
});
