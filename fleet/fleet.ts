// Simulates the fleet anew, and writes docs/fleet.md and docs/fleet.svg. `pnpm fleet`
import { writeFile } from "node:fs/promises";
import { chart, count, percent } from "./chart.ts";
import { describe } from "./describe.ts";
import { fleet, measure } from "./measure.ts";
import { nothingInHand } from "./nothing-in-hand.ts";

const rows = measure();
const cold = nothingInHand();
const docs = new URL("../docs/", import.meta.url);
await writeFile(new URL("fleet.svg", docs), chart(rows, fleet.untilMs / 3_600_000));
await writeFile(new URL("fleet.md", docs), describe(rows, cold, nothingInHand(fleet)));
for (const { name, peak, hurtAtWorst } of rows)
  console.log(
    `${count(peak).padStart(6)} requests/s  ${percent(hurtAtWorst).padStart(6)} hurt at worst  ${name}`,
  );
for (const { name, during, allMs } of cold)
  console.log(
    `${count(during).padStart(7)} requests/s with nothing usable in hand, all recovered after ${(allMs / 1000).toFixed(0)} s  ${name}`,
  );
