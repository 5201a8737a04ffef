import { allocation, hotPath } from "./hot-path.ts";
import { compare } from "./ratio.ts";
import { duration, progress, type Row, ratioText, type Section } from "./report.ts";

const mostBytes = 32;

/** Ours beside what the language itself takes. */
export async function hotPathSection(): Promise<Section> {
  const rows: Row[] = [];
  for (const comparison of hotPath) {
    progress(comparison.name);
    const { name, limit, ratio, subjectNs, baselineNs } = await compare(comparison);
    rows.push({
      good: limit === undefined || ratio.median <= limit,
      cells: [
        name,
        ratioText(ratio),
        limit === undefined ? "" : `${limit} ×`,
        duration(subjectNs.median),
        duration(baselineNs.median),
      ],
      data: { name, limit, ratio, subjectNs, baselineNs },
    });
  }
  progress("allocation");
  const bytes = await allocation();
  const name = "await getToken(), fresh: bytes beyond await Promise.resolve(token)";
  rows.push({
    good: bytes.median <= mostBytes,
    cells: [
      name,
      `${bytes.median.toFixed(0)} (${bytes.min.toFixed(0)} – ${bytes.max.toFixed(0)})`,
      `${mostBytes}`,
      "",
      "",
    ],
    data: { name, limit: mostBytes, bytes },
  });
  return {
    title: "The hot path, beside the language: median (min – max) of 25 rounds, in turn",
    head: ["", "ratio", "limit", "ours", "baseline"],
    rows,
  };
}
