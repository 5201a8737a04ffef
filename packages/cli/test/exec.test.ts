import { once } from "node:events";
import { canary } from "@auth/testkit";
import { expect, test } from "vitest";
import { ended, sandbox } from "./sandbox.ts";

const profile = { grant: { type: "bearer" }, credentials: "env:ACME_TOKEN" } as const;
const child = (code: string): string[] => ["--", process.execPath, "-e", code];

test("SEC-8 the child gets the token in the variable that was named, its own environment and its own exit code", async () => {
  const { run, configure } = sandbox();
  configure({ acme: profile });
  const token = canary("token");
  const env = { ACME_TOKEN: token.value, OTHER: "kept" };
  const print =
    "console.log(process.env.AUTH_TOKEN, process.env.MY_TOKEN, process.env.OTHER, process.argv[1]); process.exitCode = 42";
  expect(await run(["exec", ...child(print), "--", "--json"], { env })).toEqual({
    code: 42,
    stdout: `${token.value} undefined kept --json\n`,
    stderr: "",
  });
  expect((await run(["exec", "acme", "--env", "MY_TOKEN", ...child(print)], { env })).stdout).toBe(
    `undefined ${token.value} kept undefined\n`,
  );
  const well = "process.exitCode = Number(process.env.MY_TOKEN === undefined)";
  expect((await run(["exec", "-e", "MY_TOKEN", ...child(well)], { env })).code).toBe(0);
});

test("standard input is the child's", async () => {
  const { run, configure } = sandbox();
  configure({ acme: profile });
  const ran = await run(["exec", ...child("process.stdin.pipe(process.stdout)")], {
    env: { ACME_TOKEN: "abc" },
    stdin: "through",
  });
  expect(ran).toEqual({ code: 0, stdout: "through", stderr: "" });
});

test.each(["SIGTERM", "SIGINT", "SIGHUP"] as const)(
  "%s reaches the child, and the child decides",
  async (signal) => {
    const { start, configure } = sandbox();
    configure({ acme: profile });
    const code = `process.on("${signal}", () => { console.log("heard"); process.exit(7); }); setInterval(() => {}, 1000); console.log("ready")`;
    const running = start(["exec", ...child(code)], { env: { ACME_TOKEN: "abc" } });
    const ran = ended(running);
    if (running.stdout) await once(running.stdout, "data");
    running.kill(signal);
    expect(await ran).toMatchObject({ code: 7, stderr: "" });
  },
);

test("a child that takes two interruptions gets both", async () => {
  const { start, configure } = sandbox();
  configure({ acme: profile });
  const code = `let n = 0; process.on("SIGINT", () => { console.log(++n); if (n === 2) process.exit(7); }); setInterval(() => {}, 1000); console.log("ready")`;
  const running = start(["exec", ...child(code)], { env: { ACME_TOKEN: "abc" } });
  const ran = ended(running);
  if (!running.stdout) throw new TypeError("no pipe");
  for (const said of ["ready", "1"]) {
    expect(String(await once(running.stdout, "data"))).toContain(said);
    running.kill("SIGINT");
  }
  expect(await ran).toMatchObject({ code: 7, stderr: "" });
});

test("a child that is killed ends us with 128 and the signal's number", async () => {
  const { run, configure } = sandbox();
  configure({ acme: profile });
  const ran = await run(["exec", ...child("process.kill(process.pid, 'SIGKILL')")], {
    env: { ACME_TOKEN: "a" },
  });
  expect(ran.code).toBe(137);
});

test("without a token, a program or a name for the variable, nothing is run", async () => {
  const { run, configure } = sandbox();
  configure({ acme: profile });
  const env = { ACME_TOKEN: "abc" };
  const print = child("console.log('ran')");
  expect(await run(["exec", ...print])).toMatchObject({ code: 4, stdout: "" });
  expect(await run(["exec", "acme"], { env })).toMatchObject({ code: 2, stdout: "" });
  expect(await run(["exec", "--env", "A B", ...print], { env })).toMatchObject({ code: 2, stdout: "" });
  expect(await run(["exec", "--", "no-such-program-here"], { env })).toMatchObject({ code: 4, stdout: "" });
});
