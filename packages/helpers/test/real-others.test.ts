import { mkdirSync } from "node:fs";
import { afterAll, beforeAll, expect, test } from "vitest";
import { bazelHeaders, bazelHelper, dockerHelper, kubectlExec } from "../src/index.ts";
import { failureOf, plain } from "./golden.ts";
import { describeReal, home } from "./support/part.ts";

describeReal("docker-credential-pass", () => {
  const { at, run, ask } = home();
  const env = { GNUPGHOME: at("gnupg"), PASSWORD_STORE_DIR: at("store") };
  const helper = ["docker-credential-pass"];
  const keep = (ServerURL: string, Username: string, Secret: string): string =>
    run([...helper, "store"], JSON.stringify({ ServerURL, Username, Secret }), env);

  beforeAll(() => {
    mkdirSync(env.GNUPGHOME, { mode: 0o700 });
    run(
      [
        "gpg",
        "--batch",
        "--quiet",
        "--passphrase",
        "",
        "--quick-generate-key",
        "t@example.com",
        "future-default",
        "default",
        "never",
      ],
      "",
      env,
    );
    run(["pass", "init", "t@example.com"], "", env);
    keep("https://registry.example.com", "robot", "s3cr3t");
    keep("https://tokens.example.com/v1/", "<token>", "identity");
    keep("https://keys.example.com", "_json_key", '{\n "a": "b"\n}');
  });
  afterAll(() => void run(["gpgconf", "--kill", "all"], "", env));

  test("logins, identity tokens, and secrets of several lines are read", () => {
    const read = (server: string): unknown => plain(ask(dockerHelper, helper, { server }, env));
    expect(read("https://registry.example.com")).toMatchObject({ username: "robot", password: "s3cr3t" });
    expect(read("https://tokens.example.com/v1/")).toMatchObject({
      type: "refresh-token",
      refreshToken: "identity",
    });
    expect(read("https://keys.example.com")).toMatchObject({ password: '{\n "a": "b"\n}' });
  });

  test("nothing there is told apart from a locked store", () => {
    const request = { server: "https://registry.example.com" };
    const other = { server: "https://other.example.com" };
    expect(failureOf(() => ask(dockerHelper, helper, other, env))).toBe("NOT_FOUND/no-secret");
    const keyless = { ...env, GNUPGHOME: at("no-keys") };
    expect(failureOf(() => ask(dockerHelper, helper, request, keyless))).toBe("INVALID/helper-failed");
  });
});

describeReal("aws", () => {
  const { ask } = home();
  const command = ["aws", "eks", "get-token", "--cluster-name", "prod"];
  const keys = { AWS_ACCESS_KEY_ID: "AKIAEXAMPLE", AWS_SECRET_ACCESS_KEY: "ex", AWS_REGION: "eu-west-1" };

  test.each(["v1", "v1beta1"] as const)("as a plugin of kubectl it answers in %s", (apiVersion) => {
    const found = ask(kubectlExec, command, { apiVersion }, keys);
    expect(found.token.reveal()).toMatch(/^k8s-aws-v1\./);
    expect(found.expiresAt).toBeInstanceOf(Date);
  });

  test("without keys it fails", () => {
    const env = { AWS_EC2_METADATA_DISABLED: "true", AWS_REGION: "eu-west-1" };
    expect(failureOf(() => ask(kubectlExec, command, undefined, env))).toBe("INVALID/helper-failed");
  });
});

describeReal("uv", () => {
  const { run, ask } = home();
  const helper = ["uv", "auth", "helper", "--protocol", "bazel"];
  const login = (service: string, ...who: string[]): string =>
    run(["uv", "auth", "login", service, ...who], "s3cr3t");

  test("as a helper of Bazel it answers with an Authorization, or with nothing", () => {
    login("https://cache.example.com", "--username", "alice", "--password", "-");
    const request = { uri: "https://cache.example.com/x" };
    const found = plain(ask(bazelHelper, helper, request));
    expect(found).toMatchObject({ type: "password", username: "alice", password: "s3cr3t" });
    expect(plain(ask(bazelHeaders, helper, request))).toMatchObject({
      headers: [["Authorization", `Basic ${btoa("alice:s3cr3t")}`]],
    });
    const other = { uri: "https://other.example.com/x" };
    expect(failureOf(() => ask(bazelHelper, helper, other))).toBe("NOT_FOUND/no-secret");
  });
});
