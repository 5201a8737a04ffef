import { spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { expect, onTestFinished, test } from "vitest";
import { meeting, world } from "./world.ts";

const { plan } = world();
const app = fileURLToPath(new URL("programs/app.ts", import.meta.url));

test.skipIf(process.platform === "win32").each(["exit", "SIGINT", "SIGTERM", "SIGHUP"] as const)(
  "SEC-66 nothing stays behind when this process ends: %s",
  async (way) => {
    const place = await meeting();
    const grandchild = plan({ port: place.port }, "grandchild").at(-1) as string;
    const command = plan({ starts: grandchild });
    const child = spawn(process.execPath, ["--conditions=src", "--no-warnings", app, way, ...command], {
      stdio: ["pipe", "ignore", "inherit"],
    });
    onTestFinished(async () => {
      child.kill("SIGKILL");
      await place[Symbol.asyncDispose]();
    });
    const ended = once(child, "exit");
    const { gone } = await place.guest();
    if (way === "exit") child.stdin.write("now\n");
    else child.kill(way);
    expect(await ended).toEqual(way === "exit" ? [0, null] : [null, way]);
    await gone;
  },
);
