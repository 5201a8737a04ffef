import { lstatSync, readFileSync, statSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { jsonSchema } from "./json-schema.ts";
import { sandbox } from "./sandbox.ts";

test("a profile is added, listed, used and removed, and the file names its schema", async () => {
  const { run, home } = sandbox();
  const AUTH_CONFIG = join(home, ".config", "auth", "config.json");
  const env = { AUTH_CONFIG, T: "abc" };
  const read = () => JSON.parse(readFileSync(AUTH_CONFIG, "utf8")) as object;
  expect((await run(["profiles"], { env })).stderr).toContain("auth profiles add");

  const add = await run(
    ["profiles", "add", "acme", "-g", "bearer", "--credentials", "env:T", "prompt:Token"],
    { env },
  );
  expect(add).toMatchObject({ code: 0, stdout: "" });
  expect(read()).toEqual({
    $schema: "./config.schema.json",
    defaultProfile: "acme",
    profiles: { acme: { grant: { type: "bearer" }, credentials: ["env:T", "prompt:Token"] } },
  });
  expect(JSON.parse(readFileSync(join(AUTH_CONFIG, "../config.schema.json"), "utf8"))).toEqual(jsonSchema());
  expect([AUTH_CONFIG, join(AUTH_CONFIG, "..")].map((path) => statSync(path).mode & 0o777)).toEqual([
    0o600, 0o700,
  ]);
  expect((await run(["token"], { env })).stdout).toBe("abc\n");

  const other = [
    "profiles",
    "add",
    "idp",
    "--grant",
    "client-credentials",
    "--issuer",
    "https://idp.example",
  ];
  const more = [
    "--client-id",
    "app",
    "--scope",
    "a",
    "b",
    "--origin",
    "https://api.example",
    "--store",
    "memory",
  ];
  expect((await run([...other, ...more, "--description", "For billing"], { env })).code).toBe(0);
  expect((await run(other, { env })).code).toBe(2); // it is there already
  expect(read()).toMatchObject({
    defaultProfile: "acme",
    profiles: {
      idp: {
        description: "For billing",
        grant: {
          type: "client-credentials",
          issuer: "https://idp.example",
          clientId: "app",
          scopes: ["a", "b"],
        },
        origins: ["https://api.example"],
        store: { type: "memory" },
      },
    },
  });
  expect((await run(["profiles"], { env })).stdout).toBe(
    `*  acme  bearer              env:T, prompt:Token\n   idp   client-credentials  asked at login       For billing\n`,
  );

  expect((await run(["profiles", "remove", "acme"], { env })).code).toBe(0);
  expect(read()).toMatchObject({ profiles: { idp: {} } });
  expect(read()).not.toHaveProperty("defaultProfile");
  expect((await run(["profiles", "remove", "acme"], { env })).code).toBe(4);
  const listed = JSON.parse((await run(["profiles", "--json"], { env })).stdout) as { profiles: object[] };
  expect(listed.profiles).toMatchObject([{ name: "idp", picked: true, store: "memory" }]);
});

test("a profile that could not be read again is not written", async () => {
  const { run, configure, configPath } = sandbox();
  configure({});
  const before = readFileSync(configPath, "utf8");
  const add = (...args: string[]) => run(["profiles", "add", "x", "--grant", ...args]);
  // Whatever is wrong was typed, so it is usage, in the words of the command line.
  for (const [args, said] of [
    [["client-credentials"], "for --grant client-credentials: --issuer is missing."],
    [["client-credentials", "--issuer", "http://idp.example"], "https"],
    [
      ["client-credentials", "--issuer", "https://a.example", "--client-id", ""],
      "--client-id must not be empty",
    ],
    [["bearer", "--issuer", "https://idp.example"], "for --grant bearer: there is no --issuer."],
    [["bearer", "--credentials", "env:not a name"], "env:"],
    [["bearer", "--credentials", "env:T", "vault:secret"], "--credentials must name a secret"],
    [["bearer", "--store", "here"], "depends on where you are"],
    [["yaku"], "--url is missing"],
    [["jamf-pro"], "--url is missing"],
  ] as const) {
    const ran = await add(...args);
    expect(ran).toMatchObject({ code: 2, stdout: "", stderr: expect.stringContaining(said) });
  }
  expect(readFileSync(configPath, "utf8")).toBe(before);
});

test("SEC-20 SEC-24 an origin is an origin: nothing that never matches is taken, and no token goes out in clear", async () => {
  const { run, configure } = sandbox();
  configure({});
  const env = { T: "abc" };
  const add = ["profiles", "add", "x", "--grant", "bearer", "--credentials", "env:T", "--force", "--origin"];
  const profile = { grant: { type: "bearer" }, credentials: "env:T" } as const;
  for (const [origin, said] of [
    ["api.example.com", "whole origin"],
    ["API.Example.com:443", "whole origin"],
    ["*", "whole origin"],
    ["https://*.example.com", "no patterns"],
    ["ftp://api.example.com", "whole origin"],
    ["https://api.example.com/path", "no path"],
    ["https://alice@api.example.com", "no name before"],
    ["http://api.example.com", "must be https"],
  ] as const) {
    const added = await run([...add, "https://one.example", origin]);
    expect(added).toMatchObject({ code: 2, stderr: expect.stringContaining("--origin must be") });
    expect(added.stderr.replace(/\s+/g, " ")).toContain(said);
    configure({ x: { ...profile, origins: ["https://one.example", origin] } });
    const check = await run(["config", "check"]);
    expect(check).toMatchObject({ code: 6, stderr: expect.stringContaining('"profiles.x.origins.1" must') });
    configure({});
  }
  const plain = "http://10.0.0.1:8080";
  configure({ x: { ...profile, origins: [plain], allowInsecureOrigins: [plain] } });
  expect((await run(["headers", "x", "--url", `${plain}/a`], { env })).stdout).toContain("abc");
  for (const origin of [
    "https://API.example.com/",
    "http://127.0.0.1:8080",
    "http://[::1]",
    "http://localhost",
  ])
    expect((await run([...add, origin])).code).toBe(0);
});

test("a link to a dotfile stays one", async () => {
  const { run, write, home } = sandbox();
  const target = write("dotfiles/auth.json", '{"profiles":{}}');
  const AUTH_CONFIG = join(home, "config-link.json");
  symlinkSync(target, AUTH_CONFIG);
  expect((await run(["profiles", "add", "x", "-g", "bearer"], { env: { AUTH_CONFIG } })).code).toBe(0);
  expect(lstatSync(AUTH_CONFIG).isSymbolicLink()).toBe(true);
  expect(JSON.parse(readFileSync(target, "utf8"))).toHaveProperty("profiles.x");
});

test("config says where it is, whether it is good, and what its schema is", async () => {
  const { run, configure, configPath } = sandbox();
  expect((await run(["config", "path"])).stdout).toBe(`${configPath}\n`);
  expect((await run(["config", "check"])).stdout).toBe(`${configPath}: no such file yet\n`);
  configure({ a: { grant: { type: "bearer" } } });
  expect((await run(["config", "check"])).stdout).toBe(`${configPath}: 1 profile, nothing wrong\n`);
  expect(JSON.parse((await run(["config", "schema"])).stdout)).toEqual(jsonSchema());
});

test("each option of profiles add is written where the configuration has it", async () => {
  const { run, configPath } = sandbox();
  const issuer = "https://idp.example";
  const url = "https://service.example";
  const lines: Record<string, { args: string[]; written: object }> = {
    endpoint: {
      args: [
        "-g",
        "client-credentials",
        "--issuer",
        issuer,
        "--token-endpoint",
        `${issuer}/token`,
        "--audience",
        "https://api.example",
        "--client-id",
        "app",
        "--store",
        "keychain",
        "--default",
      ],
      written: {
        grant: {
          type: "client-credentials",
          issuer,
          tokenEndpoint: `${issuer}/token`,
          clientId: "app",
          audience: "https://api.example",
        },
        store: { type: "keychain" },
      },
    },
    person: {
      args: [
        "-g",
        "password",
        "--issuer",
        issuer,
        "--client-id",
        "app",
        "--username",
        "oscar",
        "--client-secret-ref",
        "env:APP_SECRET",
        "--store",
        "~/tokens.json",
      ],
      written: {
        grant: {
          type: "password",
          issuer,
          clientId: "app",
          clientSecret: "env:APP_SECRET",
          username: "oscar",
        },
        store: { type: "token-file", path: "~/tokens.json" },
      },
    },
    key: {
      args: ["-g", "api-key", "--header", "x-key", "--force"],
      written: { grant: { type: "api-key", header: "x-key" } },
    },
    devices: {
      args: ["-g", "jamf-pro", "--url", url],
      written: { grant: { type: "jamf-pro", server: url } },
    },
    space: {
      args: ["-g", "yamcs", "--url", url, "--become", "operator", "--client-id", "app"],
      written: { grant: { type: "yamcs", url, clientId: "app", become: "operator" } },
    },
    images: {
      args: ["-g", "descartes-labs", "--url", url],
      written: { grant: { type: "descartes-labs", domain: url } },
    },
  };
  for (const [name, { args }] of Object.entries(lines))
    expect(await run(["profiles", "add", name, ...args])).toMatchObject({ code: 0, stdout: "" });
  const written = JSON.parse(readFileSync(configPath, "utf8")) as {
    defaultProfile: string;
    profiles: object;
  };
  expect(written.profiles).toEqual(
    Object.fromEntries(Object.entries(lines).map(([name, { written }]) => [name, written])),
  );
  expect(written.defaultProfile).toBe("endpoint");
  expect((await run(["profiles", "list"])).stdout).toContain("devices");
  expect((await run(["config", "check", "--debug"])).code).toBe(0);
});
