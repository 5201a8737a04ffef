import { expect, test } from "vitest";
import { type Environment, fromEnvironmentOrTokenJson, logIn } from "../src/index.ts";

const nameIn = (env: Environment): string => fromEnvironmentOrTokenJson({ env }).name;

test.each([
  [{}, "https://iam.production.aws.descarteslabs.com"],
  [{ DESCARTESLABS_ENV: "aws-production" }, "https://iam.production.aws.descarteslabs.com"],
  [{ DESCARTESLABS_ENV: "aws-staging" }, "https://iam.staging.aws.descarteslabs.com"],
  [{ DESCARTESLABS_ENV: "aws-dev" }, "https://iam.dev.aws.descarteslabs.com"],
  [{ DESCARTESLABS_ENV: "aws-freemium" }, "https://iam.freemium.aws.descarteslabs.com"],
  [{ DESCARTESLABS_ENV: "testing" }, "https://iam.dev.aws.descarteslabs.com"],
  [{ DESCARTESLABS_ENV: "local" }, "https://dev.localhost:8000"],
  [{ DESCARTESLABS_DOMAIN: "acme.example" }, "https://iam.production.aws.acme.example"],
  [{ DESCARTESLABS_DEFAULT_DOMAIN: "acme.example" }, "https://iam.acme.example"],
  [{ DESCARTESLABS_IAM_URL: "https://acme.example", DESCARTESLABS_DOMAIN: "x" }, "https://acme.example"],
])("the address that the environment says: %j", (env, url) => {
  expect(nameIn(env)).toBe(`descartes-labs ${url}`);
});

test("an environment that there is none of is refused, and not quoted", () => {
  expect(() => nameIn({ DESCARTESLABS_ENV: "gcp" })).toThrow(TypeError);
  expect(() => nameIn({ DESCARTESLABS_ENV: "constructor" })).toThrow(/^(?!.*constructor).*DESCARTESLABS_ENV/);
});

test("SEC-20 an address of the environment has to be safe", () => {
  expect(() => nameIn({ DESCARTESLABS_IAM_URL: "http://iam.example" })).toThrow(TypeError);
});

test.each([
  [{}, "https://app.descarteslabs.com/account/refresh-token"],
  [{ DESCARTESLABS_DOMAIN: "acme.example" }, "https://app.acme.example/account/refresh-token"],
  [{ DESCARTESLABS_APP_URL: "https://app.example" }, "https://app.example/account/refresh-token"],
])("the page with the text to paste: %j", async (env, expected) => {
  const urls: string[] = [];
  await logIn({ env, ask: async ({ url }) => void urls.push(url) });
  expect(urls).toEqual([expected]);
});
