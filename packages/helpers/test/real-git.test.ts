import { writeFileSync } from "node:fs";
import { expect, test } from "vitest";
import { gitCredential, gitFill } from "../src/index.ts";
import { failureOf, plain } from "./golden.ts";
import { describeReal, home } from "./support/part.ts";

describeReal("git", () => {
  const { at, run, ask } = home();
  const store = ["git", "credential-store", "--file", at("logins")];
  const env = { GIT_CONFIG_NOSYSTEM: "1" };
  const keep = (login: object, command = store): string =>
    run(
      [...command, "store"],
      `${Object.entries(login)
        .map((pair) => pair.join("="))
        .join("\n")}\n`,
      env,
    );
  const login = { protocol: "https", host: "git.example.com", username: "alice", password: "p=w %\u00e4:" };

  test(`what git-credential-store keeps is read (${run(["git", "--version"]).trim()})`, () => {
    keep(login);
    keep({ ...login, host: "localhost:8443", username: "bob" });
    expect(plain(ask(gitCredential, store, { host: "git.example.com" }, env))).toEqual({
      type: "password",
      username: "alice",
      password: login.password,
      account: "alice",
      source: "test",
    });
    expect(ask(gitCredential, store, { host: "localhost:8443", username: "bob" }, env)).toMatchObject({
      username: "bob",
    });
  });

  test.each([
    ["another host", { host: "example.com" }],
    ["another port", { host: "git.example.com:8443" }],
    ["another protocol", { host: "git.example.com", protocol: "http" }],
    ["another user", { host: "git.example.com", username: "carol" }],
  ])("for %s it has nothing", (_what, request) => {
    expect(failureOf(() => ask(gitCredential, store, request, env))).toBe("NOT_FOUND/no-secret");
  });

  test("git itself asks the helpers that it was told about, in order", () => {
    keep(login);
    writeFileSync(at("empty.sh"), "#!/bin/sh\n", { mode: 0o755 });
    writeFileSync(
      at(".gitconfig"),
      `[credential]\n\thelper = ${at("empty.sh")}\n\thelper = store --file ${at("logins")}\n`,
    );
    const found = ask(gitFill, ["git", "credential"], { host: "git.example.com" }, env);
    expect(plain(found)).toMatchObject({ type: "password", username: "alice", password: login.password });
  });

  test("where no helper knows anything, git fails, and asks nobody", () => {
    const failure = failureOf(() => ask(gitFill, ["git", "credential"], { host: "other.example.com" }, env));
    expect(failure).toBe("INVALID/helper-failed");
  });
});
