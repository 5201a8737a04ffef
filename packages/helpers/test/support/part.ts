import { spawnSync } from "node:child_process";
import { randomUUID } from "node:crypto";
import { existsSync, mkdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe } from "vitest";
import type { HelperFormat } from "../../src/index.ts";

const parts = process.env["AUTH_PARTS"] || join(process.env["HOME"] || "/var/tmp", ".cache/auth-parts");
const usual = ["/usr/local/bin", "/usr/bin", "/bin"];
const folders = [
  ...["usr/bin", "python/bin"].map((folder) => join(parts, "credential-helpers", folder)),
  ...usual,
];

/** Tests against a real helper: skipped, loudly, where it is not; required where AUTH_IT=require. */
export function describeReal(program: string, body: () => void): void {
  const there = folders.some((folder) => existsSync(join(folder, program)));
  if (!there && process.env["AUTH_IT"] !== "require") {
    console.warn(`SKIPPED: no test ran against ${program}; scripts/parts/credential-helpers.sh brings it.`);
    describe.skip(`${program} (skipped: it is not installed)`, body);
  } else describe(`the real ${program}`, body);
}

/** A home of its own for foreign programs, and how to run them there. */
export function home() {
  const folder = join(tmpdir(), `auth-helpers-${randomUUID()}`);
  // Made not before: where the part is missing, nothing of this runs, and nothing would take the folder away.
  beforeAll(() => mkdirSync(folder, { mode: 0o700 }));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  const own = { PATH: folders.join(":"), HOME: folder, LANG: "C.UTF-8" };

  /** Runs a program, and fails the test if it fails. */
  function run(command: readonly string[], input = "", env: Record<string, string> = {}): string {
    const [program = "", ...args] = command;
    const { status, stdout, stderr, error } = spawnSync(program, args, { input, env: { ...own, ...env } });
    if (error) throw error;
    if (status !== 0) throw new Error(`${program} ${args[0]} failed (${status}): ${stderr.toString()}`);
    return stdout.toString();
  }

  /** Asks a helper, and reads its answer. */
  function ask<T, R>(format: HelperFormat<T, R>, command: readonly string[], request: R, env = {}): T {
    const [program = "", ...args] = command;
    const call = format.ask(request);
    const { status, stdout, error } = spawnSync(program, [...args, ...(call.args ?? [])], {
      input: call.stdin ?? "",
      env: { ...own, ...call.env, ...env },
    });
    if (error) throw error;
    return format.read({ exitCode: status ?? -1, stdout }, request, { source: "test", now: Date.now() });
  }
  return { at: (name: string): string => join(folder, name), run, ask };
}
