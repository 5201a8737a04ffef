import { createAuth, memoryStore } from "@auth/core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type DeviceCodeOptions, deviceCode } from "../src/index.ts";
import { failure } from "./context.ts";
import { attempt } from "./device.ts";
import { type RealServer, realServer } from "./real-server.ts";

const deviceGrant = "urn:ietf:params:oauth:grant-type:device_code";

let server: RealServer;
beforeAll(async () => {
  server = await realServer();
});
afterAll(() => server.close());

const scopes = ["openid", "offline_access", "api:read"];
const grant = (more: Partial<DeviceCodeOptions> = {}) =>
  deviceCode({ issuer: server.issuer, clientId: server.open.id, scopes, ...more });

test("login, renewal without anybody, logout", async () => {
  const { clock, context, paused } = attempt();
  const drive = <T>(work: Promise<T>): Promise<T> => clock.until(work, { paused });
  clock.setWall(Date.now());
  await using auth = createAuth({ grant: grant(), store: memoryStore(), clock, fetch: context.fetch });
  expect(await failure(auth.getToken())).toMatchObject({ code: "ERR_AUTH_INTERACTION_REQUIRED" });
  const before = server.tokenRequests.length;
  const shown: string[] = [];
  const first = await drive(
    auth.login({
      async interaction(step) {
        if (step.type !== "device-code") return;
        shown.push(step.verificationUri);
        expect(step.verificationUriComplete).toContain(step.userCode);
        await clock.sleep(120_000); // longer than any other call may take
        await server.enter(step.userCode);
      },
    }),
  );
  expect(shown).toEqual([`${server.issuer}/device`]);
  expect(await server.isActive(first.reveal())).toBe(true);
  const polls = server.tokenRequests.slice(before);
  expect(polls.length).toBeGreaterThan(20);
  expect(new Set(polls.slice(0, -1))).toEqual(new Set([`${deviceGrant} authorization_pending`]));
  expect(polls.at(-1)).toBe(`${deviceGrant} ok`);

  auth.reject(first);
  const second = await drive(auth.getToken());
  expect(second.reveal()).not.toBe(first.reveal());
  expect(server.tokenRequests.at(-1)).toBe("refresh_token ok");
  expect((await drive(auth.logout())).complete).toBe(true);
  expect(await server.isActive(second.reveal())).toBe(false);
});

test("the person says no", async () => {
  const { context, drive } = attempt();
  const interaction = (step: { type: string; userCode?: string }): Promise<void> =>
    server.enter(step.userCode ?? "", "decline");
  const error = await failure(drive(grant().exchange(undefined, { ...context, interaction })));
  expect(error).toMatchObject({ code: "ERR_AUTH_DENIED", reason: "login-denied" });
  expect(server.tokenRequests.at(-1)).toBe(`${deviceGrant} access_denied`);
});
