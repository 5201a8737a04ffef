import { existsSync, globSync, readFileSync, realpathSync } from "node:fs";
import { dirname, join } from "node:path";
import { expect, test } from "vitest";
import { type Manifest, packages, root } from "../packages.ts";

const read = (path: string): string => readFileSync(join(root, path), "utf8");
const workflows = globSync(".github/workflows/*.yml", { cwd: root }).map((path) => ({
  path,
  text: read(path),
}));

/** Where a package's dependency is installed, by Node's rule: beside it or above it. */
function installed(from: string, name: string): string | undefined {
  const folder = join(from, "node_modules", name);
  if (existsSync(folder)) return realpathSync(folder);
  return dirname(from) === from ? undefined : installed(dirname(from), name);
}

/** The folders of everything that comes along when somebody installs a package of ours. */
function shipped(): string[] {
  const found = new Set<string>();
  const visit = (folder: string): void => {
    if (found.has(folder)) return;
    found.add(folder);
    const { dependencies, optionalDependencies } = JSON.parse(
      readFileSync(join(folder, "package.json"), "utf8"),
    ) as Manifest;
    for (const name of Object.keys({ ...dependencies, ...optionalDependencies })) {
      const next = installed(folder, name);
      if (next) visit(next);
      else expect(optionalDependencies, `${name}, which ${folder} needs, is installed`).toHaveProperty(name);
    }
  };
  for (const { folder } of packages()) visit(join(root, folder));
  return [...found];
}

test("SEC-130 nothing that our packages bring along runs a script when installed", () => {
  const folders = shipped();
  expect(folders.length).toBeGreaterThanOrEqual(packages().length);
  for (const folder of folders) {
    const { scripts = {} } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8")) as Manifest;
    const atInstall = ["preinstall", "install", "postinstall"].filter((name) => name in scripts);
    expect(atInstall, folder).toEqual([]);
    expect(existsSync(join(folder, "binding.gyp")), folder).toBe(false);
  }
});

test("SEC-132 versions in the catalog are exact, and at least a day old", () => {
  const text = read("pnpm-workspace.yaml");
  const catalog = /^catalog:\n((?: {2}.+\n)+)/m.exec(text)?.[1]?.trim().split("\n") ?? [];
  expect(catalog.length).toBeGreaterThan(10);
  for (const line of catalog) expect(line.trim()).toMatch(/^\S+: \d+\.\d+\.\d+$/);
  expect(Number(/^minimumReleaseAge: (\d+)$/m.exec(text)?.[1])).toBeGreaterThanOrEqual(24 * 60);
});

test("SEC-132 every action is pinned by commit", () => {
  const uses = workflows.flatMap(({ text }) => text.match(/uses:.*/g) ?? []);
  expect(uses.length).toBeGreaterThan(0);
  for (const line of uses) expect(line).toMatch(/^uses: [\w-]+\/[\w-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$/);
});

test("SEC-132 only the job that publishes may publish, and it runs none of our code", () => {
  const release = read(".github/workflows/release.yml");
  const publish = release.slice(release.indexOf("\n  publish:"));
  expect(publish).toContain("id-token: write");
  expect(publish).toContain("--provenance");
  expect(publish).not.toMatch(/actions\/checkout|pnpm@/);
  const others = workflows.map(({ text }) => text.replace(publish, "")).join("\n");
  expect(others).not.toMatch(/: write\b|write-all/);
});

test("SEC-134 the security policy says how to report, what is supported, and what we do not protect against", () => {
  const policy = read("SECURITY.md");
  expect(policy.match(/^## .+$/gm)).toEqual([
    "## Reporting a vulnerability",
    "## Supported versions",
    "## What we protect against",
    "## What we do not protect against",
  ]);
  for (const limit of ["Malware", "Root", "debugger", "core dump", "compromised dependency", "rotates"])
    expect(policy.split("## What we do not protect against")[1]).toContain(limit);
});

test("SEC-132 the lockfiles hold a digest of everything, and name no registry", () => {
  for (const folder of ["runtimes", "managers"]) {
    const { packages: locked } = JSON.parse(read(`test-apps/${folder}/package-lock.json`)) as {
      packages: Record<string, { integrity?: string; resolved?: string }>;
    };
    const installed = Object.entries(locked).filter(([path]) => path !== "");
    expect(installed.length).toBeGreaterThan(3);
    for (const [path, { integrity, resolved }] of installed) {
      expect(integrity, path).toMatch(/^sha512-/);
      expect(resolved, path).toBeUndefined();
    }
  }
  expect(read("pnpm-lock.yaml")).not.toMatch(/tarball:|https?:/);
});
