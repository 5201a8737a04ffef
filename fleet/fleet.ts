// Simulates the fleet anew, and writes docs/fleet.md and docs/fleet.svg. `pnpm fleet`
import { writeFile } from "node:fs/promises";
import { chart, count, percent } from "./chart.ts";
import { describe } from "./describe.ts";
import { fleet, measure } from "./measure.ts";

const rows = measure();
const docs = new URL("../docs/", import.meta.url);
await writeFile(new URL("fleet.svg", docs), chart(rows, fleet.untilMs / 3_600_000));
await writeFile(new URL("fleet.md", docs), describe(rows));
for (const { name, peak, hurtAtWorst } of rows)
  console.log(
    `${count(peak).padStart(6)} requests/s  ${percent(hurtAtWorst).padStart(6)} hurt at worst  ${name}`,
  );
