import type { Contender } from "./contender.ts";
import { fortyLines } from "./forty-lines.ts";
import { type Fault, faults, patienceMs, refuse, suffer } from "./nothing-in-hand.ts";
import { ours } from "./ours.ts";
import { silence } from "./outage.ts";
import { type Spread, spread } from "./ratio.ts";
import { progress, type Row, type Section } from "./report.ts";

/** Runs of ours, each with a chance of its own. The others do nothing by chance: one run. */
const seeds = 25;

/** What the bars are about, of one library. Times in ms. */
export interface Suffered {
  readonly unavailable: Spread;
  readonly unavailableRecovery: Spread;
  readonly refused: Spread;
  readonly refusedRecovery: Spread;
  readonly limited: Spread;
  /** Undefined: it sends no requests. */
  readonly api: Spread | undefined;
}

interface Bar {
  readonly what: string;
  readonly of: keyof Suffered;
  readonly by: "median" | "max";
  readonly limit: number;
  readonly ms?: true;
}

/** What may not be passed. */
const limits: readonly Bar[] = [
  { what: "503: token requests, median", of: "unavailable", by: "median", limit: 6 },
  { what: "503: token requests, most", of: "unavailable", by: "max", limit: 8 },
  {
    what: "503: from its end to the first token, median",
    of: "unavailableRecovery",
    by: "median",
    limit: 4_000,
    ms: true,
  },
  { what: "400 invalid_client: token requests, most", of: "refused", by: "max", limit: 3 },
  {
    what: "400 invalid_client: from its end to the first token, median",
    of: "refusedRecovery",
    by: "median",
    limit: 4_000,
    ms: true,
  },
  { what: "429 with Retry-After: 30: token requests, most", of: "limited", by: "max", limit: 1 },
  { what: "an API that says 401 to 100 calls: token requests, most", of: "api", by: "max", limit: 3 },
];

/** A server that gives no tokens, and nothing usable in hand: what it gets to feel of a thousand calls a second. */
export async function bars(peers: readonly Contender[]): Promise<Section[]> {
  const mine = await sufferAll(ours, seeds);
  const others = new Map<Contender, Suffered>();
  for (const contender of [fortyLines, ...peers]) others.set(contender, await sufferAll(contender, 1));
  return [limitSection(mine), besideSection(new Map([[ours, mine], ...others]))];
}

async function sufferAll(contender: Contender, runs: number): Promise<Suffered> {
  using _ = silence();
  const over = async (fault: Fault): Promise<[requests: Spread, recovery: Spread]> => {
    const outages = [];
    for (let seed = 0; seed < runs; seed++) {
      progress(`nothing usable in hand: ${contender.name}, ${seed + 1} of ${runs}`);
      outages.push(await suffer(contender, seed, fault));
    }
    return [
      spread(outages.map(({ requests }) => requests)),
      spread(outages.map(({ recoveryMs }) => recoveryMs)),
    ];
  };
  const [unavailable, unavailableRecovery] = await over(faults[503]);
  const [refused, refusedRecovery] = await over(faults[400]);
  const [limited] = await over(faults[429]);
  const api: number[] = [];
  for (let seed = 0; seed < runs; seed++) {
    const requests = await refuse(contender, seed);
    if (requests !== undefined) api.push(requests);
  }
  return {
    unavailable,
    unavailableRecovery,
    refused,
    refusedRecovery,
    limited,
    api: api.length > 0 ? spread(api) : undefined,
  };
}

/** Ours, each bar with its limit. */
export function limitSection(mine: Suffered): Section {
  return {
    title: `Nothing usable in hand, 1,000 calls/s for 10 s: ours, ${seeds} runs`,
    head: ["", "ours", "limit", "min – median – max"],
    rows: limits.map(({ what, of, by, limit, ms }): Row => {
      const measured = mine[of];
      const text = ms ? seconds : count;
      return {
        good: measured !== undefined && measured[by] <= limit,
        cells: [
          what,
          measured ? text(measured[by]) : "–",
          text(limit),
          measured ? [measured.min, measured.median, measured.max].map(text).join(" – ") : "–",
        ],
        data: { what, limit, measured },
      };
    }),
    notes: ["on a clock that is moved, ms by ms; an answer takes 20 ms"],
  };
}

/** The same beside others, for information. */
function besideSection(all: ReadonlyMap<Contender, Suffered>): Section {
  return {
    title: "The same beside others: token requests in the 10 s, and how long after them the first token came",
    head: ["", "503", "token after", "400", "token after", "429", "401 of the API"],
    rows: [...all].map(
      ([{ name }, suffered]): Row => ({
        cells: [
          name,
          count(suffered.unavailable.median),
          seconds(suffered.unavailableRecovery.median),
          count(suffered.refused.median),
          seconds(suffered.refusedRecovery.median),
          count(suffered.limited.median),
          suffered.api ? count(suffered.api.median) : "–",
        ],
        data: { contender: name, ...suffered },
      }),
    ),
    notes: [
      "ours: the median; the others do nothing by chance, one run each",
      "–: it sends no requests; where it does, 100 calls of an API that says 401 to each token, ten a second",
    ],
  };
}

const count = (value: number): string => value.toLocaleString("en");

function seconds(ms: number): string {
  return ms > patienceMs ? `> ${patienceMs / 1000} s` : `${(ms / 1000).toFixed(1)} s`;
}
