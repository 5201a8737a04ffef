import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { identityOf, type LogInOptions, logIn } from "../src/index.ts";
import { cid, sec } from "./support/iam-server.ts";
import { info, infoPath, type World, world } from "./support/world.ts";

const base64url = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString("base64url");

/** Answers one after the other, and what was asked. */
function paste(
  { server, env, clock }: World,
  ...answers: (string | undefined)[]
): LogInOptions & { asked: boolean[] } {
  const asked: boolean[] = [];
  const ask: LogInOptions["ask"] = async ({ again }) => {
    asked.push(again);
    return answers.shift();
  };
  return { domain: server.url, env, clock, ask, asked };
}

test("descarteslabs 38 a pasted text becomes token_info.json, with both names of the secret and all its keys", async () => {
  const here = await world();
  const { server, read, home } = here;
  server.claims = { name: "Ada" };
  const extra = { id: 7, name: "Ñ", revoke_url: "https://x/revoke" };
  const text = base64url({ ...extra, client_id: cid, client_secret: sec });
  expect(text).not.toContain("=");
  const auth = await logIn(paste(here, ` ${text}\n`));
  expect(read(infoPath)).toEqual({ ...extra, ...info });
  expect(readFileSync(join(home, infoPath), "utf8")).toMatch(/^[ -~]+$/);
  const token = await auth?.getToken();
  expect(token && identityOf(token).payload["name"]).toBe("Ada");
  expect(read(infoPath)).toEqual({ ...extra, ...info, jwt_token: token?.reveal() });
});

test("descarteslabs 38 what is no such text is asked for again", async () => {
  const here = await world();
  const wrong = [
    "hello",
    "%%%",
    base64url("x"),
    base64url(null),
    base64url([]),
    base64url({}),
    base64url({ client_id: cid }),
  ];
  const broken = Buffer.from(`{"client_id":"${cid}","client_secret":"\xff"}`, "latin1").toString("base64url");
  const right = Buffer.from(JSON.stringify({ client_id: cid, refresh_token: sec }))
    .toString("base64")
    .replaceAll("+", "-");
  const options = paste(here, ...wrong, broken, right);
  expect(await logIn(options)).toBeDefined();
  expect(options.asked).toEqual([false, ...Array.from({ length: wrong.length + 1 }, () => true)]);
  expect(here.read(infoPath)).toEqual(info);
});

test.each(["", "  \n", undefined])(
  "descarteslabs 38 nothing given (%j): nothing is written",
  async (text) => {
    const here = await world();
    expect(await logIn(paste(here, text))).toBeUndefined();
    expect(here.list("")).toEqual([]);
  },
);

test("a login takes the place of the one before, at the place that the environment says", async () => {
  const here = await world();
  here.env["DESCARTESLABS_TOKEN_INFO_PATH"] = join(here.home, "x/t.json");
  here.put("x/t.json", { client_id: "o", client_secret: "o", jwt_token: here.token(3_600), name: "old" });
  const auth = await logIn(paste(here, base64url({ client_id: cid, client_secret: sec })));
  expect(here.read("x/t.json")).toEqual(info);
  await auth?.getToken();
  expect(here.asked()).toBe(1);
});

test("SEC-76 a file that is none is kept aside by a login", async () => {
  const here = await world();
  here.put(infoPath, "{ damaged");
  await logIn(paste(here, base64url({ client_id: cid, client_secret: sec })));
  expect(here.read(infoPath)).toEqual(info);
  const [aside] = here.list(".descarteslabs").filter((name) => name.includes(".corrupt-"));
  expect(readFileSync(join(here.home, ".descarteslabs", aside ?? ""), "utf8")).toBe("{ damaged");
});
