import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { join } from "node:path";

/** Ends a running program and everything that it started. It cannot object. */
export function endTree(child: ChildProcess, leadsGroup: boolean): void {
  const { pid } = child;
  // The number of a process that has ended may be another's by now.
  if (pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
  if (process.platform === "win32") {
    const taskkill = join(process.env["SystemRoot"] ?? "C:\\Windows", "System32", "taskkill.exe");
    const killer = spawn(taskkill, ["/pid", `${pid}`, "/t", "/f"], { stdio: "ignore", windowsHide: true });
    killer.on("error", () => child.kill());
  } else for (const each of [leadsGroup ? -pid : pid, ...descendants(pid)]) kill(each);
}

function kill(pid: number): void {
  try {
    process.kill(pid, "SIGKILL");
  } catch {
    // it has ended by itself
  }
}

/**
 * The processes below it, which may be in groups of their own, as below `sudo`. Without `ps`, in the barest of containers,
 * none is found.
 */
function descendants(root: number): number[] {
  try {
    const list = execFileSync("ps", ["-A", "-o", "pid=", "-o", "ppid="], {
      encoding: "utf8",
      env: { PATH: "/bin:/usr/bin" },
      stdio: ["ignore", "pipe", "ignore"],
      timeout: 2_000,
    });
    const parents = [...list.matchAll(/^ *(\d+) +(\d+) *$/gm)].map(([, pid, ppid]) => [
      Number(pid),
      Number(ppid),
    ]);
    const found = [root];
    for (const parent of found)
      for (const [pid = 0, ppid] of parents) if (ppid === parent && !found.includes(pid)) found.push(pid);
    return found.slice(1);
  } catch {
    return [];
  }
}
