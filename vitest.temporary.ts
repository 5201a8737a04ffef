import { chmodSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/**
 * Gives each run a temporary folder of its own, and fails it if tests leave anything there: what is left behind on a
 * person's machine, for ever, is often a secret of some test.
 */
export function setup(): () => void {
  const folder = mkdtempSync(join(tmpdir(), "auth-"));
  chmodSync(folder, 0o711); // tests in which somebody else comes along have to get through
  const names = ["TMPDIR", "TEMP", "TMP"];
  const before = names.map((name) => process.env[name]);
  for (const name of names) process.env[name] = folder;
  return () => {
    for (const [at, name] of names.entries()) {
      const value = before[at];
      if (value === undefined) delete process.env[name];
      else process.env[name] = value;
    }
    const left = readdirSync(folder).filter((name) => name !== "node-compile-cache"); // of some tool that the tests start
    rmSync(folder, { recursive: true, force: true });
    // Files that are only listed make folders, and have no end to remove them in.
    if (left.length === 0 || process.argv[2] === "list") return;
    console.error(`The tests left ${left.length} behind in the temporary folder: ${left.sort().join(", ")}`);
    process.exitCode = 1;
  };
}
