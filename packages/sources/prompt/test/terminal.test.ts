import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { canary } from "@auth/testkit";
import { describe, expect, test } from "vitest";
import { ask, drive, nodeArguments } from "./drive.ts";

const posix = process.platform !== "win32";
const secret = canary("typed");

/** A shell that runs the program, then says how it ended and how the terminal was left. */
function shell(plan: Record<string, unknown>, ...rest: string[]): readonly [string, ...string[]] {
  const after =
    'echo "ended: $?"; stty -a | tr ";" "\\n" | grep -wo -e "-*echo" -e "-*icanon" | tr "\\n" " "; echo "end"';
  return [
    "/bin/sh",
    "-c",
    `"$@"; ${after}`,
    "sh",
    process.execPath,
    ...nodeArguments,
    JSON.stringify(plan),
    ...rest,
  ];
}

describe("a person at a terminal", { timeout: 30_000 }, () => {
  test("SEC-121 is asked for user name and password, and the password is never shown", async () => {
    const { raw, screen } = await ask({ secret: secret.value }, [
      ["User name", " alice \r"],
      ["Password for alice", `${secret.value}\r`],
    ]);
    expect(screen).toContain("<password alice as typed>");
    secret.check(raw);
  });

  test("is not asked for what is given", async () => {
    const { raw, screen } = await ask({ username: "alice", secret: secret.value }, [
      ["Password for alice", `${secret.value}\r`],
    ]);
    expect(screen).toContain("<password alice as typed>");
    expect(screen).not.toContain("User name");
    secret.check(raw);
  });

  test("Ctrl-T does not reveal", async () => {
    const { raw, screen } = await ask({ type: "api-key", secret: secret.value }, [
      ["API key", `${secret.value}\u0014`],
      ["API key", "\u0014\r"],
    ]);
    expect(screen).toContain("<api-key - as typed>");
    secret.check(raw);
  });

  test("can paste 4096 characters", async () => {
    const long = `${secret.value}${"0123456789abcdef".repeat(256)}`.slice(0, 4096);
    const { raw, screen } = await ask({ type: "access-token", secret: long }, [
      ["Access token", `${long}\r`],
    ]);
    expect(screen).toContain("<access-token - as typed>");
    secret.check(raw);
  });

  test("can paste 16,000 characters, type before and after them, and take them back", async () => {
    const long = "0123456789abcdefghijklmnopqrstuv".repeat(500);
    const { raw, screen } = await ask({ type: "access-token", secret: `a${long}\ue000z` }, [
      ["Access token", `${long}\u0015a`],
      ["Access token", long],
      ["Access token", "\ue000z\r"],
    ]);
    expect(screen).toContain("<access-token - as typed>");
    // Once for each chunk that the terminal hands over, not for each character.
    expect(raw.length).toBeLessThan(20_000);
    expect(raw).not.toContain("0123456789");
  });

  test("is told that a pasted blank answer is none", async () => {
    const { screen } = await ask({ type: "access-token", secret: "t" }, [
      ["Access token", `${" ".repeat(100)}\r`],
      ["Type something", "\u007f\u007ft\r"],
    ]);
    expect(screen).toContain("<access-token - as typed>");
  });

  test("is told that a blank answer is none", async () => {
    const { screen } = await ask({ type: "access-token", secret: "t" }, [
      ["Access token", " \r"],
      ["Type something", "\u007ft\r"],
    ]);
    expect(screen).toContain("<access-token - as typed>");
  });

  test("is asked twice with `confirm`, until both are the same", async () => {
    const { raw, screen } = await ask({ type: "api-key", confirm: true, secret: secret.value }, [
      ["API key", `${secret.value}x\r`],
      ["API key, again", `${secret.value}\r`],
      ["The two differ. API key", `${secret.value}\r`],
      ["API key, again", `${secret.value}\r`],
    ]);
    expect(screen).toContain("<api-key - as typed>");
    secret.check(raw);
  });

  test.each([
    ["Ctrl-C", "\u0003"],
    ["Ctrl-D", "\u0004"],
    ["Ctrl-C after a few letters", "abc\u0003"],
  ])("%s declines, and the program goes on at once", async (_, keys) => {
    const { screen, exitCode } = await ask({ username: "alice" }, [["Password", keys]]);
    expect(screen).toContain("<ERR_AUTH_DENIED prompt-cancelled>");
    expect(exitCode).toBe(0);
  });

  test("SEC-28 an abort takes the question away, with the caller's reason", async () => {
    const { screen } = await ask({ plan: "abort", type: "api-key" }, [["API key", "x"]]);
    expect(screen).toContain("<Error: the caller has left>");
  });

  test("two callers of one provider share the question", async () => {
    const { screen } = await ask({ plan: "twice", type: "api-key", secret: "k" }, [["API key", "k\r"]]);
    expect(screen.match(/<api-key - as typed>/g)).toHaveLength(2);
  });

  test("two providers ask one after the other", async () => {
    const { raw, screen } = await ask({ plan: "two", type: "access-token", secret: secret.value }, [
      ["Access token", `${secret.value}\r`],
      ["API key", "another\r"],
    ]);
    expect(screen).toMatch(/<access-token - as typed>\s+<api-key - other>/);
    secret.check(raw);
  });

  test("SEC-123 a user name cannot command the terminal", async () => {
    const { raw } = await ask({ username: "a\u001b]0;owned\u0007\u202eb" }, [["Password for a", "\u0003"]]);
    expect(raw).toContain("Password for a]0;ownedb");
    expect(raw).not.toContain("\u001b]0;owned");
  });
});

