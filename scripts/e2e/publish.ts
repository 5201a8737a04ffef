import { join } from "node:path";
import { packages, root } from "../packages.ts";
import { run } from "../run.ts";
import type { Registry } from "./registry.ts";

/** Builds what is stale and publishes all packages, by the way that a release takes. */
export async function publish(registry: Registry): Promise<void> {
  const bin = (name: string): string => join(root, "node_modules/.bin", name);
  await run(bin("turbo"), ["run", "build"], { env: { ...process.env, TURBO_TELEMETRY_DISABLED: "1" } });
  const before = await traces();
  const output = await run(bin("changeset"), ["publish", "--no-git-tag"], { env: registry.env });
  for (const { manifest } of packages())
    if (!output.includes(`${manifest.name}@${manifest.version}`))
      throw new Error(`${manifest.name} was not published:\n${output}`);
  if ((await traces()) !== before) throw new Error(`Publishing changed the repository:\n${await traces()}`);
}

/** What a release could change by accident: manifests, changelogs, changesets, the lockfile, tags. */
async function traces(): Promise<string> {
  const files = ["*package.json", "*CHANGELOG.md", ".changeset", "pnpm-lock.yaml"];
  return (
    (await run("git", ["status", "--porcelain", "--", ...files])) + (await run("git", ["tag", "--list"]))
  );
}
