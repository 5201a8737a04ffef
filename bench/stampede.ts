import type { Contender } from "./contender.ts";
import { memoryDesk } from "./desk.ts";
import { ours } from "./ours.ts";
import { isBehind, spread } from "./ratio.ts";
import { duration, progress, type Row, ratioText, type Section } from "./report.ts";

const callers = 10_000;
const latencyMs = 20;
const rounds = 15;
/** Who takes that long is asked a few times only. */
const slowMs = 1_000;
const few = 3;

interface Rush {
  readonly ms: number;
  readonly requests: number;
}

/** Ten thousand callers at once, and no token yet. */
export async function stampede(peers: readonly Contender[]): Promise<Section> {
  const all = [ours, ...peers];
  const rushes = new Map<Contender, Rush[]>(all.map((each) => [each, []]));
  for (let round = -2; round < rounds; round++) {
    progress(`stampede: round ${round + 3} of ${rounds + 2}`);
    for (const contender of all) {
      const known = rushes.get(contender) ?? [];
      if (known.length >= few && known.every(({ ms }) => ms > slowMs)) continue;
      const outcome = await rush(contender);
      if (round >= 0) known.push(outcome);
    }
  }
  const mine = rushes.get(ours) ?? [];
  const rows = all.map((contender): Row => {
    const theirs = rushes.get(contender) ?? [];
    const ratio = spread(theirs.map(({ ms }, round) => (mine[round]?.ms ?? Number.NaN) / ms));
    const ms = spread(theirs.map((each) => each.ms));
    const requests = spread(theirs.map((each) => each.requests));
    const own = contender === ours;
    return {
      good: own ? requests.max === 1 : !isBehind(ratio),
      cells: [
        contender.name,
        own ? "" : ratioText(ratio),
        duration(ms.median * 1e6),
        requests.median.toLocaleString("en"),
      ],
      data: { contender: contender.name, ...(!own && { ratio }), ms, requests },
    };
  });
  return {
    title: `A stampede: ${callers.toLocaleString("en")} callers at once, no token yet, the answer takes ${latencyMs} ms`,
    head: ["", "ours ÷ theirs", "until all have it", "token requests"],
    rows,
  };
}

async function rush(contender: Contender): Promise<Rush> {
  const desk = memoryDesk({ latencyMs });
  const { token } = await contender.open(desk);
  globalThis.gc?.();
  const before = desk.requests; // to open a client may have cost one
  const start = performance.now();
  await Promise.all(Array.from({ length: callers }, () => token()));
  return { ms: performance.now() - start, requests: desk.requests - before };
}
