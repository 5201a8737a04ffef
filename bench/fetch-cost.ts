import { createFetch } from "@auth/fetch";
import { auth } from "./hot-path.ts";
import { compare } from "./ratio.ts";
import { duration, progress, type Section } from "./report.ts";

const url = "https://api.example.com/v1/things";
const mostNs = 2_000;

/** Nothing travels: what is timed is what stands between the caller and the transport. */
const answer = new Response();
const transport = async (_input: string | URL | Request, _init?: RequestInit): Promise<Response> => answer;
const api = createFetch(auth, { origins: [new URL(url).origin], fetch: transport });
const headers = { accept: "application/json" };
const { signal } = new AbortController();

const requests: readonly (readonly [what: string, init?: RequestInit])[] = [
  ["createFetch, a fresh token"],
  ["the same with a header of the caller's", { headers }],
  ["the same with a signal", { signal }],
];

/** What `createFetch` adds to a request over a stubbed transport. */
export async function fetchCost(): Promise<Section> {
  const rows = [];
  for (const [name, init] of requests) {
    progress(name);
    const limitNs = init ? undefined : mostNs;
    const sent = (send: typeof api) => async (times: number) => {
      for (let i = 0; i < times; i++) await send(url, init);
    };
    const result = await compare({
      name,
      unit: "request",
      times: 20_000,
      subject: sent(api),
      baseline: sent(transport),
    });
    const addedNs = result.subjectNs.median - result.baselineNs.median;
    rows.push({
      ...(limitNs !== undefined && { good: addedNs <= limitNs }),
      cells: [name, duration(addedNs), limitNs === undefined ? "" : duration(limitNs)],
      data: { name, limitNs, addedNs },
    });
  }
  return {
    title:
      "A request, beside the same transport without us: what is added, by the medians of 25 rounds in turn",
    head: ["", "added", "limit"],
    rows,
  };
}
