import { type Contender, type Desk, refusingApi } from "./contender.ts";
import { exchange } from "./desk.ts";

/** After a failure nothing is asked for so long, in ms. */
const pauseMs = 2_000;
const aheadMs = 30_000;

/** What one writes oneself: a token in memory, one request at a time, and a pause of two seconds after a failure. */
export const fortyLines: Contender = {
  name: "a cache of 40 lines",
  what: "a variable, a shared promise, a pause of 2 s after a failure",
  request: "the token dropped after a 401, and the request sent once more",
  async open(desk) {
    const cache = cacheOf(desk);
    const send = async (): Promise<Response> =>
      desk.fetch(refusingApi, { headers: { authorization: `Bearer ${await cache.token()}` } });
    return {
      token: cache.token,
      text: (token: string) => token,
      async onRefused() {
        if ((await send()).status !== 401) return;
        cache.drop();
        await send();
      },
    };
  },
  shared: "no store",
};

function cacheOf(desk: Desk): { token: () => Promise<string>; drop: () => void } {
  let kept: { readonly token: string; readonly expiresAt: number } | undefined;
  let failed: { readonly error: unknown; readonly until: number } | undefined;
  let renewal: Promise<string> | undefined;
  async function renew(): Promise<string> {
    try {
      const { access_token: token, expires_in } = await exchange(desk);
      kept = { token, expiresAt: Date.now() + expires_in * 1000 };
      return token;
    } catch (error) {
      failed = { error, until: Date.now() + pauseMs };
      throw error;
    } finally {
      renewal = undefined;
    }
  }
  return {
    async token() {
      if (kept && Date.now() < kept.expiresAt - aheadMs) return kept.token;
      if (failed && Date.now() < failed.until) throw failed.error;
      renewal ??= renew();
      return renewal;
    },
    drop() {
      kept = undefined;
    },
  };
}
