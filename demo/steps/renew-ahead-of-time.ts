import { setTimeout as sleep } from "node:timers/promises";
import { exactly } from "../show/ledger.ts";
import { until } from "../stage/until.ts";
import type { Step } from "./scene.ts";

const calls = 200;

export const renewAheadOfTime: Step = {
  title: "It is renewed before it expires, and nobody waits",
  async run({ screen, ledger, server, api, place, service }) {
    server.lifetime = 6;
    await service.auth.getToken({ forceRefresh: true });
    const { nextAt = new Date() } = await service.auth.status();
    const leftMs = (): number => Math.max(nextAt.getTime() - Date.now(), 0);
    screen.say(
      "The program takes a token of 6 seconds, and auth.status() says from when on it should be renewed.",
    );
    await screen.during(
      sleep(leftMs() + 20),
      () => `the early window begins in ${(leftMs() / 1_000).toFixed(1)} s`,
    );

    const old = service.auth.peek();
    const before = server.tokenRequests;
    server.lifetime = 60;
    const answerNow = server.hold();
    screen.say(
      `Now: ${calls} requests at once, while the token endpoint holds its answer back until they are through.`,
    );
    let answered = 0;
    for (let call = 0; call < calls; call++) {
      void service.api(`${place.api}/orders?from=early`).then(({ ok }) => {
        if (ok) answered++;
      });
    }
    await until(() => answered === calls && server.waiting > 0, 10_000);
    const waited = calls - answered;
    const atTheApi = api.answered("early");
    answerNow();
    await until(() => service.auth.peek()?.id !== old?.id, 10_000);
    await service.api(`${place.api}/orders`);
    ledger.record(
      "All were answered with the old token, the server was asked once, and the next request had the new one.",
      [
        ["calls answered in the early window", atTheApi, exactly(calls), "aside"],
        [`of ${calls} calls in the early window, those that waited`, waited, exactly(0)],
        ["token requests for the renewal", server.tokenRequests - before, exactly(1)],
        ["tokens the API has seen by then", api.tokens(server.service.id), exactly(3), "aside"],
      ],
    );
  },
};
