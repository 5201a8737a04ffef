import { stripVTControlCharacters } from "node:util";
import decodeQR from "qr/decode.js";
import { expect, test } from "vitest";
import { Context } from "../src/context.ts";
import { sandbox } from "./sandbox.ts";
import { deviceServer } from "./stand-in.ts";

const grantOf = (issuer: string) => ({ type: "device-code", issuer, clientId: "app" }) as const;
const complete = "https://idp.example/realms/acme/device?user_code=WDJB-MJHT";
/** The waiting line, taken away. */
const erased = "\r\u001b[K";

test("SEC-94 SEC-122 on a terminal: page, code, a QR code that cameras can read, the time left; the tokens are kept and shown nowhere", async () => {
  const server = await deviceServer();
  const { inTerminal, run, configure, tokensPath } = sandbox();
  configure({ acme: { grant: grantOf(server.issuer) } });
  const login = await inTerminal(["login"]);
  expect(login.code).toBe(0);
  expect(login.screen).toContain(`Log in to acme in a browser, on any device:
  Page  https://idp.example/realms/acme/device
  Code  WDJB-MJHT
  Both  ${complete}
`);
  expect(read(login.raw)).toBe(complete);
  expect(login.screen).toMatch(/Waiting for you, 1[45]:\d\d left/);
  expect(stripVTControlCharacters(login.raw.split(erased).at(-1) ?? "")).toMatch(/^Logged in/);
  for (const line of login.screen.split("\n").flatMap((each) => each.split("\r")))
    expect(line.length).toBeLessThanOrEqual(80);
  server.check(login, await run(["status"]), await run(["explain", "--json"]));

  expect(await run(["token"])).toEqual({
    code: 0,
    stdout: `${server.secrets.access.value}\n`,
    stderr: "",
  });
  expect((await run(["token", "--force-refresh"])).code).toBe(0);
  expect(server.forms("POST /token").at(-1)).toMatchObject({ grant_type: "refresh_token" });
  expect((await run(["logout"])).stdout).toContain("revocation");
  server.secrets.access.checkFiles(tokensPath);
  expect(await run(["token"])).toMatchObject({
    code: 3,
    stdout: "",
    stderr: expect.stringContaining("auth login acme"),
  });
});

test.each([
  ["narrow", { cols: 36, rows: 40 }],
  ["low", { cols: 80, rows: 18 }],
])("a terminal too %s for the QR code shows the rest", async (_name, size) => {
  const server = await deviceServer({ polls: ["approved"] });
  const { inTerminal, configure } = sandbox();
  configure({ acme: { grant: grantOf(server.issuer) } });
  const { code, screen } = await inTerminal(["login"], [], { size });
  expect(code).toBe(0);
  expect(screen).toContain("WDJB-MJHT");
  expect(screen).not.toMatch(/[▀▄█]/);
});

test("NO_COLOR: the QR code can be read all the same, and nothing has a color", async () => {
  const server = await deviceServer({ polls: ["approved"] });
  const { inTerminal, configure } = sandbox();
  configure({ acme: { grant: grantOf(server.issuer) } });
  const login = await inTerminal(["login"], [], { env: { NO_COLOR: "1" } });
  expect(login.raw).not.toContain("\u001b[3");
  expect(login.screen).toMatch(/^ {2}█{37}$/m); // what is light is drawn
  expect(read(login.raw, true)).toBe(complete);
});

test("SEC-96 without a terminal, and in CI, it fails at once; with --device it is written down, without pictures", async () => {
  const server = await deviceServer();
  const { run, inTerminal, configure } = sandbox();
  configure({ acme: { grant: grantOf(server.issuer) } });
  const alone = await run(["login"]);
  expect(alone).toMatchObject({
    code: 3,
    stdout: "",
    stderr: expect.stringContaining("auth login acme --device"),
  });
  const env = { CI: "true" };
  for (const ran of [await run(["login", "--device"], { env }), await inTerminal(["login"], [], { env })])
    expect(ran.code).toBe(3);
  expect(server.log()).toEqual([]);

  const piped = await run(["login", "--device"]);
  expect(piped).toMatchObject({ code: 0, stdout: "" });
  expect(piped.stderr).toContain("  Code  WDJB-MJHT\n");
  expect(piped.stderr).toContain("The code is good until ");
  expect(piped.stderr).not.toMatch(/[▀▄█\r]|Waiting/);
  expect(piped.stderr).not.toContain("\u001b");

  const json = await run(["login", "--device", "--json"]);
  expect(json.code).toBe(0);
  expect(JSON.parse(json.stderr)).toEqual({
    deviceCode: {
      type: "device-code",
      userCode: "WDJB-MJHT",
      verificationUri: "https://idp.example/realms/acme/device",
      verificationUriComplete: complete,
      expiresAt: expect.any(String),
    },
  });
  expect(JSON.parse(json.stdout)).toMatchObject({ profile: "acme" });
  server.check(piped, json);
});

