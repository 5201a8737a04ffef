// What a program does that may use one folder and nothing else: keeps a login, renews it under the lock, and reads it.
import { setTimeout as sleep } from "node:timers/promises";
import { tokenFile } from "../../src/index.ts";

const [path = "", again] = process.argv.slice(2);
const store = tokenFile({ path, heartbeatMs: 20, staleMs: 60 });
const values: (string | undefined)[] = [];
const read = async (): Promise<void> => void values.push((await store.read("work"))?.value);

if (again === undefined) {
  let generation = await store.write("work", "first", undefined);
  await read();
  generation = await store.write("work", "second", generation);
  await read();
}
await store.withLock("work", async (lease) => {
  const { generation } = (await store.read("work")) ?? {};
  await store.prepare("work");
  await lease.sent?.();
  await sleep(100);
  if (lease.signal.aborted) throw lease.signal.reason;
  await store.write("work", "renewed after three heartbeats", generation);
});
await read();
console.log(values.join(", "));
