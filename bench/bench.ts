import { allocation, hotPath } from "./hot-path.ts";
import { compare } from "./ratio.ts";

const two = (value: number): string => value.toFixed(2);
let late = 0;

console.log("Ratios in one run: median (min – max) of 25 rounds, subject and baseline in turn.\n");
for (const comparison of hotPath) {
  const { name, limit, ratio, subjectNs, baselineNs } = await compare(comparison);
  const good = limit === undefined || ratio.median <= limit;
  if (!good) late++;
  console.log(`${good ? "ok  " : "SLOW"} ${name}`);
  console.log(
    `     ${two(ratio.median)} × (${two(ratio.min)} – ${two(ratio.max)})${limit === undefined ? "" : `, limit ${limit} ×`}` +
      `   ${two(subjectNs.median)} ns ÷ ${two(baselineNs.median)} ns`,
  );
}
const bytes = await allocation();
const lean = bytes.median <= 32;
if (!lean) late++;
console.log(
  `${lean ? "ok  " : "SLOW"} await getToken(), fresh: bytes allocated beyond await Promise.resolve(token)`,
);
console.log(`     ${bytes.median.toFixed(0)} (${bytes.min.toFixed(0)} – ${bytes.max.toFixed(0)}), limit 32`);
process.exitCode = late > 0 ? 1 : 0;
