import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { tokenServer } from "@auth/testkit";
import { expect, onTestFinished, test } from "vitest";
import { byHand } from "../by-hand.ts";
import { scopes } from "../contender.ts";
import { memoryDesk } from "../desk.ts";
import { ours } from "../ours.ts";
import { loadPeers } from "../peers/load.ts";
import { canShare, race } from "../race.ts";

const { contenders: peers, missing } = await loadPeers();
const contenders = [ours, ...peers];

test("every peer is there, and one that is not is named", async () => {
  expect(missing).toEqual([]);
  expect(peers).toHaveLength(5);
  const { contenders: none, missing: gone } = await loadPeers({
    nobody: () => Promise.reject(new Error("Cannot find package 'nobody'")),
  });
  expect(none).toEqual([]);
  expect(gone).toEqual(["nobody is not measured: Error: Cannot find package 'nobody'"]);
});

test.each(contenders)("$name asks once and remembers", async (contender) => {
  const desk = memoryDesk();
  const { token, text, onRequest } = await contender.open(desk);
  const first = text((await token()) as never);
  expect(first).toMatch(/^token-\d$/);
  const { requests } = desk;
  expect(text((await token()) as never)).toBe(first);
  expect(desk.requests).toBe(requests);
  await onRequest?.();
  await onRequest?.();
  expect(desk.requests).toBeLessThanOrEqual(2); // a policy of its own has a cycler of its own
});

test.each(contenders)("$name renews a stored login, if it can store one", async ({ shared, name }) => {
  if (typeof shared === "string") return expect(shared, name).toMatch(/^no store: /);
  const directory = await mkdtemp(join(tmpdir(), "bench-"));
  onTestFinished(() => rm(directory, { recursive: true, force: true }));
  await using server = await tokenServer();
  server.clients.set("racer", "");
  const { issuer, tokenEndpoint } = server;
  const path = join(directory, "login.json");
  const login = { issuer, tokenEndpoint, clientId: "racer", path, fetch };
  await shared.seed(login, server.seedRefreshToken({ clientId: "racer", scope: scopes.join(" ") }));
  const { refreshes } = server.counts;
  const first = await shared.open(login);
  const value = first.text((await first.token()) as never);
  expect((await fetch(server.resource, { headers: { authorization: `Bearer ${value}` } })).status).toBe(200);
  expect(server.counts.refreshes).toBe(refreshes + 1);
  // Another process, later, finds what was saved.
  const second = await shared.open(login);
  expect(second.text((await second.token()) as never)).toBe(value);
  expect(server.counts).toMatchObject({ refreshes: refreshes + 1, reuses: 0 });
});

test("a race of processes: one request for each expiry, by us and by hand", async () => {
  const sharing = [ours, byHand, ...peers].filter(canShare);
  const outcomes = await race(sharing, { processes: 2, rounds: 1, latencyMs: 20 });
  expect([...outcomes.keys()]).toEqual(sharing);
  for (const contender of [ours, byHand].filter(canShare)) {
    const [round] = outcomes.get(contender) ?? [];
    expect(round).toMatchObject({ requests: 1, reuses: 0, lost: false, without: 0 });
    const { laps = [] } = round ?? {};
    expect(laps.map(({ sent }) => sent)).toEqual(expect.arrayContaining([0, 1]));
    expect(new Set(laps.map(({ token }) => token)).size).toBe(1);
  }
});
