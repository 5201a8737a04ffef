import type { Package } from "../packages.ts";
import { table } from "../table.ts";
import type { Part } from "./part.ts";
import { runtimes } from "./runtimes.ts";

/** Runs core under the runtimes beside Node; all of them take the same steps. */
export async function coreElsewhere(folder: string, core: Package, app: string): Promise<Part> {
  const outcomes = await runtimes(folder, core, app);
  const required = process.env["AUTH_IT"] === "require";
  return {
    report: table(
      ["core under", "steps"],
      outcomes.map(({ runtime, steps }) => [runtime, steps ? `${steps.length}` : "SKIPPED"]),
    ),
    problems: [
      ...outcomes.flatMap(({ problem, steps }) => (problem && (steps || required) ? [problem] : [])),
      ...outcomes
        .filter(({ steps, problem }) => !problem && steps && steps.join() !== outcomes[0]?.steps?.join())
        .map(({ runtime }) => `${runtime} ran other steps`),
    ],
  };
}
