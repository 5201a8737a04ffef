import { readFileSync, readlinkSync } from "node:fs";

/** Which process of this machine, told apart from a later one with its pid. Linux says; elsewhere nobody is judged by it. */
export interface ProcessIdentity {
  readonly pid: number;
  /** Boot and pid namespace: only within both does a pid mean anything. */
  readonly space: string;
  /** In clock ticks since the boot. */
  readonly started: string;
}

/** Undefined: the system does not say. */
export function identifyProcess(): ProcessIdentity | undefined {
  try {
    const boot = readFileSync("/proc/sys/kernel/random/boot_id", "utf8").slice(0, 8);
    const namespace = readlinkSync("/proc/self/ns/pid").replace(/\D/g, "");
    return { pid: process.pid, space: `${boot}.${namespace}`, started: statOf(process.pid).started };
  } catch {
    return undefined;
  }
}

/** For certain. A process that may be anywhere else never has. */
export function hasEnded(other: ProcessIdentity, self: ProcessIdentity | undefined): boolean {
  if (other.space !== self?.space) return false;
  try {
    process.kill(other.pid, 0);
  } catch (error) {
    // EPERM: it runs as somebody else, and may be hidden from us below.
    if ((error as NodeJS.ErrnoException).code === "ESRCH") return true;
  }
  try {
    const { ended, started } = statOf(other.pid);
    return ended || started !== other.started;
  } catch {
    return false;
  }
}

/** The second field, the program's name, may hold blanks and brackets. */
function statOf(pid: number): { ended: boolean; started: string } {
  const text = readFileSync(`/proc/${pid}/stat`, "utf8");
  const fields = text.slice(text.lastIndexOf(")") + 2).split(" ");
  const [state = "", started = ""] = [fields[0], fields[19]];
  return { ended: state === "Z" || state === "X", started };
}
