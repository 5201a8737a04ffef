// Changes one login of a token file, or of a foreign one, and is killed before the given call of the file system, or in the middle of the given write.
import { writeFileSync } from "node:fs";
import { realSystem } from "../../src/system.ts";
import { foreignOn, recordOf } from "../support/foreign.ts";
import { steppingFiles } from "../support/stepping-files.ts";
import { storeOn } from "../support/stores.ts";

const [path = "", at = "", half = "", foreign = ""] = process.argv.slice(2);
let steps = 0;
let noted = 0;

const { writeNow } = realSystem();

function die(write: (bytes: Uint8Array) => void, content: unknown): void {
  if (half) {
    const bytes = Buffer.from(content as string);
    write(bytes.subarray(0, Math.ceil(bytes.length / 2)));
  }
  process.kill(process.pid, "SIGKILL");
}

const system = {
  fs: steppingFiles(({ name, args, path: file }) => {
    if (half && !name.startsWith("handle.write")) return;
    if (++steps === Number(at)) die((bytes) => writeFileSync(file, bytes), args[0]);
  }),
  writeNow: (file: number, content: Uint8Array) => {
    noted = ++steps;
    if (steps === Number(at)) die((bytes) => writeNow(file, bytes), content);
    writeNow(file, content);
  },
};

const store = foreign ? foreignOn(path, system) : storeOn(path, system);
await store.withLock("login", async (lease) => {
  const found = await store.read("login");
  await store.prepare("login");
  await lease.sent?.();
  await store.write("login", foreign ? recordOf("new") : "new", found?.generation);
});
console.log(JSON.stringify({ steps, noted }));
