import { readFileSync, writeFileSync } from "node:fs";
import { decodeRecord } from "@auth/core";
import { describe, expect, test } from "vitest";
import { credentialsFile, userAccount } from "../src/index.ts";
import { cli, clientThere, cliThere, python } from "./support/cli.ts";
import { household, record } from "./support/household.ts";
import { failure, forms, kinds, world } from "./support/world.ts";
import { user } from "./support/yamcs-server.ts";

const url = "https://yamcs.example";
const lifetimeMs = 500_000;

describe.skipIf(!cliThere)("the command-line client and the real Yamcs:", () => {
  const open = kinds[1]?.[1] ?? world;

  test("yamcs 38 what we write, it reads and renews; what it then writes, we read and renew", async () => {
    const { home, path, put } = household();
    const { auth, api, clock, server } = await open();
    put("config", `[core]\nurl = ${server.url}\n`);
    const mine = auth({ store: credentialsFile({ url: server.url, path }) });
    await mine.getToken();
    const ours = JSON.parse(readFileSync(path, "utf8"));

    await cli(home, ["instances", "list"]);
    expect(server.received.at(-1)?.headers.authorization).toBe(`Bearer ${ours.access_token}`);
    expect(server.received.at(-1)?.headers["user-agent"]).toMatch(/^Yamcs CLI/);

    writeFileSync(path, JSON.stringify({ ...ours, expiry: "2026-01-01T00:00:00.000Z" }));
    await cli(home, ["instances", "list"]);
    expect(forms(server)[1]).toEqual({ grant_type: "refresh_token", refresh_token: ours.refresh_token });
    const theirs = JSON.parse(readFileSync(path, "utf8"));
    expect(theirs.refresh_token).not.toBe(ours.refresh_token);

    await clock.advance(lifetimeMs + 1_000);
    expect((await api(mine)).status).toBe(200);
    expect(forms(server)[2]).toEqual({ grant_type: "refresh_token", refresh_token: theirs.refresh_token });
    await cli(home, ["instances", "list"]);
    expect(forms(server)).toHaveLength(3);
  });

  test("who logs in there is logged in here, and who logs out there is logged out here", async () => {
    const { home, path } = household();
    const { auth, api, server } = await open();
    expect(await cli(home, ["login", server.url, "-u", user.username], user.password)).toContain(
      "Login succeeded",
    );
    expect(JSON.parse(readFileSync(path, "utf8")).expiry).toMatch(/Z$/);
    const options = { grant: userAccount({ url: server.url }), credentials: undefined, name: "any" };
    const store = credentialsFile({ url: server.url, path });
    expect((await api(auth({ ...options, store }))).status).toBe(200);
    expect(forms(server)).toHaveLength(1);
    await cli(home, ["logout"]);
    const late = auth({ ...options, store });
    expect(await failure(late.getToken())).toBe("INTERACTION_REQUIRED/login-needed");
    expect(await failure(credentialsFile({ url, path }).read("any"))).toBe("INVALID/another-server");
  });

  test("after our logout it is logged out", async () => {
    const { home, path, put } = household();
    const { auth, server } = await open();
    put("config", `[core]\nurl = ${server.url}\n`);
    const one = auth({ store: credentialsFile({ url: server.url, path }) });
    await one.getToken();
    await one.logout();
    expect(await cli(home, ["logout"])).toContain("Not logged in");
  });
});

describe.skipIf(!clientThere)("the client in Python:", () => {
  test("logs in with the same request as we do, of a password and of a service account", async () => {
    const { home } = household();
    const { auth, asService, server } = await world();
    server.services.set("plain", { secret: "plain" });
    await auth().getToken();
    const address = server.url.replace("http://", "");
    const login = (fields: string): Promise<string> =>
      python(
        home,
        `from yamcs.client import Credentials, YamcsClient\nYamcsClient("${address}", credentials=Credentials(${fields})).close()`,
      );
    await login(`username="admin", password="admin"`);
    const [ours, theirs] = server.received;
    expect(theirs?.body).toBe(ours?.body);
    expect(theirs?.headers["content-type"]).toBe(ours?.headers["content-type"]);

    await asService().getToken();
    await login(`client_id="plain", client_secret="plain", become="operator"`);
    const [, , form, basic] = server.received;
    expect(Object.fromEntries(new URLSearchParams(form?.body))).toMatchObject(
      Object.fromEntries(new URLSearchParams(basic?.body)),
    );
    expect(forms(server)).toHaveLength(4);
  });

  test("yamcs 38 reads what we write, to the millisecond", async () => {
    const { home, path } = household();
    await credentialsFile({ url, path }).write("any", record(), undefined);
    const printed = await python(
      home,
      "from yamcs.cli.utils import read_credentials\nc = read_credentials()\nprint(c.access_token, c.refresh_token, c.expiry.timestamp())",
    );
    expect(printed.trim()).toBe(`access refresh ${Date.parse("2026-11-22T03:04:05.678Z") / 1_000}`);
  });

  test("yamcs 37 writes what we read", async () => {
    const { home, path, put } = household();
    put("config", `[core]\nurl = ${url}\n`); // the file itself does not say for which server it is
    const program = (expiry: string): string =>
      `from datetime import datetime, timezone\nfrom yamcs.client import Credentials\nfrom yamcs.cli.utils import save_credentials\nsave_credentials(Credentials(access_token="a", expiry=${expiry}))`;
    const expiries = [
      ["None", undefined],
      ["datetime(2026, 1, 2, 3, 4, 5, tzinfo=timezone.utc)", "2026-01-02T03:04:05.000Z"],
      ["datetime(2026, 1, 2, 3, 4, 5, 678000, tzinfo=timezone.utc)", "2026-01-02T03:04:05.678Z"],
      ["datetime(2026, 1, 2, 3, 4, 5, 678901, tzinfo=timezone.utc)", "2026-01-02T03:04:05.678Z"],
    ] as const;
    for (const [expiry, expected] of expiries) {
      await python(home, program(expiry));
      const { tokens } = decodeRecord((await credentialsFile({ url, path }).read("any"))?.value ?? "");
      expect(tokens.accessToken.expiresAt?.toISOString()).toBe(expected);
      expect(tokens.refreshToken).toBeUndefined();
    }
  });
});
