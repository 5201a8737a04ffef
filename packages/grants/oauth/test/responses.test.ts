import { describe, expect, test } from "vitest";
import { given, good, malformed, now, refresh } from "./refresh-once.ts";
import { json, raw, type Script } from "./scripted-server.ts";

describe("SEC-30 a success is a JSON object in UTF-8", () => {
  test.each([
    ["application/json", "application/json"],
    ["with a charset", "application/json; charset=utf-8"],
    ["in capitals", "Application/JSON"],
    ["a +json type", "application/vnd.idp.token+json"],
  ])("SEC-30 %s is read", async (_, type) => {
    const { tokens } = await refresh(raw(JSON.stringify(good), { "content-type": type }));
    expect(tokens?.accessToken.reveal()).toBe(given.value);
  });

  const body = JSON.stringify({ ...good, refresh_token: "r" });
  test.each<[string, Script]>([
    ["no content type", raw(body)],
    ["text/html", raw(body, { "content-type": "text/html" })],
    ["text/json", raw(body, { "content-type": "text/json" })],
    ["a look-alike type", raw(body, { "content-type": "application/jsonp" })],
    [
      "a form",
      raw("access_token=x&token_type=bearer", { "content-type": "application/x-www-form-urlencoded" }),
    ],
    ["an empty body", json("")],
    ["no JSON", json("<html>")],
    ["cut JSON", json(body.slice(0, -5))],
    ["a string", json('"token"')],
    ["null", json("null")],
    ["an array", json([good])],
    [
      "invalid UTF-8",
      raw(Buffer.concat([Buffer.from(`${body.slice(0, -1)},"x":"`), Buffer.from([0xff, 0x22, 0x7d])]), {
        "content-type": "application/json",
      }),
    ],
    ["a status 204", raw("", { "content-type": "application/json" }, 204)],
  ])("SEC-30 %s is refused, and none of it is quoted", async (_, script) => {
    const { error, requests } = await refresh(script);
    expect(error).toMatchObject(malformed);
    expect(requests).toBe(1);
  });

  test("SEC-30 a form is read where the app says so, and a doubled field is not", async () => {
    const form = (text: string) => raw(text, { "content-type": "application/x-www-form-urlencoded" });
    const options = { formEncodedResponses: true };
    const { tokens } = await refresh(
      form(`access_token=${given.value}&token_type=bearer&expires_in=60`),
      options,
    );
    expect(tokens?.accessToken.expiresAt).toEqual(new Date(now + 60_000));
    const { error } = await refresh(form("access_token=a&access_token=b&token_type=bearer"), options);
    expect(error).toMatchObject(malformed);
  });
});

describe("SEC-13 keys from outside", () => {
  test.each([
    ["a doubled key", '{"access_token":"a","access_token":"b","token_type":"bearer"}'],
    ["a doubled key in disguise", '{"access_token":"a","access_\\u0074oken":"b","token_type":"bearer"}'],
    ["__proto__", '{"access_token":"a","token_type":"bearer","__proto__":{"expires_in":1}}'],
    [
      "deep nesting",
      `{"access_token":"a","token_type":"bearer","x":${"[".repeat(50_000)}${"]".repeat(50_000)}}`,
    ],
  ])("SEC-13 %s is malformed", async (_, text) => {
    expect((await refresh(json(text))).error).toMatchObject(malformed);
  });

  test("SEC-13 inherited names are no fields", async () => {
    expect((await refresh(json('{"constructor":1,"toString":2}'))).error).toMatchObject(malformed);
  });
});
