/** Times two things in turn, A B A B …, so that a machine that changes its speed changes both. */
export interface Comparison {
  readonly name: string;
  /** At most this many times the baseline; undefined: for information. */
  readonly limit?: number;
  readonly unit: string;
  readonly subject: (times: number) => Promise<void> | void;
  readonly baseline: (times: number) => Promise<void> | void;
  readonly times: number;
  /** Default: as often as the subject. */
  readonly baselineTimes?: number;
}

export interface Spread {
  readonly min: number;
  /** Nine of ten are more. */
  readonly p10: number;
  readonly median: number;
  readonly max: number;
}

export interface Result {
  readonly name: string;
  readonly limit: number | undefined;
  readonly ratio: Spread;
  readonly subjectNs: Spread;
  readonly baselineNs: Spread;
}

const rounds = 25;

export async function compare({
  name,
  limit,
  subject,
  baseline,
  times,
  baselineTimes = times,
}: Comparison): Promise<Result> {
  const ratios: number[] = [];
  const subjectNs: number[] = [];
  const baselineNs: number[] = [];
  for (let round = -5; round < rounds; round++) {
    const a = await time(subject, times);
    const b = await time(baseline, baselineTimes);
    if (round < 0) continue; // warm-up
    ratios.push(a / b);
    subjectNs.push(a);
    baselineNs.push(b);
  }
  return { name, limit, ratio: spread(ratios), subjectNs: spread(subjectNs), baselineNs: spread(baselineNs) };
}

async function time(work: (times: number) => Promise<void> | void, times: number): Promise<number> {
  const start = process.hrtime.bigint();
  await work(times);
  return Number(process.hrtime.bigint() - start) / times;
}

export function spread(values: readonly number[]): Spread {
  const sorted = [...values].sort((a, b) => a - b);
  const at = (share: number): number => sorted[Math.floor(share * (sorted.length - 1))] ?? Number.NaN;
  return { min: at(0), p10: at(0.1), median: at(0.5), max: at(1) };
}

/** The baseline is the quicker one, and not by chance: in nine of ten rounds. */
export function isBehind({ p10 }: Spread): boolean {
  return p10 > 1;
}
