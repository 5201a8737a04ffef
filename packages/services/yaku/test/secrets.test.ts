import { dirname } from "node:path";
import { canary, captureOutput } from "@auth/testkit";
import { expect, test } from "vitest";
import { deviceLogin } from "../src/index.ts";
import { loggedIn, world } from "./support/world.ts";

test("SEC-3 SEC-6 SEC-135 no event, error, output or status shows a token or a code of the device", async () => {
  const access = canary("access");
  const refresh = canary("refresh");
  const device = canary("device");
  const made = canary("made");
  const at = await world();
  const { result, ...output } = await captureOutput(async () => {
    const seen: unknown[] = [];
    const attempt = async (work: Promise<unknown>): Promise<void> => {
      seen.push(await at.drive(work.catch((error: unknown) => error)));
    };
    const auth = at.person();
    const login = () => auth.login({ interaction: at.typing("nothing") });
    const granted = {
      access_token: access.value,
      refresh_token: refresh.value,
      token_type: "Bearer",
      expires_in: 300,
    };
    const code = {
      device_code: device.value,
      user_code: "ABCD",
      verification_uri: "https://idp.example",
      expires_in: 20,
    };
    at.idp.answers.set("/device/auth", [{ body: code }]);
    at.idp.answers.set("/token", [
      { status: 400, body: { error: "invalid_grant", error_description: `${device.value} is bad` } },
    ]);
    await attempt(login());
    at.idp.answers.set("/token", [{ body: { ...granted, id_token: `${access.value}.b.c` } }]);
    await attempt(login());
    at.idp.answers.set("/token", [{ body: granted }]);
    await attempt(login());
    seen.push(await auth.status(), auth.peek());
    const path = "/api/v1/long-running-tokens";
    for (const body of [`<p>${access.value}`, { message: access.value, error: access.value }]) {
      at.yaku.answers.set(path, [{ status: 400, body }]);
      await attempt(at.tokens(auth).list());
    }
    at.yaku.answers.set(path, [{ status: 201, body: { id: 1, token: made.value } }]);
    await attempt(at.tokens(auth).create("d"));
    at.yaku.answers.set(path, [
      { status: 201, body: { id: 1, token: made.value, description: "d", status: "active" } },
    ]);
    await attempt(at.tokens(auth).create("d"));
    at.idp.answers.set("/token", [
      { status: 400, body: { error: "invalid_grant", error_description: refresh.value } },
    ]);
    await at.clock.advance(301_000);
    await attempt(auth.getToken());
    seen.push(await at.drive(auth.logout()), auth, deviceLogin({ url: at.url }));
    return seen;
  });
  expect(at.events.length).toBeGreaterThan(3);
  for (const secret of [access, refresh, device, made]) {
    secret.check(result, at.events, output);
    secret.checkFiles(dirname(at.path)); // after the logout
  }
});

test("SEC-66 SEC-70 nothing is left beside the file", async () => {
  const { readdirSync } = await import("node:fs");
  const at = await world();
  await loggedIn(at);
  await at.clock.advance(280_000);
  await at.drive(at.person().getToken());
  expect(readdirSync(dirname(at.path))).toEqual([".yakurc"]);
});
