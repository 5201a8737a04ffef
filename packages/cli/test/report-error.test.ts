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
