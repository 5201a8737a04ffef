import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import type { World } from "./world.ts";

const parts = process.env["AUTH_PARTS"] || join(homedir(), ".cache", "auth-parts");
const python = join(parts, "python", "descarteslabs", "bin", "python");

/** False where it is not installed. With AUTH_IT=require it is never false, so that the tests fail instead of being skipped. */
export const originalThere: boolean = existsSync(python) || process.env["AUTH_IT"] === "require";
if (!originalThere)
  console.warn("SKIPPED: the client for Python is not here; run scripts/parts/python-clients.sh");

/** What the client says of itself. */
export interface Seen {
  readonly token: string;
  readonly warnings: readonly string[];
  readonly [attribute: string]: unknown;
}

/** Lets the original client do something in this home, with its parameters, or `login` with a pasted text. */
export async function original(
  { home, server, env }: World,
  request:
    | { readonly do: "look"; readonly with: object }
    | { readonly do: "repeat"; readonly with: object; readonly times: number }
    | { readonly do: "login"; readonly paste: string },
): Promise<Seen> {
  const child = spawn(python, [fileURLToPath(new URL("../children/original.py", import.meta.url))], {
    cwd: home,
    env: { PATH: process.env["PATH"], HOME: home, DESCARTESLABS_IAM_URL: server.url, ...env },
    stdio: ["pipe", "pipe", "pipe"],
  });
  const lines = [JSON.stringify(request), ...("paste" in request ? [request.paste] : [])];
  child.stdin.end(`${lines.join("\n")}\n`);
  const exit = once(child, "exit");
  const [out, error] = await Promise.all([text(child.stdout), text(child.stderr), exit]);
  if (child.exitCode !== 0) throw new Error(`the client for Python failed:\n${error}`);
  return (request.do === "login" ? { token: "", warnings: [], out, error } : JSON.parse(out)) as Seen;
}