test.each([
  ["the person says no", "access_denied", 1],
  ["nobody comes", "expired_token", 3],
] as const)("SEC-124 SEC-94 %s: nothing is kept", async (_name, poll, code) => {
  const server = await deviceServer({ polls: [poll] });
  const { inTerminal, run, configure } = sandbox();
  configure({ acme: { grant: grantOf(server.issuer) } });
  const login = await inTerminal(["login"]);
  expect(login.code).toBe(code);
  expect(login.screen).not.toMatch(/left\S*auth:/);
  expect(login.screen).not.toContain("Run: auth login"); // that is what failed
  expect((await run(["token"])).code).toBe(3);
});

test("SEC-123 a code that would command the terminal is not shown", async () => {
  const server = await deviceServer({ polls: ["approved"], userCode: "AB\u001b[2J\u202e-CD" });
  const { run, configure } = sandbox();
  configure({ acme: { grant: grantOf(server.issuer) } });
  const { code, stderr } = await run(["login", "--device"]);
  expect([code, stderr]).toEqual([1, expect.not.stringContaining("AB")]);
  expect(stderr).not.toContain("\u001b");
});

test("what is said meanwhile comes above the waiting line", () => {
  const { stdin, stdout } = process;
  let screen = "";
  const stderr = { isTTY: true, write: (text: string) => (screen += text) };
  const around = { argv: [], env: {}, cwd: "/", home: "/nowhere", platform: "linux", stdin, stdout } as const;
  const context = new Context({ ...around, stderr }, []);
  context.progress("waiting 2");
  context.progress("waiting 2");
  context.say("a warning");
  context.progress("waiting 1");
  context.progress("");
  expect(screen).toBe(`${erased}waiting 2${erased}a warning\n${erased}waiting 2${erased}waiting 1${erased}`);
});

test("SEC-124 Ctrl-C while it waits: 130, and the waiting line is gone", async () => {
  const server = await deviceServer({ polls: ["authorization_pending"] });
  const { inTerminal, configure } = sandbox();
  configure({ acme: { grant: grantOf(server.issuer) } });
  const login = await inTerminal(["login"], [["Waiting for you", "\u0003"]]);
  expect(login.code).toBe(130);
  expect(login.raw.trimEnd().endsWith(erased.trim())).toBe(true);
  server.check(login);
});

test("scopes are asked for; other kinds of login have no code", async () => {
  const server = await deviceServer({ polls: ["approved"] });
  const { run, configure } = sandbox();
  configure({ acme: { grant: grantOf(server.issuer) }, key: { grant: { type: "bearer" } } });
  expect((await run(["login", "acme", "--device", "--scope", "a", "b"])).code).toBe(0);
  expect(server.forms("POST /device")).toMatchObject([{ client_id: "app", scope: "a b" }]);
  for (const line of [
    ["login", "key", "--device"],
    ["login", "acme", "--device", "--admin"],
  ])
    expect(await run(line)).toMatchObject({ code: 2, stdout: "" });
});

/** What a camera reads off the screen: two modules of a column in each character, four pixels wide. */
function read(raw: string, inverted = false): string {
  const rows = stripVTControlCharacters(raw)
    .split(/\r?\n/)
    .filter((line) => /^ {2}[ ▀▄█]{20,}$/.test(line))
    .map((line) => line.slice(2).split(""));
  const [{ length: width } = { length: 0 }] = rows;
  const scale = 4;
  const size = width * scale;
  const data = new Uint8Array(size * size * 4).fill(255);
  for (let y = 0; y < size; y++)
    for (let x = 0; x < size; x++) {
      const module = Math.floor(y / scale);
      const block = rows[module >> 1]?.[Math.floor(x / scale)];
      const drawn = block === "█" || block === (module % 2 === 0 ? "▀" : "▄");
      if (drawn !== inverted) data.fill(0, (y * size + x) * 4, (y * size + x) * 4 + 3);
    }
  return decodeQR({ width: size, height: size, data });
}
