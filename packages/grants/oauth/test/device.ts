import { setImmediate as macrotask } from "node:timers/promises";
import type { GrantContext, InteractionStep } from "@auth/core";
import { type FakeClock, fakeClock } from "@auth/testkit";
import { type DeviceCodeOptions, deviceCode } from "../src/index.ts";
import { type TestContext, testContext } from "./context.ts";
import { json, type Script, type ScriptedServer, scriptedServer } from "./scripted-server.ts";

export type DeviceStep = Extract<InteractionStep, { type: "device-code" }>;

/** A login on a fake clock: time passes while the program waits, and stands still while a request is under way. */
export interface Attempt {
  readonly clock: FakeClock;
  readonly context: TestContext;
  /** What the person was shown. */
  readonly steps: DeviceStep[];
  /** Seconds from the first request to each one. */
  readonly times: number[];
  readonly drive: <T>(work: Promise<T>) => Promise<T>;
  /** Whether a request is under way. */
  readonly paused: () => boolean;
}

export function attempt(over: Partial<GrantContext> = {}): Attempt {
  const clock = fakeClock({ random: 0 });
  const start = clock.monotonic();
  const steps: DeviceStep[] = [];
  const times: number[] = [];
  let underWay = 0;
  const context = testContext({
    clock,
    interaction: (step) => void steps.push(step as DeviceStep),
    async fetch(input, init) {
      times.push((clock.monotonic() - start) / 1_000);
      underWay++;
      try {
        const response = await fetch(input, init);
        const body = await response.arrayBuffer();
        return new Response(body, response);
      } finally {
        underWay--;
      }
    },
    ...over,
  });
  /** From wait to wait, as half an hour of polling should not take seconds; but not before all is quiet. */
  async function drive<T>(work: Promise<T>): Promise<T> {
    let settled = false;
    const finish = (): void => {
      settled = true;
    };
    work.then(finish, finish);
    for (let quiet = 0; !settled; quiet = underWay > 0 ? 0 : quiet + 1) {
      const [next] = clock.pending;
      if (next && quiet > 10) {
        await clock.advance(next.dueInMs);
        quiet = 0;
      } else await macrotask();
    }
    return work;
  }
  return { clock, context, steps, times, drive, paused: () => underWay > 0 };
}

/** A good answer of the device authorization endpoint, with some fields another way. */
export const device = (over: Record<string, unknown> = {}): Script =>
  json({
    device_code: "dc-secret",
    user_code: "BCDF-GHJK",
    verification_uri: "https://idp.example/device",
    expires_in: 600,
    interval: 5,
    ...over,
  });
export const pending = json({ error: "authorization_pending" }, 400);
export const slowDown = json({ error: "slow_down" }, 400);

/** A login at a server that answers like that: first the device request, then each poll. */
export async function login(
  scripts: readonly Script[],
  options: Partial<DeviceCodeOptions> = {},
  over: Partial<GrantContext> = {},
) {
  await using server = await scriptedServer(...scripts);
  const at = attempt(over);
  const grant = grantFor(server, options);
  const outcome = await at.drive(grant.exchange(undefined, at.context)).then(
    (tokens) => ({ tokens, error: undefined }),
    (error: unknown) => ({ tokens: undefined, error }),
  );
  const forms = server.requests.map(({ body }) => Object.fromEntries(new URLSearchParams(body)));
  return { ...at, ...outcome, forms, paths: server.requests.map(({ path }) => path) };
}

export const grantFor = (server: ScriptedServer, options: Partial<DeviceCodeOptions> = {}) =>
  deviceCode({
    issuer: server.origin,
    tokenEndpoint: server.tokenEndpoint,
    deviceAuthorizationEndpoint: `${server.origin}/device`,
    clientId: "tv",
    ...options,
  });
