import type { Row } from "./measure.ts";

const [width, height] = [880, 650];
const colors = { ours: "#0b6e4f", shared: "#3a86c8", without: "#c1440e", other: "#8a8a8a" };

/** Two pictures of the same fleet, as SVG: the load at the identity provider over time, and who feels an outage. */
export function chart(rows: readonly Row[], hours: number): string {
  const [ours, shared, without] = rows;
  if (!ours || !shared || !without) throw new RangeError("the first three rows are ours");
  const lines = [
    {
      row: without,
      color: colors.without,
      label: `all at the same age: up to ${count(without.peak)} a second`,
    },
    { row: ours, color: colors.ours, label: `ours: up to ${count(ours.peak)}` },
    {
      row: shared,
      color: colors.shared,
      label: `ours, one Redis for 100 processes: up to ${count(shared.peak)}`,
    },
  ];
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" font-family="system-ui, sans-serif" font-size="13" fill="#222">
<title>Token requests of a fleet of 100,000 processes</title>
<rect width="${width}" height="${height}" fill="#fff"/>
<text x="20" y="28" font-size="16" font-weight="600">Requests per second at the identity provider, 100,000 processes with one-hour tokens</text>
${load(lines, hours)}
<text x="20" y="386" font-size="16" font-weight="600">Processes with a failed call, when it is away for ten minutes at the worst time</text>
${bars(rows)}
</svg>
`;
}

interface Line {
  readonly row: Row;
  readonly color: string;
  readonly label: string;
}

/** The busiest second of each minute. */
function load(lines: readonly Line[], hours: number): string {
  const [left, right, top, bottom] = [70, width - 20, 84, 320];
  const most = Math.ceil(Math.max(...lines.map(({ row }) => row.peak)) / 500) * 500;
  const x = (minute: number): number => left + ((right - left) * minute) / (hours * 60);
  const y = (requests: number): number => bottom - ((bottom - top) * requests) / most;
  const grid = Array.from({ length: most / 500 + 1 }, (_, nth) => {
    const at = y(nth * 500).toFixed(1);
    return `<path d="M${left} ${at}H${right}" stroke="#e4e4e4"/><text x="${left - 8}" y="${Number(at) + 4}" text-anchor="end">${count(nth * 500)}</text>`;
  });
  const ticks = Array.from(
    { length: hours + 1 },
    (_, hour) =>
      `<text x="${x(hour * 60).toFixed(1)}" y="${bottom + 20}" text-anchor="middle">${hour} h</text>`,
  );
  const paths = lines.map(({ row, color }) => {
    const points = Array.from({ length: hours * 60 }, (_, minute) => {
      const peak = Math.max(...row.perSecond.subarray(minute * 60, (minute + 1) * 60));
      return `${x(minute + 0.5).toFixed(1)} ${y(peak).toFixed(1)}`;
    });
    return `<path d="M${points.join("L")}" fill="none" stroke="${color}" stroke-width="1.8" stroke-linejoin="round"/>`;
  });
  const legend = lines.map(({ color, label }, nth) => {
    const at = [left, left + 330, left + 470][nth] ?? left;
    return `<path d="M${at} 56h18" stroke="${color}" stroke-width="3"/><text x="${at + 25}" y="60">${label}</text>`;
  });
  return [...grid, ...ticks, ...paths, ...legend].join("\n");
}

function bars(rows: readonly Row[]): string {
  const [left, right, top, step] = [330, width - 70, 406, 29];
  return rows
    .map(({ name, hurtAtWorst }, nth) => {
      const y = top + nth * step;
      const length = Math.max(1, (right - left) * hurtAtWorst);
      const color = [colors.ours, colors.shared, colors.without][nth] ?? colors.other;
      return `<text x="${left - 10}" y="${y + 14}" text-anchor="end">${short(name)}</text><rect x="${left}" y="${y}" width="${length.toFixed(1)}" height="19" fill="${color}"/><text x="${(left + length + 8).toFixed(1)}" y="${y + 14}">${percent(hurtAtWorst)}</text>`;
    })
    .join("\n");
}

const short = (name: string): string =>
  name.replace(/, \d+ processes to a login in one Redis/, ", one Redis for 100 processes");

export function count(number: number): string {
  return Math.round(number).toLocaleString("en-US");
}

export function percent(share: number): string {
  return `${(share * 100).toFixed(share > 0 && share < 0.1 ? 1 : 0)} %`;
}
