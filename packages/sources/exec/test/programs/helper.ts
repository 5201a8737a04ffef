// A credential helper for tests: does what a file says.
import { spawn } from "node:child_process";
import { appendFileSync, readFileSync } from "node:fs";
import { connect } from "node:net";
import { buffer } from "node:stream/consumers";

export interface Plan {
  /** A line is appended to this file at each run. */
  readonly log?: string;
  readonly stdout?: string;
  readonly stderr?: string;
  /** Either is printed this often. Default 1. */
  readonly times?: number;
  readonly exitCode?: number;
  /** Ends itself by this signal. */
  readonly signal?: NodeJS.Signals;
  /** Connects to this port, says its pid, and goes on when it is answered. */
  readonly port?: number;
  /** Starts itself again with this plan, and with the same standard output; waits for it, or not. */
  readonly starts?: string;
  readonly leaves?: string;
  /** What it starts is in a process group of its own. */
  readonly apart?: boolean;
  /** Prints, as JSON: its arguments, its variables, its working directory, its standard input. */
  readonly tells?: "args" | "env" | "cwd" | "stdin";
}

const [, self = "", file = "", ...args] = process.argv;
const plan = JSON.parse(readFileSync(file, "utf8")) as Plan;
const told = {
  args: () => args,
  env: () => process.env,
  cwd: () => process.cwd(),
  stdin: async () => (await buffer(process.stdin)).toString(),
};

if (plan.log !== undefined) appendFileSync(plan.log, "run\n");
const again = plan.starts ?? plan.leaves;
if (again !== undefined) {
  const child = spawn(process.execPath, ["--no-warnings", self, again], {
    stdio: ["ignore", "inherit", "ignore"],
    detached: plan.apart === true,
  });
  if (plan.starts !== undefined) await new Promise((resolve) => child.on("exit", resolve));
  else child.unref();
}
const { port, times = 1 } = plan;
if (port !== undefined)
  await new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1", () => socket.write(`${process.pid}\n`));
    socket.on("data", () => socket.end());
    socket.on("close", resolve);
  });
for (let time = 0; time < times; time++) {
  process.stderr.write(plan.stderr ?? "");
  process.stdout.write(plan.stdout ?? "");
}
if (plan.tells) process.stdout.write(JSON.stringify(await told[plan.tells]()));
if (plan.signal) process.kill(process.pid, plan.signal);
process.exitCode = plan.exitCode ?? 0;
