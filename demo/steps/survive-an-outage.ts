import { setTimeout as sleep } from "node:timers/promises";
import { atLeast, exactly, upTo } from "../show/ledger.ts";
import type { Scene, Step } from "./scene.ts";

/** L3: three attempts for a request that spends nothing; then L8: nothing for 30 s. */
const limit = 3;

export const surviveAnOutage: Step = {
  title: "The token endpoint dies, and nobody notices",
  async run(scene) {
    const { screen, ledger, server, service, place } = scene;
    server.lifetime = 8;
    const { expiresAt = new Date() } = await service.auth.getToken({ forceRefresh: true });
    const livesMs = (): number => expiresAt.getTime() - Date.now();
    screen.say(
      "A new token of 8 seconds; from now on the token endpoint cuts every connection. The program goes on making requests, into the last quarter of the token's life.",
    );
    server.down = true;
    const before = server.tokenRequests;
    const counts = { answered: 0, failed: 0 };
    await screen.during(
      makeRequests(scene, counts, () => livesMs() > 1_500),
      () =>
        `${counts.answered} answered, ${counts.failed} failed; ${server.tokenRequests - before} token requests;` +
        ` the token lives ${Math.max(livesMs() / 1_000, 0).toFixed(1)} s more`,
    );
    const outage = server.tokenRequests - before;
    ledger.record(
      `${counts.answered} requests, none failed. The dead endpoint was tried ${outage} times: up to ${limit} attempts at first, then one at a time, with seconds between.`,
      [
        ["calls answered during the outage", counts.answered, atLeast(10)],
        ["calls failed during the outage", counts.failed, exactly(0)],
        ["requests to the dead token endpoint", outage, upTo(limit + 2)],
      ],
    );

    server.down = false;
    server.lifetime = 60;
    await screen.during(sleep(livesMs() + 50), () => "the endpoint is back; the token expires");
    const { status } = await service.api(`${place.api}/orders`);
    ledger.record("The endpoint is back, the token has expired: the next call has a new one.", [
      ["the API's answer after the outage", status, exactly(200), "aside"],
      ["token requests after the outage", server.tokenRequests - before - outage, exactly(1)],
    ]);
  },
};

async function makeRequests(
  { service, place }: Scene,
  counts: { answered: number; failed: number },
  goOn: () => boolean,
): Promise<void> {
  while (goOn()) {
    try {
      const { ok } = await service.api(`${place.api}/orders`);
      counts[ok ? "answered" : "failed"]++;
    } catch {
      counts.failed++;
    }
    await sleep(20);
  }
}
