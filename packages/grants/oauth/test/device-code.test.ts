import { createHash } from "node:crypto";
import { Secret } from "@auth/core";
import { describe, expect, test } from "vitest";
import { type DeviceCodeOptions, deviceCode, refreshToken } from "../src/index.ts";
import { failure, testContext } from "./context.ts";
import { attempt, device, grantFor, login, pending } from "./device.ts";
import { json, raw, type Script, scriptedServer, status, token } from "./scripted-server.ts";

const base = { issuer: "https://idp.example", clientId: "tv" };
const at = { tokenEndpoint: "https://idp.example/t", deviceAuthorizationEndpoint: "https://idp.example/d" };

describe("options", () => {
  test.each<[string, Partial<DeviceCodeOptions>]>([
    ["no client", { clientId: undefined as never }],
    ["half the endpoints", { tokenEndpoint: at.tokenEndpoint }],
    ["the other half", { deviceAuthorizationEndpoint: at.deviceAuthorizationEndpoint }],
    ["no time", { loginTimeoutMs: 0 }],
    ["too much time", { loginTimeoutMs: 1_800_001 }],
    ["a parameter of the protocol", { extraParameters: { code_challenge: "x" } }],
  ])("%s is a TypeError", (_, options) => {
    expect(() => deviceCode({ ...base, ...options })).toThrow(TypeError);
  });

  test.each(["http://idp.example/d", "https://user:hunter2@idp.example/d", "https://idp.example/d#hunter2"])(
    "SEC-20 SEC-21 the device endpoint %s is a TypeError that does not quote it",
    (deviceAuthorizationEndpoint) => {
      const make = (): unknown => deviceCode({ ...base, ...at, deviceAuthorizationEndpoint });
      expect(make).toThrow(/^device-code: deviceAuthorizationEndpoint /);
      expect(make).not.toThrow(/hunter2/);
    },
  );

  test("SEC-55 one person has one login, by whichever grant", async () => {
    const account = "alice";
    const mine = await deviceCode({ ...base, account }).partition();
    expect(mine).toBe(await refreshToken({ ...base, account }).partition());
    expect(mine).not.toBe(await deviceCode({ ...base, account: "bob" }).partition());
    expect(await deviceCode(base).partition()).not.toBe(mine);
  });
});

describe("what goes out", () => {
  test("the device request says what is wanted, and the polls only which code", async () => {
    const { forms, paths } = await login(
      [device(), pending, token()],
      {
        scopes: ["b"],
        audience: "https://api.example",
        resource: "https://r.example",
        extraParameters: { tenant: "7" },
      },
      { scopes: ["a"] },
    );
    const common = {
      client_id: "tv",
      audience: "https://api.example",
      resource: "https://r.example",
      tenant: "7",
    };
    const poll = {
      ...common,
      grant_type: "urn:ietf:params:oauth:grant-type:device_code",
      device_code: "dc-secret",
    };
    expect(paths).toEqual(["/device", "/token", "/token"]);
    expect(forms).toEqual([{ ...common, scope: "a b" }, poll, poll]);
  });

  test("SEC-85 SEC-12 with pkce, the challenge fits the verifier of each poll, and each login has another", async () => {
    const runs = [
      await login([device(), pending, token()], { pkce: true }),
      await login([device(), token()], { pkce: true }),
    ];
    for (const { forms } of runs) {
      const [{ code_challenge, code_challenge_method, code_verifier: early } = {}, ...polls] = forms;
      expect({ code_challenge_method, early }).toEqual({ code_challenge_method: "S256", early: undefined });
      for (const { code_verifier = "" } of polls) {
        expect(code_verifier).toMatch(/^[\w.~-]{43}$/);
        expect(createHash("sha256").update(code_verifier).digest("base64url")).toBe(code_challenge);
      }
    }
    expect(runs[0]?.forms[0]?.["code_challenge"]).not.toBe(runs[1]?.forms[0]?.["code_challenge"]);
  });

  test("a client with a secret proves itself at both", async () => {
    const { forms } = await login([device(), token()], {
      clientSecret: new Secret("s3cret"),
      clientAuth: "post",
    });
    expect(forms.map(({ client_secret }) => client_secret)).toEqual(["s3cret", "s3cret"]);
  });
});

