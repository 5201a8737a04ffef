import { type ChildProcess, spawn } from "node:child_process";
import { join } from "node:path";

/** Ends a running program and, where it leads a group of its own, everything that it started. It cannot object. */
export function endTree(child: ChildProcess, leadsGroup: boolean): void {
  // The number of a process that has ended may be another's by now.
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
  if (process.platform === "win32") {
    const taskkill = join(process.env["SystemRoot"] ?? "C:\\Windows", "System32", "taskkill.exe");
    spawn(taskkill, ["/pid", `${child.pid}`, "/t", "/f"], { stdio: "ignore", windowsHide: true }).on(
      "error",
      () => child.kill(),
    );
    return;
  }
  try {
    process.kill(leadsGroup ? -child.pid : child.pid, "SIGKILL");
  } catch {
    child.kill("SIGKILL"); // the group is not there yet, or not any more
  }
}
