import { readFile } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";

/** Waits until the system says that the process is stopped; false if it answers instead. */
export async function hasStopped(pid: number, asked: Promise<unknown>): Promise<boolean> {
  let answered = false;
  void asked.then(() => {
    answered = true;
  });
  while (!answered) {
    const stat = await readFile(`/proc/${pid}/stat`, "utf8").catch(() => "");
    if (/\) [Tt] /.test(stat)) return true;
    await sleep(1);
  }
  return false;
}
