import { pathToFileURL } from "node:url";
import { expect, test } from "vitest";
import { entriesOf } from "../exports.ts";
import { packages, root } from "../packages.ts";
import { run } from "../run.ts";

/** Imports one entry after the other where nothing can be written or started, and lists what each left or tried. */
const observer = `
import net from "node:net";
import dns from "node:dns";
const effects = {};
let entry;
const note = (what) => (effects[entry] ??= []).push(what);
for (const [object, names] of [
  [globalThis, ["setTimeout", "setInterval", "setImmediate", "fetch"]],
  [net.Socket.prototype, ["connect"]],
  [net.Server.prototype, ["listen"]],
  [dns, ["lookup"]],
  [process, ["on", "once", "addListener", "exit", "chdir", "emitWarning"]],
  [console, ["log", "warn", "error", "info"]],
]) for (const name of names) object[name] = () => note(name);
const globals = () => Object.getOwnPropertyNames(globalThis).join();
const environment = () => JSON.stringify(process.env);
for (entry of ENTRIES) {
  const before = [globals(), environment()];
  await import(entry).catch((error) => note(error.code ?? error.message));
  if (globals() !== before[0]) note("a new global");
  if (environment() !== before[1]) note("a changed environment");
}
process.stdout.write(JSON.stringify(effects));
`;

async function effectsOf(entries: readonly string[]): Promise<Record<string, string[]>> {
  const args = [
    "--permission",
    `--allow-fs-read=${root}`,
    "--conditions=src",
    "--no-warnings",
    "--input-type=module",
  ];
  const script = observer.replace("ENTRIES", JSON.stringify(entries));
  return JSON.parse(await run(process.execPath, [...args, "--eval", script])) as Record<string, string[]>;
}

test("SEC-136 importing any entry of any package does nothing else", async () => {
  const entries = packages().flatMap((pkg) =>
    [...entriesOf(pkg).values()].map((file) => pathToFileURL(file).href),
  );
  expect(entries.length).toBeGreaterThanOrEqual(packages().length);
  expect(await effectsOf(entries)).toEqual({});
}, 30_000);

test.each([
  ["a timer", "setInterval(() => {}, 1000)", "setInterval"],
  ["a signal handler", "process.on('SIGINT', () => {})", "on"],
  ["a global", "globalThis.leftover = 1", "a new global"],
  ["the environment", "process.env.LEFTOVER = '1'", "a changed environment"],
  ["a request", "fetch('http://127.0.0.1:9')", "fetch"],
  [
    "a file",
    "import { writeFileSync } from 'node:fs'; writeFileSync('/tmp/leftover', '')",
    "ERR_ACCESS_DENIED",
  ],
  ["a process", "import { spawnSync } from 'node:child_process'; spawnSync('true')", "ERR_ACCESS_DENIED"],
])("and would be seen touching %s", async (_, code, effect) => {
  const entry = `data:text/javascript,${encodeURIComponent(code)}`;
  expect(await effectsOf([entry])).toEqual({ [entry]: [effect] });
});
