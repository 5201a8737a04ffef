import { PassThrough } from "node:stream";
import { expect, test } from "vitest";
import { Context } from "../src/context.ts";

test("SEC-124 what is printed waits for success: a command that fails halfway leaves standard output empty", () => {
  const written: string[] = [];
  const stdout = { write: (text: string) => written.push(text) };
  const stderr = { write: () => true };
  const surroundings = { env: {}, cwd: "/", home: "/", platform: "linux" as const, stdin: new PassThrough() };
  const context = new Context({ argv: [], ...surroundings, stdout, stderr }, []);
  context.print("half ");
  context.json({ the: "other half" });
  expect(written).toEqual([]);
  context.flush();
  context.flush();
  expect(written).toEqual(['half {\n  "the": "other half"\n}\n']);
});
