// Changes one login of a token file, or of a foreign one, and is killed before the given call of the file system, or in the middle of the given write.
import { writeFileSync } from "node:fs";
import { foreignOn, recordOf } from "../support/foreign.ts";
import { steppingFiles } from "../support/stepping-files.ts";
import { storeOn } from "../support/stores.ts";

const [path = "", at = "", half = "", foreign = ""] = process.argv.slice(2);
let steps = 0;

const fs = steppingFiles(({ name, args, path: file }) => {
  if (half && !name.startsWith("handle.write")) return;
  if (++steps !== Number(at)) return;
  if (half) {
    const bytes = Buffer.from(args[0] as string);
    writeFileSync(file, bytes.subarray(0, Math.ceil(bytes.length / 2)));
  }
  process.kill(process.pid, "SIGKILL");
});

const store = foreign ? foreignOn(path, { fs }) : storeOn(path, { fs });
await store.withLock("login", async (lease) => {
  const found = await store.read("login");
  await store.prepare("login");
  await lease.sent?.();
  await store.write("login", foreign ? recordOf("new") : "new", found?.generation);
});
console.log(steps);
