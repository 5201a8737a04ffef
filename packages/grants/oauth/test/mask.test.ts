import { describe, expect, test } from "vitest";
import { mask } from "../src/mask.ts";
import { checkedDescription, checkedError } from "../src/server-text.ts";

const secret = `Qz7"&<x>'/\\é+ 9Kd2mV-pL0sW_4u`;
const json = JSON.stringify(secret).slice(1, -1);
const hex = Buffer.from(secret).toString("hex");
const decimal = secret
  .split("")
  .map((character) => `&#${character.codePointAt(0)};`)
  .join("");
const html = secret
  .replaceAll("&", "&amp;")
  .replaceAll("<", "&lt;")
  .replaceAll(">", "&gt;")
  .replaceAll('"', "&quot;")
  .replaceAll("'", "&#39;");
const bytes = hex.replace(/../g, "%$&");

describe("SEC-5 a secret is hidden however a server quotes it", () => {
  test.each<[string, string]>([
    ["as it is", secret],
    ["HTML-escaped", html],
    ["HTML-escaped, in hex", decimal.replace(/\d+/g, (code) => `x${Number(code).toString(16)}`)],
    ["HTML-escaped, every character", decimal],
    ["JSON-escaped", json],
    [
      "JSON-escaped, every character",
      secret
        .split("")
        .map((c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, "0")}`)
        .join(""),
    ],
    ["JSON-escaped, with its slash", json.replaceAll("/", "\\/")],
    ["in hex", hex],
    ["in hex, in capitals", hex.toUpperCase()],
    ["in capitals", secret.toUpperCase()],
    ["in small letters", secret.toLowerCase()],
    ["URL-encoded", encodeURIComponent(secret)],
    ["URL-encoded, every byte", bytes],
    ["as a form has it", new URLSearchParams([["", secret]]).toString().slice(1)],
    ["in base64", Buffer.from(secret).toString("base64")],
    ["in base64url", Buffer.from(secret).toString("base64url")],
    ["its first half", secret.slice(0, 15)],
    ["its second half", secret.slice(15)],
    ["eight characters of it", secret.slice(14, 22)],
    ["the middle of it, HTML-escaped", html.slice(html.indexOf("&lt;"), -6)],
    ["a part of it in hex", hex.slice(10, 40)],
    ["a part of it in base64", Buffer.from(secret).toString("base64").slice(4, 24)],
  ])("%s", (_, quoted) => {
    expect(mask(`I got ~${quoted}~, thanks`, [secret])).toBe("I got ~[secret]~, thanks");
  });

  test("twice, and beside another one", () => {
    expect(mask(`${secret} and ${secret.slice(0, 9)} and other-one`, [secret, "other-one"])).toBe(
      "[secret] and [secret] and [secret]",
    );
  });

  test("a short one by half of it, a very short one whole", () => {
    expect(mask("I got hunte, not 2", ["hunter22!"])).toBe("I got [secret], not 2");
    expect(mask("I got hun, not 22", ["hunter22!"])).toBe("I got hun, not 22");
    expect(mask("a pin of 123, not 12", ["123"])).toBe("a pin of [secret], not 12");
  });
});

test("SEC-5 a few characters in common hide nothing", () => {
  const text = "Invalid client secret provided: 3d4f, in scope https://api.example/.default";
  expect(mask(text, [secret, "", "0123456789abcdef0123456789abcdef"])).toBe(text);
});

test("SEC-5 a word of the protocol stays, an unknown one with a part of the secret does not", () => {
  for (const word of [
    "invalid_client",
    "incorrect_client_credentials",
    "bad_refresh_token",
    "temporarily_unavailable",
  ])
    expect(checkedError(word, ["incorrect_client", "bad_refresh", "invalid_cli", "temporarily"])).toBe(word);
  expect(checkedError("wrong_4fK29sLm", ["4fK29sLmQz81"])).toBe("unrecognized_error");
});

test("SEC-5 invisible characters within a part hide it from nobody", () => {
  expect(checkedDescription("got 4fK2\u200b9sLm", ["4fK29sLmQz81"])).toBe("got [secret]");
});

test.each([
  ["one letter", "a".repeat(4_096), "a".repeat(65_536)],
  ["two letters, and an end that never comes", "ab".repeat(2_048), `${"ab".repeat(32_000)}c`],
  ["beginnings of HTML references", "&#".repeat(2_048), "&#".repeat(32_768)],
  ["one long percent escape", "%41".repeat(1_365), "A".repeat(65_536)],
])("SEC-7 %s: hidden, and not slowly", (_, text, long) => {
  // Quadratic would be hours, and end by the runner's limit.
  for (let time = 0; time < 5; time++) expect(mask(text, [long])).toBe("[secret]");
});
