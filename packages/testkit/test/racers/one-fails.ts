import { racer } from "../../src/racer.ts";

const { index, barrier, report } = racer();
if (index === 0) throw new Error("failed before the barrier");
await barrier();
report("passed the barrier");
if (index === 1) setInterval(() => {}, 1000); // never ends
