import { racer } from "../../src/racer.ts";

const { index, input, barrier, report } = racer();
for (const round of [0, 1]) {
  await barrier();
  report({ index, input, round, home: process.env["HOME"] ?? null });
}
console.log("a word of its own");
console.error("a warning");
