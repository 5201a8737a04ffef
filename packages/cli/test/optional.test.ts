import { expect, test } from "vitest";
import type { Profile } from "../src/config/config.ts";
import { sandbox } from "./sandbox.ts";

const url = "https://service.example";
const profiles: Readonly<Record<string, Profile>> = {
  "jamf-pro": { grant: { type: "jamf-pro", server: url } },
  yaku: { grant: { type: "yaku", url } },
  yamcs: { grant: { type: "yamcs", url } },
  "descartes-labs": { grant: { type: "descartes-labs" } },
  keychain: { grant: { type: "bearer" }, store: { type: "keychain" } },
};

test.each(Object.keys(profiles))(
  "without @auth/%s, a profile that needs it says what to install, and others work",
  async (name) => {
    const { run, configure, write } = sandbox();
    configure({ ...profiles, other: { grant: { type: "bearer" }, credentials: "env:T" } });
    // Node looks for the package in a place where it is not installed.
    const hooks = write(
      "hooks.mjs",
      `import { registerHooks } from "node:module";
    registerHooks({
      resolve: (specifier, context, next) =>
        next(specifier, specifier.startsWith("@auth/${name}") ? { ...context, parentURL: "file:///nowhere/x.mjs" } : context),
    });`,
    );
    const env = { T: "abc", NODE_OPTIONS: `--import=${hooks}` };
    for (const line of [
      ["token", name],
      ["login", name, "--json"],
    ]) {
      const ran = await run(line, { env });
      expect(ran).toMatchObject({ code: line[0] === "login" && name === "yaku" ? 3 : 1, stdout: "" });
      if (ran.code === 1) expect(ran.stderr).toContain(`@auth/${name} is not installed`);
    }
    expect((await run(["token", "other"], { env })).stdout).toBe("abc\n");
  },
);
