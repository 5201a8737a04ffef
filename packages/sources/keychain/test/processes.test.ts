import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, onTestFinished, test } from "vitest";
import { keychainStore } from "../src/index.ts";
import { describeReal, keyrings } from "./support/world.ts";

describeReal("processes that share a keyring and a lock", () => {
  const { enter } = keyrings();

  test("SEC-56 take turns, and nothing that one wrote is lost", async () => {
    const keyring = await enter();
    const directory = mkdtempSync(join(tmpdir(), "auth-keychain-"));
    onTestFinished(() => rmSync(directory, { recursive: true }));
    const script = fileURLToPath(new URL("children/increment.ts", import.meta.url));
    // By its place, for packages of one level do not depend on each other: an app hands the lock in.
    const lock = new URL("../../../stores/token-file/src/index.ts", import.meta.url).href;
    const children = Array.from({ length: 4 }, () =>
      spawn(process.execPath, ["--conditions=src", "--no-warnings", script, lock, directory, "5"], {
        stdio: ["ignore", "pipe", "inherit"],
      }),
    );
    const said: string[] = [];
    for (const child of children) child.stdout.on("data", (part) => said.push(String(part)));
    const ends = await Promise.all(children.map((child) => once(child, "exit")));
    expect(ends).toEqual(children.map(() => [0, null]));
    expect(said).toEqual([]);
    const found = await keychainStore({ service: "acme" }).read("count");
    expect(found?.value.split(" ")[0]).toBe("20");
    expect(keyring.count("acme")).toBe(3); // the login, its two parts, and nothing that was left
  });
});
