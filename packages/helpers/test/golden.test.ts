import { canary } from "@auth/testkit";
import { describe, expect, test } from "vitest";
import { bytesOf, context, failureOf, formatOf, formats, type GoldenCase, golden, plain } from "./golden.ts";

/** What each file stands for. */
const proves: Readonly<Record<string, string>> = {
  "aws.json": "SEC-107 AWS credential_process",
  "bazel.json": "SEC-108 Bazel",
  "docker.json": "SEC-105 docker",
  "git.json": "SEC-101 SEC-102 git",
  "kubectl.json": "SEC-106 kubectl",
};

describe.each(golden)("%s", (file, cases) => {
  test.each(cases.map((each) => [each.title, each] as const))(`${proves[file]}: %s`, (_title, each) => {
    const format = formatOf(each.format);
    if (each.asks !== undefined) expect(format.ask(each.request)).toEqual(each.asks);
    const read = (): unknown =>
      format.read({ exitCode: each.exitCode, stdout: bytesOf(each) }, each.request, context);
    if (each.fails === undefined) {
      const value = read();
      expect(plain(value)).toEqual(each.reads);
      expect(Object.isFrozen(value)).toBe(true);
    } else expect(failureOf(read)).toBe(each.fails);
  });
});

test("every format has answers that are read, and answers that are refused", () => {
  const all = golden.flatMap(([, cases]) => cases);
  for (const name of Object.keys(formats)) {
    const own = all.filter(({ format }) => format === name);
    const kinds = (
      name === "gitFill" ? [...own, ...all.filter((each) => each.format === "gitCredential")] : own
    ).map(({ fails }) => fails === undefined);
    expect(new Set(kinds), name).toEqual(new Set([true, false]));
  }
  expect(golden.map(([file]) => file)).toEqual(Object.keys(proves));
});

test.each([
  "dockerHelper",
  "bazelHelper",
  "bazelHeaders",
  "gitCredential",
  "gitFill",
  "kubectlExec",
] as const)("%s answers a request that is none in words", (name) => {
  for (const nonsense of [
    undefined,
    null,
    "registry.example.com",
    5,
    {},
    { host: 1, server: 1, uri: 1, apiVersion: 1 },
  ])
    if (name !== "kubectlExec" || (nonsense !== undefined && nonsense !== null && !isEmpty(nonsense)))
      expect(() => formatOf(name).ask(nonsense), JSON.stringify(nonsense)).toThrow(
        /`(?:request|server|uri|host|apiVersion)` is /,
      );
  if (name.startsWith("git"))
    for (const part of ["protocol", "path", "username"])
      expect(() => formatOf(name).ask({ host: "example.com", [part]: 5 })).toThrow(`\`${part}\` is a `);
});
const isEmpty = (value: unknown): boolean =>
  typeof value === "object" && Object.keys(value ?? {}).length === 0;

/** Where the secrets of an answer go: everything that is a text in it, one at a time. */
function planted(each: GoldenCase, secret: string): string[] {
  const texts = each.stdout.startsWith("{")
    ? [...each.stdout.matchAll(/: "([^"]+)"/g)].map(([, text = ""]) => text)
    : [...each.stdout.matchAll(/=([^\n]+)/g)].map(([, text = ""]) => text);
  return texts.map((text) => each.stdout.replace(text, secret));
}

/** What may be seen of an answer: it names things, and is no secret. */
const open = ["username", "account", "accessKeyId", "accountId", "certificate", "credentialScope"];

test("SEC-1 SEC-3 SEC-108 neither error nor answer shows a secret, wherever it stands", () => {
  const secret = canary("answer");
  let refused = 0;
  for (const each of golden.flatMap(([, cases]) => cases)) {
    for (const stdout of [...planted(each, secret.value), `${each.stdout}${secret.value}`, secret.value]) {
      const outcome = attempt({ ...each, stdout });
      if (outcome instanceof Error) refused++;
      const rest = Object.entries(outcome).filter(([name]) => !open.includes(name));
      secret.check(outcome instanceof Error ? outcome : Object.fromEntries(rest));
    }
  }
  expect(refused).toBeGreaterThan(100);
});

function attempt(each: GoldenCase): object {
  try {
    const answer = { exitCode: each.exitCode, stdout: bytesOf(each) };
    return formatOf(each.format).read(answer, each.request, context) as object;
  } catch (error) {
    return error as Error;
  }
}
