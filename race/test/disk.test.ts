import { execFileSync } from "node:child_process";
import { chmod, chown, mkdir, mkdtemp, rm, statfs, truncate, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { bundleScript, type Script } from "../bundle-script.ts";
import { newTally } from "../kill-tally.ts";
import { World } from "../kill-world.ts";
import { openFolder } from "../place.ts";

const root = process.getuid?.() === 0;
const linux = process.platform === "linux";
const nobody = 65_534;
const nearlyExpired = 3_590_000;

let script: Script;
let scratch: string;
beforeAll(async () => {
  script = await bundleScript("./kill-child.ts");
  scratch = await mkdtemp(join(tmpdir(), "race-disk-"));
});
afterAll(async () => {
  await script[Symbol.asyncDispose]();
  await rm(scratch, { recursive: true, force: true });
});

interface SmallDisk extends Disposable {
  readonly path: string;
  fill(): Promise<void>;
  free(): Promise<void>;
}

/** A small disk of its own; undefined where this user may not have one. */
async function smallDisk(): Promise<SmallDisk | undefined> {
  const path = join(scratch, "disk");
  await mkdir(path, { mode: 0o700 });
  try {
    execFileSync("mount", ["-t", "tmpfs", "-o", "size=256k,mode=0700", "tmpfs", path], { stdio: "ignore" });
  } catch {
    return undefined;
  }
  const ballast = join(path, "ballast");
  return {
    path,
    async fill() {
      const { bavail, bsize } = await statfs(path);
      await writeFile(ballast, Buffer.alloc(bavail * bsize), { flag: "a", mode: 0o600 });
      expect((await statfs(path)).bavail).toBe(0);
    },
    free: () => truncate(ballast, 0),
    [Symbol.dispose]: () => void execFileSync("umount", [path]),
  };
}

describe("SEC-80 SEC-58 a disk that is full", () => {
  test.skipIf(!root || !linux)("from the beginning, and while the answer is under way", async ({ skip }) => {
    using disk = await smallDisk();
    if (!disk) return skip("no file system can be mounted here");
    const policy = { timeoutMs: 1_500 };
    await using world = await World.make({
      script,
      tally: newTally(),
      place: await openFolder(disk.path),
      policy,
    });
    const { server } = world;
    const process = world.start();
    await world.ask(process);

    await disk.fill();
    const { tokenRequests } = server.counts;
    const before = await world.look();
    world.expire(nearlyExpired);
    expect((await world.ask(process, { cold: false }))?.error).toBeUndefined();
    world.expire();
    const refused = await world.ask(process, { cold: false });
    expect(refused?.error).toBe("ERR_AUTH_UNREACHABLE/save-failed");
    expect(refused?.message).toContain("disk is full");
    expect(server.counts.tokenRequests).toBe(tokenRequests);
    expect((await world.look()).record).toEqual(before.record);

    await disk.free();
    expect((await world.ask(process, { cold: false }))?.tokenId).toBeTypeOf("string");
    expect(server.counts.tokenRequests).toBe(tokenRequests + 1);

    world.expire();
    await server.fault("hold");
    const asked = world.ask(process, { cold: false });
    await server.arrived(tokenRequests + 2);
    await disk.fill();
    await server.fault(undefined);
    // There was room for the answer before it was asked for.
    expect((await asked)?.tokenId).toBeTypeOf("string");
    await disk.free();
    expect(await world.serves(await world.look())).toBe(true);
    expect(server.counts).toMatchObject({ tokenRequests: tokenRequests + 2, reuses: 0 });
  });
});

test.skipIf(!linux)("SEC-80 a limit on the size of files: nothing is sent, nothing is lost", async () => {
  await using world = await World.make({ script, tally: newTally() });
  const { server } = world;
  const execArgv = ["--fsize=64", process.execPath];
  const limited = world.start({ execPath: "prlimit", execArgv });
  const before = await world.look();
  world.expire();
  const { tokenRequests } = server.counts;
  const refused = await world.ask(limited);
  expect(refused?.error).toBe("ERR_AUTH_UNREACHABLE/save-failed");
  expect(server.counts.tokenRequests).toBe(tokenRequests);
  expect((await world.look()).record).toEqual(before.record);
  await world.end(limited);
  expect((await world.ask(world.start()))?.tokenId).toBeTypeOf("string");
  expect(server.counts).toMatchObject({ tokenRequests: tokenRequests + 1, reuses: 0 });
});

test.skipIf(!linux)(
  "SEC-80 a folder that cannot be written: a good token is served, nothing is sent",
  async () => {
    const directory = join(scratch, "read-only");
    await mkdir(directory, { mode: 0o700 });
    await using world = await World.make({ script, tally: newTally(), place: await openFolder(directory) });
    const { server } = world;
    // The superuser may write anywhere.
    const user = root ? { uid: nobody, gid: nobody } : {};
    if (root) {
      await chmod(scratch, 0o711);
      await chmod(dirname(script.path), 0o711);
      await chown(directory, nobody, nobody);
      await chown(world.login.path, nobody, nobody);
    }
    const victim = world.start(user);
    await chmod(directory, 0o500);
    const { tokenRequests } = server.counts;
    expect((await world.ask(victim))?.tokenId).toBeTypeOf("string");
    const before = await world.look();
    world.expire();
    for (const cold of [true, false]) {
      const refused = await world.ask(victim, { cold });
      expect(refused?.error).toBe("ERR_AUTH_DENIED/permission-denied");
      expect(refused?.message).toContain(directory);
    }
    expect(server.counts.tokenRequests).toBe(tokenRequests);
    expect(await world.look()).toEqual(before);

    await chmod(directory, 0o700);
    expect((await world.ask(victim))?.tokenId).toBeTypeOf("string");
    expect(server.counts).toMatchObject({ tokenRequests: tokenRequests + 1, reuses: 0 });
  },
);