describe.runIf(posix)("the terminal is left as it was found", { timeout: 30_000 }, () => {
  const restored = /ended: \d+\s+(?:icanon echo|echo icanon) end/;

  test("SEC-121 after an answer; and standard output stays clean", async () => {
    const folder = mkdtempSync(join(tmpdir(), "auth-prompt-"));
    try {
      const command = shell({ type: "api-key", secret: secret.value }).map((part) =>
        part.startsWith('"$@";') ? part.replace('"$@"', `"$@" >'${folder}/out'`) : part,
      );
      const { raw, screen } = await drive(command as [string, ...string[]], [
        ["API key", `${secret.value}\r`],
      ]);
      expect(screen).toMatch(restored);
      expect(readFileSync(join(folder, "out"), "utf8")).toBe("<api-key - as typed>\n");
      secret.check(raw);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  test.each([
    ["an error", "ERR_AUTH_DENIED prompt-cancelled", {}, "\u0003"],
    ["the end of input", "ERR_AUTH_DENIED prompt-cancelled", {}, "\u0004"],
    ["an abort", "Error: the caller has left", { plan: "abort" }, "x"],
    ["an exception elsewhere", "Error: a bug elsewhere", { plan: "throw" }, "x"],
    ["process.exit", "ended: 3", { plan: "exit" }, "x"],
  ])("SEC-121 after %s", async (_, text, plan, keys) => {
    const { raw, screen } = await drive(shell({ type: "api-key", ...plan }), [["API key", keys]]);
    expect(screen).toContain(text);
    expect(screen).toMatch(restored);
    expect(raw.lastIndexOf("\u001b[?25h"), "the cursor is back").toBeGreaterThan(
      raw.lastIndexOf("\u001b[?25l"),
    );
  });

  test.each([
    ["SIGINT", 130],
    ["SIGTERM", 143],
    ["SIGHUP", 129],
  ])("SEC-121 after %s, which still ends the process", async (signal, code) => {
    const { raw, screen } = await drive(shell({ type: "api-key", plan: "signal" }, signal), [
      ["API key", "x"],
    ]);
    expect(screen).toContain(`ended: ${code}`);
    expect(screen).toMatch(restored);
    expect(raw.lastIndexOf("\u001b[?25h"), "the cursor is back").toBeGreaterThan(
      raw.lastIndexOf("\u001b[?25l"),
    );
  });

  test.each([
    ["Ctrl-Z", {}, [], "\u001a"],
    ["SIGSTOP", { plan: "signal" }, ["SIGSTOP"], "x\u007f"],
  ])(
    "SEC-121 %s stops the program; brought back, it goes on asking and shows nothing",
    async (_, plan, rest, keys) => {
      const options = JSON.stringify({ type: "api-key", secret: secret.value, ...plan });
      const line = [process.execPath, ...nodeArguments, "$OPTIONS", ...rest]
        .map((part) => `"${part}"`)
        .join(" ");
      const { raw, screen } = await drive(
        ["/bin/sh", "-i"],
        [
          ["", "PS1='rea''dy> '; set -m\r"],
          ["ready> ", `${line}\r`],
          ["API key", keys],
          ["ready> ", "stty sane\n"], // as a shell with line editing does
          ["ready> ", "fg\n"],
          ["<back>", `${secret.value}\r`],
          ["as typed", "exit\r"],
        ],
        { OPTIONS: options },
      );
      expect(screen).toContain("<api-key - as typed>");
      secret.check(raw);
    },
  );
});
