import { expect, test } from "vitest";
import { clientCredentials, deviceCode, privateKeyJwt, refreshToken } from "../src/index.ts";
import { password } from "../src/password.ts";

const factories = { clientCredentials, deviceCode, password, privateKeyJwt, refreshToken } as Readonly<
  Record<string, (options?: unknown) => unknown>
>;
const good = { issuer: "https://idp.example", clientId: "app" };

function complaint(factory: string, options: unknown): string {
  try {
    factories[factory]?.(options);
  } catch (error) {
    expect(error).toBeInstanceOf(TypeError);
    return (error as Error).message;
  }
  throw new Error(`${factory} took it`);
}

test.each(Object.keys(factories))("%s without options says what to give", (factory) => {
  for (const nothing of [undefined, null, "https://idp.example", 7, []])
    expect(complaint(factory, nothing)).toMatch(/^[a-z-]+: give it options, in an object, like \{ issuer: /);
});

test.each<[string, object, RegExp]>([
  ["no issuer", { issuer: undefined }, /: issuer is missing$/],
  ["an empty issuer", { issuer: " " }, /: issuer is empty$/],
  [
    "an issuer that is a URL object",
    { issuer: new URL("https://idp.example") },
    /: issuer must be a text, not an object$/,
  ],
  ["scopes in one text", { scopes: "a b" }, /: scopes must be a list of texts$/],
  ["scopes that are numbers", { scopes: [7] }, /: scopes must be a list of texts$/],
  ["an audience that is none", { audience: 7 }, /: audience must be a text or a list of texts$/],
  ["a resource that is none", { resource: {} }, /: resource must be a text or a list of texts$/],
  ["a clientId that is a number", { clientId: 7 }, /: clientId must be a text$/],
  ["parameters that are a list", { extraParameters: ["a"] }, /: extraParameters must be an object$/],
  ["parameters that are no texts", { extraParameters: { a: 1 } }, /: extraParameters must hold texts$/],
  [
    "insecure origins in one text",
    { allowInsecureOrigins: "http://a" },
    /: allowInsecureOrigins must be a list of texts$/,
  ],
  ["attempts that are a number", { attempts: 3 }, /: attempts must be an object$/],
  ["a time that is a text", { timeoutMs: "10" }, /: timeoutMs must be a whole number/],
  ["refusals that are a list", { refusals: ["x"] }, /: refusals must be an object$/],
  [
    "refusals with one text",
    { refusals: { refreshToken: "x" } },
    /: refusals.refreshToken must be a list of texts$/,
  ],
  ["a truth in words", { formEncodedResponses: "yes" }, /: formEncodedResponses must be true or false$/],
])("%s", (_, options, words) => {
  for (const factory of Object.keys(factories))
    expect(complaint(factory, { ...good, ...options })).toMatch(words);
});

test.each<[string, object, RegExp]>([
  ["clientCredentials", { clientAuth: "client_secret_post" }, /clientAuth is one of basic, post$/],
  ["refreshToken", { clientAuth: "jwt" }, /clientAuth is one of basic, post, none, private_key_jwt$/],
  ["refreshToken", { clientSecret: null }, /clientSecret is not a Secret/],
  ["refreshToken", { account: 7 }, /account must be a text$/],
  ["privateKeyJwt", { assertionAudience: "both" }, /assertionAudience is one of issuer, token-endpoint$/],
  ["deviceCode", { pkce: "S256" }, /pkce must be true or false$/],
  ["password", { username: 7 }, /username must be a text$/],
])("%s with %j", (factory, options, words) => {
  expect(complaint(factory, { ...good, ...options })).toMatch(words);
});
