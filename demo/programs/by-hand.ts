import { readFileSync, writeFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import type { LoginPlace } from "./login-place.ts";
import { parent } from "./parent.ts";

export interface ByHand {
  /** The server wanted to hear no more of this login. */
  readonly loggedOut: boolean;
}

// What everybody writes on the first afternoon: read the login, refresh the token when it has expired, keep the new one.
const { issuer, api, login, name } = await parent.input<LoginPlace>();
let refreshToken: string = JSON.parse(readFileSync(login, "utf8")).refresh_token;
let accessToken = "";
let expiresAt = 0;

async function refresh(): Promise<boolean> {
  const body = { grant_type: "refresh_token", client_id: "by-hand", refresh_token: refreshToken };
  const answer = await fetch(`${issuer}/token`, { method: "POST", body: new URLSearchParams(body) });
  if (!answer.ok) return false;
  const tokens = (await answer.json()) as {
    access_token: string;
    refresh_token: string;
    expires_in: number;
  };
  accessToken = tokens.access_token;
  refreshToken = tokens.refresh_token;
  expiresAt = Date.now() + tokens.expires_in * 1_000;
  writeFileSync(login, JSON.stringify(tokens));
  return true;
}

await parent.start();
let loggedOut = false;
while (!parent.stopped && !loggedOut) {
  if (Date.now() >= expiresAt) loggedOut = !(await refresh());
  const headers = { authorization: `Bearer ${accessToken}` };
  const { status } = await fetch(`${api}/orders?from=${name}`, { headers });
  if (status === 401) expiresAt = 0;
  await sleep(20);
}
const report: ByHand = { loggedOut };
parent.report(report);
