import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { onTestFinished } from "vitest";
import type { RedisServer } from "./redis-server.ts";

/** Another process, which has the lock. */
export interface Holder {
  readonly pid: number;
  /** Tells it something; resolves to its answer. */
  tell(line: "sent" | "end"): Promise<string>;
  signal(signal: "SIGSTOP" | "SIGCONT"): void;
  /** Ends it as it stands. */
  kill(): Promise<void>;
}

export async function holder({ socket }: RedisServer): Promise<Holder> {
  const script = fileURLToPath(new URL("../children/holder.ts", import.meta.url));
  const child = spawn(process.execPath, ["--conditions=src", "--no-warnings", script, socket], {
    stdio: ["pipe", "pipe", "inherit"],
  });
  onTestFinished(() => void child.kill("SIGKILL"));
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const next = async (): Promise<string> => (await lines.next()).value ?? "nothing";
  const first = await next();
  if (first !== "held") throw new Error(`the holder said: ${first}`);
  return {
    pid: child.pid as number,
    tell(line) {
      child.stdin.write(`${line}\n`);
      return next();
    },
    signal: (signal) => void child.kill(signal),
    async kill() {
      child.kill("SIGKILL");
      await once(child, "exit");
    },
  };
}
