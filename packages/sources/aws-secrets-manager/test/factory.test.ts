import { createResolver, parseReference } from "@auth/core/resolver";
import { describe, expect, test } from "vitest";
import { type FromAwsSecretsManagerOptions, fromAwsSecretsManager, scheme } from "../src/index.ts";
import { failing } from "./support/outcome.ts";

const arn = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:prod/acme-AbCdEf";

describe("options that cannot work are a TypeError, at once", () => {
  const client = { send: () => Promise.resolve({}) };
  const wrong: [says: string, options: object][] = [
    ["`secretId`", { secretId: "" }],
    ["`secretId`", { secretId: "prod acme" }],
    ["`secretId`", { secretId: undefined }],
    ["`secretId`", { secretId: "arn:aws:s3:::bucket" }],
    ["`secretId`", { secretId: "arn:aws:secretsmanager:eu-west-1:12:secret:x" }],
    ["`region`", { region: "Ireland!" }],
    ["`region`", { secretId: arn, region: "us-east-1" }],
    ["`region`", { client, region: "us-east-1" }],
    ["`client`", { client: {} }],
    ["`versionId`.*`versionStage`", { versionId: "AWSPREVIOUS" }],
    ["`versionStage`", { versionStage: "" }],
    ["`field` or `fields`", { field: "a", fields: { token: "b" } }],
    ["`bare`", { bare: "pin" }],
    ["`username`", { bare: "password" }],
    ["`clientId`", { bare: "privateKey", clientId: " " }],
    ["`fields`", { bare: "password", username: "alice", fields: { password: "p" } }],
    ["`username`", { username: "alice" }],
    ["`encoding`", { encoding: "hex" }],
    ["`ttlMs`", { ttlMs: -1 }],
    ["`staleMs`", { staleMs: Number.NaN }],
    ["`timeoutMs`", { timeoutMs: 60_001 }],
    ["`attempts`", { attempts: 4 }],
  ];
  test.each(wrong)("%s: %o", (says, options) => {
    const make = (): unknown =>
      fromAwsSecretsManager({ secretId: "prod/acme", ...options } as FromAwsSecretsManagerOptions);
    expect(make).toThrow(TypeError);
    expect(make).toThrow(new RegExp(`^fromAwsSecretsManager: .*${says}`));
  });

  test("names of managed secrets, and other partitions, are taken as they are", () => {
    for (const secret of [
      "rds!cluster-1f",
      "/_+=.@-",
      arn.replace("aws", "aws-us-gov"),
      arn.replace("prod/acme", "rds!db"),
    ])
      expect(fromAwsSecretsManager({ secretId: secret }).name).toBe(`aws-sm ${secret}`);
  });
});

describe("references", () => {
  const resolve = createResolver([scheme]);

  test.each([
    ["aws-sm://eu-west-1/prod/acme", "aws-sm eu-west-1/prod/acme"],
    ["aws-sm://eu-west-1//prod/acme", "aws-sm eu-west-1//prod/acme"],
    ["aws-sm:prod/acme?stage=AWSPREVIOUS#/password", "aws-sm prod/acme?stage=AWSPREVIOUS#/password"],
    ["aws-sm:rds!cluster-1f?bare=apiKey&encoding=base64", "aws-sm rds!cluster-1f"],
    [arn, `aws-sm ${arn}`],
    [`${arn}#/password`, `aws-sm ${arn}#/password`],
    [`aws-sm:${arn}`, `aws-sm ${arn}`],
    [`aws-sm://eu-west-1/${arn}`, `aws-sm ${arn}`],
  ])("%s is %s", (reference, name) => {
    expect(resolve(reference).name).toBe(name);
  });

  test.each([
    ["aws-sm:prod/acme?version=AWSCURRENT", /`version` is a version id of 32.*`stage`/],
    [`aws-sm://us-east-1/${arn}`, /region of the ARN/],
    ["aws-sm://Ireland/prod/acme", /no region/],
    ["arn:aws:s3:::bucket", /no ARN of a secret/],
    ["aws-sm:prod/acme?bare=password", /"bare"/],
    ["aws-sm:prod/acme?encoding=hex", /`encoding`/],
  ])("%s cannot be used", async (reference, message) => {
    const asked = new Promise((done) => done(resolve(reference)));
    expect(await failing(asked)).toMatchObject({
      code: "ERR_AUTH_INVALID",
      reason: "reference",
      message: expect.stringMatching(message),
    });
  });

  test("a login to AWS does not fit into one", async () => {
    const asked = new Promise((done) => done(resolve("aws-sm:prod/acme?secretAccessKey=x")));
    expect(await failing(asked)).toMatchObject({ code: "ERR_AUTH_INVALID", reason: "reference" });
  });

  test("it says what is named", () => {
    const say = (text: string): string | undefined => scheme.describe?.(parseReference(text));
    expect(say("aws-sm://eu-west-1/prod/acme?stage=AWSPREVIOUS#/password")).toBe(
      '"/password" in the secret prod/acme (AWSPREVIOUS) in eu-west-1',
    );
    expect(say(arn)).toBe(`the secret ${arn}`);
  });
});
