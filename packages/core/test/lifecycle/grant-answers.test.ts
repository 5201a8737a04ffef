import { AccessToken, isAuthError, Secret, type TokenSet } from "@auth/core";
import { canary } from "@auth/testkit";
import { describe, expect, test } from "vitest";
import { eventually } from "../support/eventually.ts";
import { rejection } from "../support/outcome.ts";
import { world } from "../support/world.ts";

const secret = canary("plugin");

describe("SEC-31 SEC-117 a grant that answers nonsense: a typed error that names it, and nothing stored", () => {
  const answers: Record<string, unknown> = {
    nothing: undefined,
    null: null,
    "an empty object": {},
    "a bare token": "token",
    "an access token that is a string": { accessToken: secret.value },
    "an access token without text": { accessToken: { reveal: () => "" } },
    "an access token with a line break": {
      accessToken: { reveal: () => `${secret.value}\r\nx: y`, type: "Bearer", id: "1" },
    },
    "a refresh token that is a string": { accessToken: new AccessToken("at"), refreshToken: secret.value },
  };
  async function answerWith(what: string): Promise<void> {
    const here = world();
    here.server.after = () => answers[what] as TokenSet;
    const error = await eventually(here.clock, rejection(here.auth().getToken()));
    expect(error).toMatchObject({ code: "ERR_AUTH_INVALID", provider: "acme" });
    expect(here.store.texts()).toEqual([]);
    secret.check(error, here.events);
  }
  const refused = ["nothing", "null", "an empty object", "a bare token"];
  test.each(refused)("%s", answerWith);
  test.each(Object.keys(answers).filter((what) => !refused.includes(what)))("%s", answerWith);
});

describe("SEC-33 whatever dates and texts a grant answers with, what is stored can be read again", () => {
  const oddities: Record<string, Partial<TokenSet>> = {
    "an invalid hint": { refreshAfter: new Date(Number.NaN) },
    "an invalid end of the session": { sessionExpiresAt: new Date(Number.NaN) },
    "an empty scope": { accessToken: new AccessToken("at", { scopes: [""] }) },
    "an empty refresh token": { refreshToken: new Secret("") },
    "an empty ID token": { idToken: new Secret("") },
    "an empty type": { accessToken: new AccessToken("at", { type: "" }) },
    "an empty id": { accessToken: new AccessToken("at", { id: "" }) },
    "numbers that JSON has not": { extra: { big: Number.POSITIVE_INFINITY } },
    "a bigint": { extra: { big: 1n } },
    "a __proto__ key": { extra: JSON.parse('{"__proto__":1}') },
    "deep nesting": { extra: JSON.parse(`${'{"a":'.repeat(100)}1${"}".repeat(100)}`) },
  };
  async function answerWith(what: string): Promise<void> {
    const here = world();
    here.server.after = (_, tokens) => ({ ...tokens, ...oddities[what] });
    const outcome = await eventually(here.clock, here.auth().getToken()).catch((error: unknown) => error);
    if (isAuthError(outcome)) expect(outcome).toMatchObject({ code: "ERR_AUTH_INVALID", provider: "acme" });
    else expect(outcome).toBeInstanceOf(AccessToken);
    here.server.after = (_, tokens) => tokens;
    expect(() => here.store.record()).not.toThrow();
    expect((await here.auth().getToken()).reveal()).toMatch(/^at/);
  }
  const readable = ["numbers that JSON has not", "a __proto__ key", "deep nesting"];
  test.each(readable)("%s", answerWith);
  test.each(Object.keys(oddities).filter((what) => !readable.includes(what)))("%s", answerWith);
});

test("SEC-4 SEC-10 a token type that cannot travel in a header is refused, and not quoted with the token", async () => {
  const here = world();
  here.server.after = () => ({ accessToken: new AccessToken(secret.value, { type: "Bearer\r\nx: y" }) });
  const error = await rejection(here.auth().headers());
  expect(isAuthError(error, "ERR_AUTH_INVALID")).toBe(true);
  secret.check(error);
});
