import { AccessToken, type Auth, createAuth, type Grant } from "@auth/core";
import { type Comparison, type Spread, spread } from "./ratio.ts";

/** Answers from memory: what is timed is the library, not a server. */
const grant: Grant = {
  name: "bench",
  partition: () => "bench",
  exchange: async (_credential, { clock }) => ({
    accessToken: new AccessToken("token", {
      obtainedAt: new Date(clock.now()),
      expiresAt: new Date(clock.now() + 3_600_000),
    }),
  }),
};

export const auth = createAuth({ grant });
const token = await auth.getToken();
const many: Auth[] = [];
for (let index = 0; index < 1_000; index++) {
  const one = createAuth({ grant, name: `identity ${index}` });
  await one.getToken();
  many.push(one);
}
/** The same choice for both sides, so that drawing it costs both the same. */
const order = Uint16Array.from({ length: 65_536 }, () => Math.random() * many.length);
const always = new Uint16Array(65_536);

let sink: unknown;

export const hotPath: readonly Comparison[] = [
  {
    name: "await getToken(), fresh ÷ await Promise.resolve(token)",
    limit: 1.6,
    unit: "call",
    times: 200_000,
    subject: awaitToken,
    baseline: awaitResolved,
  },
  {
    name: "peek(), fresh ÷ Date.now()",
    limit: 1.2,
    unit: "call",
    times: 1_000_000,
    subject(times) {
      for (let i = 0; i < times; i++) sink = auth.peek();
    },
    baseline(times) {
      for (let i = 0; i < times; i++) sink = Date.now();
    },
  },
  {
    name: "await getToken(), 1,000 identities at random ÷ one",
    limit: 1.3,
    unit: "call",
    times: 200_000,
    async subject(times) {
      for (let i = 0; i < times; i++) sink = await (many[order[i & 65_535] as number] as Auth).getToken();
    },
    async baseline(times) {
      for (let i = 0; i < times; i++) sink = await (many[always[i & 65_535] as number] as Auth).getToken();
    },
  },
];

async function awaitToken(times: number): Promise<void> {
  for (let i = 0; i < times; i++) sink = await auth.getToken();
}

async function awaitResolved(times: number): Promise<void> {
  for (let i = 0; i < times; i++) sink = await Promise.resolve(token);
}

/** Bytes per call beyond the baseline's, by the growth of the heap between two collections. Needs `--expose-gc`. */
export async function allocation(): Promise<Spread> {
  const times = 50_000;
  const grown = async (work: (times: number) => Promise<void>): Promise<number> => {
    globalThis.gc?.();
    const before = process.memoryUsage().heapUsed;
    await work(times);
    return (process.memoryUsage().heapUsed - before) / times;
  };
  const beyond: number[] = [];
  for (let round = 0; round < 9; round++)
    beyond.push((await grown(awaitToken)) - (await grown(awaitResolved)));
  void sink;
  return spread(beyond);
}
