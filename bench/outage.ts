import { setTimeout as sleep } from "node:timers/promises";
import type { Contender } from "./contender.ts";
import { leap } from "./leap.ts";
import { loopback } from "./loopback.ts";
import { ours } from "./ours.ts";
import { spread } from "./ratio.ts";
import { progress, type Row, type Section } from "./report.ts";

const lifetimeS = 3_600;
const latencyMs = 20;
const calls = 60;
const gapMs = 200;

/**
 * Ours, at most, by what is left of the token. Ahead of time: the attempts of one renewal, the next one is due after half a minute.
 * In the hard window: as often as with nothing usable in hand.
 */
const cases = [
  { leftS: 60, limit: 3 },
  { leftS: 20, limit: 8 },
] as const;

interface Outcome {
  readonly contender: Contender;
  /** Calls that got the token. */
  readonly served: number;
  readonly requests: number;
  readonly waitsMs: readonly number[];
}

/** The token is still good, and the server is down: what does a caller get, what does it cost the server? */
export async function outage(peers: readonly Contender[]): Promise<Section[]> {
  progress(`outage: ${(calls * gapMs) / 1000} s`);
  const all = [ours, ...peers];
  const outcomes = await suffer(cases.flatMap(({ leftS }) => all.map((contender) => ({ contender, leftS }))));
  return cases.map(({ leftS, limit }, index) =>
    section(leftS, limit, outcomes.slice(index * all.length, (index + 1) * all.length)),
  );
}

/** All at the same time, each with a server of its own. */
async function suffer(
  cases: readonly { readonly contender: Contender; readonly leftS: number }[],
): Promise<Outcome[]> {
  await using servers = new AsyncDisposableStack();
  const patients = [];
  for (const { contender, leftS } of cases) {
    const { server, desk } = servers.use(await loopback(latencyMs));
    // What is left at the end of the leap below, which is the same for all.
    await server.fault({ fields: { expires_in: lifetimeS + leftS } });
    const client = await contender.open(desk);
    await client.token();
    await server.fault({ error: "temporarily_unavailable", status: 503 });
    patients.push({ contender, server, client, before: server.counts.tokenRequests });
  }
  using _ = leap(lifetimeS * 1000);
  using _quiet = silence();
  return await Promise.all(
    patients.map(async ({ contender, server, client, before }): Promise<Outcome> => {
      client.timer?.().catch(() => {});
      const waits = await Promise.all(
        Array.from({ length: calls }, async (_, index) => {
          await sleep(index * gapMs);
          const start = process.hrtime.bigint();
          const served = await client.token().then(
            (token) => client.text(token as never) !== "",
            () => false,
          );
          return { served, ms: Number(process.hrtime.bigint() - start) / 1e6 };
        }),
      );
      return {
        contender,
        served: waits.filter(({ served }) => served).length,
        requests: server.counts.tokenRequests - before,
        waitsMs: waits.map(({ ms }) => ms),
      };
    }),
  );
}

function section(leftS: number, limit: number, outcomes: readonly Outcome[]): Section {
  const most = Math.max(...outcomes.map(({ served }) => served));
  const rows = outcomes.map(({ contender, served, requests, waitsMs }): Row => {
    const waits = spread(waitsMs);
    const own = contender === ours;
    return {
      ...(own && { good: served === most && requests <= limit }),
      cells: [
        contender.name,
        `${served} of ${calls}`,
        `${requests}`,
        own ? `${limit}` : "",
        `${waits.median.toFixed(1)} ms`,
        `${waits.max.toFixed(1)} ms`,
      ],
      data: {
        contender: contender.name,
        leftS,
        ...(own && { limit }),
        calls,
        served,
        requests,
        waitsMs: waits,
      },
    };
  });
  return {
    title: `A refresh that fails (503), the token good for ${leftS} s more: ${calls} calls in ${(calls * gapMs) / 1000} s`,
    head: ["", "calls that got it", "token requests", "limit", "wait, median", "longest"],
    rows,
    notes: [
      "@badgateway/oauth2-client: its timer is called by hand; it tries once, and not again before the expiry",
    ],
  };
}

/** Some say on the console what they also throw. */
export function silence(): Disposable {
  const { warn, error } = console;
  console.warn = () => {};
  console.error = () => {};
  return {
    [Symbol.dispose]() {
      console.warn = warn;
      console.error = error;
    },
  };
}
