import { type Contender, type Desk, refusingApi } from "./contender.ts";
import { memoryDesk } from "./desk.ts";
import { type VirtualTime, virtualTime } from "./virtual-time.ts";

const outageMs = 10_000;
const latencyMs = 20;
/** Who has no token so long after the end of an outage is not waited for. */
export const patienceMs = 20_000;
const refusedCalls = 100;
const hourMs = 3_600_000;

/** What a token endpoint says that gives no tokens. */
export interface Fault {
  readonly answer: () => Response;
  /** Whether a token is waited for afterwards: not where the server said when to come back. */
  readonly recovers: boolean;
}

/** The three that the bars are about. */
export const faults = {
  503: {
    answer: () => Response.json({ error: "temporarily_unavailable" }, { status: 503 }),
    recovers: true,
  },
  400: {
    answer: () => Response.json({ error: "invalid_client" }, { status: 400 }),
    recovers: true,
  },
  429: {
    answer: () => Response.json({ error: "slow_down" }, { status: 429, headers: { "retry-after": "30" } }),
    recovers: false,
  },
} as const satisfies Readonly<Record<number, Fault>>;

export interface Outage {
  /** Token requests while it lasted. */
  readonly requests: number;
  /** From its end to the first token; infinite if there was none for twenty seconds. */
  readonly recoveryMs: number;
}

/** A token that has expired, a server that gives none for ten seconds, and a call each millisecond. */
export async function suffer(contender: Contender, seed: number, fault: Fault): Promise<Outage> {
  using time = virtualTime(seed);
  const { clock } = time;
  let out = false;
  let requests = 0;
  const desk = slowDesk(time, () => {
    requests++;
    return out ? fault.answer() : undefined;
  });
  const client = await time.until(contender.open(desk));
  await time.until(client.token());
  out = true;
  await time.advance(hourMs);
  await time.advance(latencyMs); // what a timer sent ahead of the expiry is answered
  requests = 0;
  let servedAt: number | undefined;
  const call = async (): Promise<void> => {
    client.token().then(
      () => {
        servedAt ??= clock.monotonic();
      },
      () => {},
    );
    await time.advance(1);
  };
  for (let ms = 0; ms < outageMs; ms++) await call();
  const outcome = { requests, recoveryMs: Number.POSITIVE_INFINITY };
  if (servedAt !== undefined) throw new Error(`${contender.name} has a token from nowhere`);
  if (!fault.recovers) return outcome;
  out = false;
  const end = clock.monotonic();
  while (servedAt === undefined && clock.monotonic() - end < patienceMs) await call();
  return servedAt === undefined ? outcome : { ...outcome, recoveryMs: servedAt - end };
}

/** Token requests for a hundred calls of an API that says 401 to each token, ten calls a second. */
export async function refuse(contender: Contender, seed: number): Promise<number | undefined> {
  using time = virtualTime(seed);
  let requests = 0;
  const desk = slowDesk(time, () => {
    requests++;
    return undefined;
  });
  const { onRefused } = await time.until(contender.open(desk));
  if (!onRefused) return undefined;
  requests = 0;
  for (let calls = 0; calls < refusedCalls; calls++) {
    await time.until(onRefused().catch(() => {}));
    await time.advance(100);
  }
  return requests;
}

/** A desk on that time, and an API beside it that likes no token. */
function slowDesk({ clock }: VirtualTime, answer: () => Response | undefined): Desk {
  const desk = memoryDesk();
  const send: typeof fetch = async (input, init) => {
    const url = input instanceof Request ? input.url : String(input);
    if (url === refusingApi)
      return new Response(null, { status: 401, headers: { "www-authenticate": "Bearer" } });
    const response = answer() ?? (await desk.fetch(input, init));
    await clock.sleep(latencyMs);
    return response;
  };
  return { ...desk, clock, fetch: send };
}
