import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test, vi } from "vitest";
import { setup } from "../../vitest.temporary.ts";

test("a run has a temporary folder of its own, which is removed; what tests leave in it fails the run, and is named", () => {
  const said = vi.spyOn(console, "error").mockImplementation(() => {});
  const { exitCode } = process;
  onTestFinished(() => {
    said.mockRestore();
    process.exitCode = exitCode;
  });
  const outside = tmpdir();

  const clean = setup();
  const own = tmpdir();
  expect(own).not.toBe(outside);
  rmSync(mkdtempSync(join(own, "gone-")), { recursive: true });
  clean();
  expect([said.mock.calls, process.exitCode, tmpdir(), existsSync(own)]).toEqual([
    [],
    exitCode,
    outside,
    false,
  ]);

  const dirty = setup();
  const left = mkdtempSync(join(tmpdir(), "stays-"));
  dirty();
  expect(said.mock.calls.flat().join()).toMatch(/left 1 behind in the temporary folder: stays-\w+$/);
  expect([process.exitCode, existsSync(left)]).toEqual([1, false]);
});
