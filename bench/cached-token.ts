import type { Client, Contender } from "./contender.ts";
import { memoryDesk } from "./desk.ts";
import { ours } from "./ours.ts";
import { compare, isBehind } from "./ratio.ts";
import { duration, progress, type Row, ratioText, type Section } from "./report.ts";

/** One round of one side takes about so long. */
const roundMs = 8;

type Call = () => Promise<unknown>;

let sink: unknown;

async function repeat(call: Call, times: number): Promise<void> {
  for (let i = 0; i < times; i++) sink = await call();
}

/** A token that is there already: our call beside that of each peer. */
export async function cachedToken(peers: readonly Contender[]): Promise<Section[]> {
  const mine = await ready(ours);
  const tokens: Row[] = [];
  const requests: Row[] = [];
  for (const peer of peers) {
    progress(`cached token: ${peer.name}`);
    const theirs = await ready(peer);
    tokens.push(await versus(peer, peer.what, mine.token, theirs.token));
    if (theirs.onRequest && mine.onRequest)
      requests.push(await versus(peer, peer.request ?? "", mine.onRequest, theirs.onRequest));
  }
  void sink;
  const head = ["", "ours ÷ theirs", "ours", "theirs"];
  return [
    { title: "A cached token: await getToken()", head, rows: tokens },
    { title: "A cached token, put on a request: await authorize(request)", head, rows: requests },
  ];
}

async function ready(contender: Contender): Promise<Client> {
  const client = await contender.open(memoryDesk());
  await client.token();
  await client.onRequest?.();
  return client;
}

async function versus(peer: Contender, what: string, mine: Call, theirs: Call): Promise<Row> {
  const { ratio, subjectNs, baselineNs } = await compare({
    name: peer.name,
    unit: "call",
    subject: (times) => repeat(mine, times),
    baseline: (times) => repeat(theirs, times),
    times: await timesFor(mine),
    baselineTimes: await timesFor(theirs),
  });
  return {
    good: !isBehind(ratio),
    cells: [peer.name, ratioText(ratio), duration(subjectNs.median), duration(baselineNs.median)],
    data: { peer: peer.name, what, ratio, oursNs: subjectNs, theirsNs: baselineNs },
  };
}

async function timesFor(call: Call): Promise<number> {
  const times = 500;
  await repeat(call, times);
  const start = performance.now();
  await repeat(call, times);
  return Math.max(20, Math.ceil((roundMs * times) / (performance.now() - start)));
}
