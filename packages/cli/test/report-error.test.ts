import { createRequire } from "node:module";
import { AuthError } from "@auth/core";
import { canary } from "@auth/testkit";
import { expect, test } from "vitest";
import { styleOf } from "../src/paint.ts";
import { reportError } from "../src/report-error.ts";

const plain = styleOf({ write: () => true }, {});
const report = (error: unknown, json = false) => reportError(error, { json, verbose: true, style: plain });

test("SEC-123 a message is stripped of what would command a terminal, as text and as JSON", () => {
  const error = new AuthError("ERR_AUTH_GRANT", "refused", "the server says \u001b[2J\u202eno\u0007");
  expect(report(error)).toEqual({
    text: "auth: the server says no\n      ERR_AUTH_GRANT, refused; exit code 1",
    code: 1,
  });
  expect(JSON.parse(report(error, true).text)).toEqual({
    error: { code: "ERR_AUTH_GRANT", reason: "refused", message: "the server says no" },
  });
});

test("SEC-117 SEC-4 whatever else is thrown is reported without its text", () => {
  const secret = canary("in-an-error");
  const system = Object.assign(new Error(`open '${secret.value}'`), { code: "EACCES" });
  const thrown = [new Error(secret.value), secret.value, { message: secret.value }, undefined, null, system];
  const reports = thrown.map((each) => [report(each), report(each, true)]);
  secret.check(reports);
  expect(reports.map(([text]) => text?.code)).toEqual([1, 1, 1, 1, 1, 6]);
});

test("a network failure names its cause in a field, at whatever depth it lies", () => {
  const refused = Object.assign(new Error("connect 10.0.0.1"), { code: "ECONNREFUSED" });
  const error = new AuthError("ERR_AUTH_UNREACHABLE", "network", "acme: cannot be reached.", {
    cause: refused,
  });
  expect(JSON.parse(report(error, true).text).error).toMatchObject({
    reason: "network",
    cause: "ECONNREFUSED",
  });
  expect(report(error).text).toContain("ERR_AUTH_UNREACHABLE, network, ECONNREFUSED; exit code 5");
  const wrapped = new AuthError("ERR_AUTH_UNREACHABLE", "network", "acme: cannot be reached.", {
    cause: new AuthError("ERR_AUTH_UNREACHABLE", "network", "the inner one", { cause: refused }),
  });
  expect(JSON.parse(report(wrapped, true).text).error.cause).toBe("ECONNREFUSED");
  const other = new AuthError("ERR_AUTH_INVALID", "config", "nonsense", { cause: new SyntaxError("x") });
  expect(JSON.parse(report(other, true).text).error).not.toHaveProperty("cause");
});

test("a path is said once", () => {
  const say = (message: string) => report(new AuthError("ERR_AUTH_NOT_FOUND", "no-file", message)).text;
  expect(say("file /run/my acme: /run/my acme is not there. Mend it.")).toMatch(
    /^auth: \/run\/my acme is not there\. Mend it\.\n/,
  );
  expect(say("token-file ~/a.json (x): ~/a.json is damaged.")).toMatch(/^auth: ~\/a\.json is damaged\./);
  expect(say("a → b: none has it. Tried:\n  - file /b: /b is not there.\n  - env X: not set.")).toContain(
    "Tried:\n      - /b is not there.\n      - env X: not set.",
  );
  expect(say("file /b: /b2 is another file.")).toContain("file /b: /b2 is another file.");
});

test("a part of the command that cannot be loaded is reported in the loader's words; data is not", async () => {
  const source = "data:text/javascript,export { nope }";
  const broken = await import(/* @vite-ignore */ source).catch((error: unknown) => error);
  expect(report(broken)).toMatchObject({ code: 1, text: expect.stringContaining("nope") });
  const absent = (() => {
    try {
      return createRequire(import.meta.url)("@auth/no-such-package");
    } catch (error) {
      return error;
    }
  })();
  expect(JSON.parse(report(absent, true).text).error).toMatchObject({
    code: "ERR_AUTH_UNAVAILABLE",
    reason: "load-failed",
    message: expect.stringContaining("@auth/no-such-package"),
  });
  const secret = canary("in-data");
  const parse = await Promise.resolve(secret.value)
    .then(JSON.parse)
    .catch((error: unknown) => error);
  secret.check(report(parse), report(parse, true));
});
