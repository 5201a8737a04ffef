import { execFileSync } from "node:child_process";
import { chmod, chown, mkdir, mkdtemp, rm, statfs, truncate, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import type { Script } from "./bundle-script.ts";
import { openFolder, openRedis, type Place, type RedisPlace } from "./place.ts";

/** A store that something goes wrong with. */
export interface Trouble {
  readonly place: Place;
  /** Who runs the processes, because the superuser may write anywhere; and what hands the login to it. */
  readonly user?: { readonly uid: number; readonly gid: number };
  handOver?(): Promise<void>;
  begin(lastsMs: number): Promise<unknown>;
  end(): Promise<unknown>;
}

/** Undefined where it cannot be had: a small disk takes the right to mount one. */
type Making = (script: Script) => Promise<Trouble | undefined>;

const root = process.getuid?.() === 0;
const nobody = { uid: 65_534, gid: 65_534 };

async function fullDisk(): Promise<Trouble | undefined> {
  const path = await mkdtemp(join(tmpdir(), "race-disk-"));
  const discard = (): Promise<void> => rm(path, { recursive: true, force: true });
  try {
    execFileSync("mount", ["-t", "tmpfs", "-o", "size=256k,mode=0700", "tmpfs", path], { stdio: "ignore" });
  } catch {
    await discard();
    return undefined;
  }
  const directory = join(path, "login");
  await mkdir(directory, { mode: 0o700 });
  const ballast = join(path, "ballast");
  return {
    place: {
      ...(await openFolder(directory)),
      async [Symbol.asyncDispose]() {
        execFileSync("umount", [path]);
        await discard();
      },
    },
    async begin() {
      const { bavail, bsize } = await statfs(path);
      await writeFile(ballast, Buffer.alloc(bavail * bsize), { flag: "a", mode: 0o600 });
    },
    end: () => truncate(ballast, 0),
  };
}

async function readOnlyFolder(script: Script): Promise<Trouble> {
  const above = await mkdtemp(join(tmpdir(), "race-read-only-"));
  const directory = join(above, "login");
  await mkdir(directory, { mode: 0o700 });
  const place = await openFolder(directory);
  const handOver = async (): Promise<void> => {
    for (const each of [above, dirname(script.path)]) await chmod(each, 0o711);
    for (const each of [directory, place.path]) await chown(each, nobody.uid, nobody.gid);
  };
  return {
    place: {
      ...place,
      async [Symbol.asyncDispose]() {
        await chmod(directory, 0o700);
        await rm(above, { recursive: true, force: true });
      },
    },
    ...(root && { user: nobody, handOver }),
    begin: () => chmod(directory, 0o500),
    end: () => chmod(directory, 0o700),
  };
}

/** What was written is on its disk before it answers: nothing that it has confirmed is gone after a restart. */
const redis = (
  begin: (place: RedisPlace, lastsMs: number) => Promise<unknown>,
  end: (place: RedisPlace) => Promise<unknown>,
): Making => {
  return async () => {
    const place = await openRedis("--appendonly", "yes", "--appendfsync", "always");
    return { place, begin: (lastsMs) => begin(place, lastsMs), end: () => end(place) };
  };
};

const restarted = redis(
  ({ server }) => server.signal("SIGKILL"),
  ({ server }) => server.start(),
);
const stopped = redis(
  ({ server }) => server.signal("SIGSTOP"),
  ({ server }) => server.signal("SIGCONT"),
);
const paused = redis(
  ({ admin }, lastsMs) => admin.sendCommand(["CLIENT", "PAUSE", `${lastsMs}`, "ALL"]),
  ({ admin }) => admin.ping(),
);
const outOfMemory = redis(
  ({ admin }) => admin.configSet("maxmemory", "1"),
  ({ admin }) => admin.configSet("maxmemory", "0"),
);
const replica = redis(
  async ({ admin }) => {
    await admin.sendCommand(["CONFIG", "SET", "replica-serve-stale-data", "yes"]);
    await admin.sendCommand(["REPLICAOF", "127.0.0.1", "1"]);
  },
  ({ admin }) => admin.sendCommand(["REPLICAOF", "NO", "ONE"]),
);

export const troubles = {
  "full disk": fullDisk,
  "read-only folder": readOnlyFolder,
  "Redis restarted": restarted,
  "Redis stopped": stopped,
  "Redis paused": paused,
  "Redis out of memory": outOfMemory,
  "Redis made a replica": replica,
} satisfies Record<string, Making>;
