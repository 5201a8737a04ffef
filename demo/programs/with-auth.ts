import { setTimeout as sleep } from "node:timers/promises";
import { createAuth } from "@auth/core";
import { createFetch } from "@auth/fetch";
import { fromFile } from "@auth/file";
import { refreshToken } from "@auth/oauth";
import { tokenFile } from "@auth/token-file";
import type { LoginPlace } from "./login-place.ts";
import { parent } from "./parent.ts";

export interface WithAuth {
  readonly answered: number;
  readonly failed: number;
}

const place = await parent.input<LoginPlace>();
const auth = createAuth({
  grant: refreshToken({ issuer: place.issuer, clientId: "with-auth" }),
  credentials: fromFile({ path: place.login }),
  store: tokenFile({ path: place.tokens }),
});
const api = createFetch(auth, { origins: [place.api] });
const counts = { answered: 0, failed: 0 };

await parent.start();
while (!parent.stopped) {
  try {
    const { ok } = await api(`${place.api}/orders?from=${place.name}`);
    counts[ok ? "answered" : "failed"]++;
  } catch {
    counts.failed++;
  }
  await sleep(20);
}
const report: WithAuth = counts;
parent.report(report);
