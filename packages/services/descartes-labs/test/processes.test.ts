import { fakeClock, raceProcesses } from "@auth/testkit";
import { describe, expect, test } from "vitest";
import { cid, sec } from "./support/iam-server.ts";
import { cachePath, info, infoPath, shared, world } from "./support/world.ts";

describe("descarteslabs 40 SEC-56 processes that renew at once: one request, one token, a complete file", () => {
  test.each([
    ["token_info.json", infoPath, {}, { ...info, name: "N" }],
    ["cache", cachePath, { DESCARTESLABS_CLIENT_ID: cid, DESCARTESLABS_CLIENT_SECRET: sec }, {}],
  ])("%s", async (_, path, env, rest) => {
    const { server, home, put, read, asked, list } = await world({ clock: fakeClock({ now: Date.now() }) });
    put(infoPath, { ...info, name: "N" });
    const script = new URL("children/renew.ts", import.meta.url);
    const results = await raceProcesses({ script, count: 3, input: server.url, env: { HOME: home, ...env } });
    const tokens = new Set(results.flatMap(({ reports }) => reports));
    expect(results.map(({ stderr }) => stderr).join("")).toBe("");
    expect(tokens.size).toBe(1);
    expect(asked()).toBe(1);
    expect(read(path)).toEqual({ ...rest, jwt_token: [...tokens][0] });
    expect(shared(list(".descarteslabs")).filter((name) => !name.endsWith(".json"))).toEqual([]);
  });
});
