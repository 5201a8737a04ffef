import { createHash, randomBytes } from "node:crypto";
import { readFileSync, readlinkSync } from "node:fs";
import { hostname, networkInterfaces, uptime } from "node:os";

/** A process, told apart from a later one that got the same pid. */
export interface ProcessIdentity {
  readonly pid: number;
  /** Start time in clock ticks since boot; "0": the system does not say. */
  readonly started: string;
  /**
   * Digest of host, boot and pid namespace, or, where no system tells those, of host and network cards: only within one of
   * these does a pid mean anything.
   */
  readonly space: string;
}

/** What a process can find out about where it runs. A test says otherwise. */
export interface Whereabouts {
  readonly platform: NodeJS.Platform;
  readonly host: string;
  readonly boot: string | undefined;
  readonly namespace: string | undefined;
  /** Of the network cards. */
  readonly addresses: readonly string[];
}

export function identifyProcess(around: Whereabouts = whereabouts()): ProcessIdentity {
  return {
    pid: process.pid,
    started: statOf(process.pid)?.started ?? "0",
    space: spaceOf(around) ?? nowhere,
  };
}

/** Of a process that cannot tell which machine it is on: nobody judges it, and it judges nobody but itself. */
const nowhere = randomBytes(4).toString("hex");

/**
 * A host name alone says too little: two machines of one name may share a home folder, and judge each other's pids. Undefined:
 * there is no telling.
 */
function spaceOf({ platform, host, boot, namespace, addresses }: Whereabouts): string | undefined {
  const facts = ["darwin", "win32"].includes(platform) ? addresses : [boot, namespace];
  if (facts.length === 0 || facts.some((fact) => fact === undefined)) return undefined;
  return createHash("sha256")
    .update([host, ...facts].join("\0"))
    .digest("hex")
    .slice(0, 8);
}

function whereabouts(): Whereabouts {
  return {
    platform: process.platform,
    host: hostname(),
    boot: attempt(() => readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim()),
    namespace: attempt(() => readlinkSync("/proc/self/ns/pid")),
    addresses: attempt(() => addressesOf(networkInterfaces(), process.platform)) ?? [],
  };
}

/**
 * Two machines that share a folder each have a card in the network. Cards that a program made up may have the same address on
 * both, which does no harm beside that one; but those of macOS that get a new one now and then are left out.
 */
export function addressesOf(
  cards: NodeJS.Dict<{ readonly internal: boolean; readonly mac: string }[]>,
  platform: NodeJS.Platform,
): string[] {
  const lasting = Object.entries(cards).filter(([name]) => platform !== "darwin" || /^en\d/.test(name));
  const found = lasting.flatMap(([, each = []]) => each).filter(({ internal }) => !internal);
  return [...new Set(found.map(({ mac }) => mac))].filter((mac) => /[1-9a-f]/i.test(mac)).sort();
}

/**
 * Whether `other` has ended for certain. A process that may be on another machine, in another container, or of an earlier
 * boot that cannot be told from another machine, never has.
 *
 * @param lastSeenAt - when it last gave a sign of life, by the wall clock, which shows `now` at present
 */
export function hasEnded(
  other: ProcessIdentity,
  self: ProcessIdentity,
  lastSeenAt: number,
  now: number,
): boolean {
  if (other.space !== self.space) return false;
  const same = (started: string): boolean => other.started === "0" || other.started === started;
  if (other.pid === self.pid) return !same(self.started);
  try {
    process.kill(other.pid, 0);
  } catch (error) {
    // EPERM: it runs as somebody else.
    if ((error as NodeJS.ErrnoException).code === "ESRCH") return true;
  }
  const stat = statOf(other.pid);
  if (stat) return stat.ended || !same(stat.started);
  // Where start times are not told, at least the boot is.
  return lastSeenAt < now - uptime() * 1000 - 60_000;
}

/** What Linux says of a process; its second field, the program's name, may hold blanks and brackets. */
function statOf(pid: number): { ended: boolean; started: string } | undefined {
  const text = attempt(() => readFileSync(`/proc/${pid}/stat`, "utf8"));
  const fields = text?.slice(text.lastIndexOf(")") + 2).split(" ");
  if (!fields) return undefined;
  const [state = "", started = "0"] = [fields[0], fields[19]];
  return { ended: state === "Z" || state === "X", started };
}

function attempt<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch {
    return undefined;
  }
}
