import { Secret } from "@auth/core";
import { describe, expect, test } from "vitest";
import { refreshToken } from "../src/index.ts";
import { hastyClock, testContext } from "./context.ts";
import { good, now, refresh, sent } from "./refresh-once.ts";
import { json, type Script, scriptedServer, token } from "./scripted-server.ts";

const expired = { code: "ERR_AUTH_INVALID", reason: "expired-on-arrival" };

describe("SEC-33 expires_in", () => {
  const year = 365 * 86_400;
  test.each<[string, number]>([
    ["60", 60],
    ['"60"', 60],
    ["59.9", 59],
    ["1", 1],
    ['"0000000060"', 60],
    ["3.6e3", 3600],
    [`${year}`, year],
    [`${year + 1}`, year],
    ["1e300", year],
    ['"9999999999"', year],
  ])("SEC-33 %s is %d seconds", async (text, seconds) => {
    const { tokens, context } = await refresh(
      json(`{"access_token":"a","token_type":"bearer","expires_in":${text}}`),
    );
    expect(tokens?.accessToken.expiresAt).toEqual(new Date(now + seconds * 1_000));
    expect(tokens?.accessToken.obtainedAt).toEqual(new Date(now));
    expect(context.warnings).toEqual([]);
  });

  test.each([
    "-1",
    "-0.5",
    "1e999",
    '""',
    '" 60"',
    '"3600s"',
    '"1e3"',
    '"0x10"',
    '"-5"',
    '"60.5"',
    '"NaN"',
    '"Infinity"',
    '"12345678901"',
    '"٦٠"',
    "true",
    "false",
    "[60]",
    '{"seconds":60}',
  ])("SEC-33 %s is a lifetime nobody knows, with one warning", async (text) => {
    const { tokens, context } = await refresh(
      json(`{"access_token":"a","token_type":"bearer","expires_in":${text}}`),
    );
    expect(tokens?.accessToken).not.toHaveProperty("expiresAt");
    expect(context.warnings).toEqual(["expires-in-unreadable"]);
  });

  test.each<[unknown]>([[undefined], [null]])(
    "SEC-33 %j is unknown without a warning",
    async (expires_in) => {
      const { tokens, context } = await refresh(json({ ...good, expires_in }));
      expect(tokens?.accessToken).not.toHaveProperty("expiresAt");
      expect(context.warnings).toEqual([]);
    },
  );

  test.each<[unknown]>([[0], ["0"], [0.9], ["0000"]])(
    "SEC-33 %j has expired on arrival",
    async (expires_in) => {
      const { error } = await refresh(json({ ...good, expires_in, refresh_token: "r2" }));
      expect(error).toMatchObject(expired);
      expect((error as Error).message).toContain("clock");
    },
  );

  test("SEC-51 a lifetime counts from the moment the request was sent", async () => {
    const clock = hastyClock(now);
    const slow: Script = (response, request) => {
      void clock.sleep(5_000); // the answer takes five seconds
      token({ expires_in: 60 })(response, request);
    };
    await using server = await scriptedServer(slow);
    const grant = refreshToken({
      issuer: server.origin,
      tokenEndpoint: server.tokenEndpoint,
      clientId: "app",
      timeoutMs: 60_000,
    });
    const credential = { type: "refresh-token", refreshToken: new Secret(sent.value) } as const;
    const { accessToken } = await grant.exchange(credential, testContext({ clock }));
    expect(clock.now()).toBe(now + 5_000);
    expect(accessToken.obtainedAt).toEqual(new Date(now));
    expect(accessToken.expiresAt).toEqual(new Date(now + 60_000));
  });
});