describe("what the person is shown", () => {
  test("the code, the address, and until when", async () => {
    const verification_uri_complete = "https://idp.example/device?code=BCDF-GHJK";
    const { steps } = await login([
      device({ verification_uri_complete, verification_uri: "https://IDP.example:443/a b" }),
      token(),
    ]);
    expect(steps).toEqual([
      {
        type: "device-code",
        userCode: "BCDF-GHJK",
        verificationUri: "https://idp.example/a%20b",
        verificationUriComplete: verification_uri_complete,
        expiresAt: new Date(Date.UTC(2026, 0, 1) + 600_000),
      },
    ]);
  });

  test.each<[string, Record<string, unknown>, string]>([
    ["an http page", { verification_uri: "http://idp.example/device" }, "insecure-transport"],
    ["a script", { verification_uri: "javascript:alert(1)" }, "insecure-transport"],
    [
      "a complete address that is http",
      { verification_uri_complete: "http://idp.example/x" },
      "insecure-transport",
    ],
    [
      "a page with a user name",
      { verification_uri: "https://idp.example@evil.example/" },
      "malformed-response",
    ],
    ["no address", { verification_uri: undefined }, "malformed-response"],
    ["a complete address that is none", { verification_uri_complete: 7 }, "malformed-response"],
    ["no user code", { user_code: "" }, "malformed-response"],
    ["a user code that rewrites the screen", { user_code: "\u001b[2J" }, "malformed-response"],
    ["a user code that turns the line round", { user_code: "AB\u202eCD" }, "malformed-response"],
    ["a long user code", { user_code: "A".repeat(101) }, "malformed-response"],
    ["no device code", { device_code: undefined }, "malformed-response"],
    ["a device code that is no text", { device_code: 7 }, "malformed-response"],
    ["a device code without end", { device_code: "x".repeat(65_537) }, "malformed-response"],
    ["a code that has expired", { expires_in: 0 }, "malformed-response"],
  ])("SEC-94 %s: nobody is shown anything, and nobody is asked", async (_, over, reason) => {
    const { error, steps, times } = await login([device(over), token()]);
    expect(error).toMatchObject({ code: "ERR_AUTH_INVALID", reason });
    expect(steps).toEqual([]);
    expect(times).toHaveLength(1);
    expect(String(error)).not.toMatch(/dc-secret|evil|javascript/);
  });

  test("an http page is fine where the app allows its origin", async () => {
    const { steps } = await login([device({ verification_uri: "http://closed.example/d" }), token()], {
      allowInsecureOrigins: ["http://closed.example"],
    });
    expect(steps[0]?.verificationUri).toBe("http://closed.example/d");
  });
});

describe("when it does not come to that", () => {
  test("SEC-96 nobody to show it to: nothing is sent", async () => {
    await using server = await scriptedServer(device());
    expect(await failure(grantFor(server).exchange(undefined, testContext()))).toMatchObject({
      code: "ERR_AUTH_INTERACTION_REQUIRED",
      reason: "no-interaction",
    });
    expect(server.requests).toEqual([]);
  });

  test.each<[string, Script, object]>([
    [
      "unauthorized_client",
      json({ error: "unauthorized_client" }, 400),
      { code: "ERR_AUTH_GRANT", reason: "refused", error: "unauthorized_client" },
    ],
    [
      "invalid_client",
      json({ error: "invalid_client" }, 401),
      { code: "ERR_AUTH_GRANT", reason: "credential-rejected" },
    ],
    [
      "an error with status 200",
      json({ error: "invalid_scope" }),
      { code: "ERR_AUTH_GRANT", error: "invalid_scope" },
    ],
    [
      "HTML",
      raw("<p>", { "content-type": "text/html" }),
      { code: "ERR_AUTH_INVALID", reason: "malformed-response" },
    ],
    [
      "404 with HTML",
      raw("<p>", { "content-type": "text/html" }, 404),
      { code: "ERR_AUTH_GRANT", reason: "refused", status: 404 },
    ],
    [
      "a redirect",
      status(307, { location: "https://evil.example" }),
      { code: "ERR_AUTH_INVALID", reason: "redirect" },
    ],
  ])("SEC-23 SEC-30 the device endpoint says %s", async (_, script, expected) => {
    const { error, times, steps } = await login([script, token()]);
    expect(error).toMatchObject(expected);
    expect(times).toHaveLength(1);
    expect(steps).toEqual([]);
  });

  test("a device endpoint that is away is asked three times", async () => {
    const { error, times } = await login([status(503)]);
    expect(error).toMatchObject({ code: "ERR_AUTH_UNREACHABLE" });
    expect(times).toHaveLength(3);
  });

  test("SEC-32 a refresh token in an answer that is no good is not lost", async () => {
    const { context } = await login([device(), token({ refresh_token: "rt", token_type: "mac" })]);
    expect(context.salvaged).toEqual(["rt"]);
  });

  test.each<[string, Record<string, unknown>, string | undefined]>([
    ["without a device endpoint", {}, undefined],
    ["with one that is no address", { device_authorization_endpoint: 7 }, undefined],
    ["with one over http", { device_authorization_endpoint: "http://idp.example/d" }, "insecure-transport"],
  ])("SEC-20 metadata %s", async (_, over, reason = "no-device-endpoint") => {
    await using server = await scriptedServer();
    server.answer(json({ issuer: server.origin, token_endpoint: server.tokenEndpoint, ...over }));
    const grant = deviceCode({ issuer: server.origin, clientId: "tv" });
    expect(await failure(grant.exchange(undefined, attempt().context))).toMatchObject({ reason });
    expect(server.requests).toHaveLength(1);
  });
});
