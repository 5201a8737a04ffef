import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";

const parts = process.env["AUTH_PARTS"] || join(homedir(), ".cache", "auth-parts");
const program = join(parts, "moto", "bin", "moto_server");

export interface Moto extends AsyncDisposable {
  readonly url: string;
}

/** An emulator of AWS by others, if it is installed. It checks no signature, so it stands behind `awsFront`. */
export async function moto(): Promise<Moto | undefined> {
  if (!existsSync(program)) return undefined;
  const child: ChildProcess = spawn(program, ["-H", "127.0.0.1", "-p", "0"], {
    stdio: ["ignore", "pipe", "pipe"],
  });
  const gone = once(child, "exit");
  const end = (): void => void child.kill("SIGKILL");
  process.on("exit", end);
  const lines: string[] = [];
  child.stdout?.resume();
  for await (const line of createInterface({ input: child.stderr as NodeJS.ReadableStream })) {
    lines.push(line);
    const [url] = /http:\/\/127\.0\.0\.1:\d+/.exec(line) ?? [];
    if (!url) continue;
    child.stderr?.resume();
    return {
      url,
      async [Symbol.asyncDispose]() {
        process.off("exit", end);
        end();
        await gone;
      },
    };
  }
  throw new Error(`moto did not start:\n${lines.join("\n")}`);
}
