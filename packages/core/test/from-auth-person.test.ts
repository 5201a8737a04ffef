import {
  AccessToken,
  type AccessTokenCredential,
  createAuth,
  fromAuth,
  type Grant,
  Secret,
} from "@auth/core";
import { expect, test } from "vitest";
import { hour, world } from "./support/world.ts";

/** A login by a person, of whom nothing is known before, and a trade of its token. */
function household() {
  const here = world();
  let person = "alice";
  let issued = 0;
  const grant: Grant = {
    name: "device",
    interactive: true,
    partition: () => "device acme-cli", // the same for everybody
    exchange: async () => ({
      accessToken: new AccessToken(`${person}-${++issued}`, {
        obtainedAt: new Date(here.clock.now()),
        expiresAt: new Date(here.clock.now() + hour),
      }),
      refreshToken: new Secret(`rt-${person}-${issued}`),
    }),
    refresh: async (tokens) => ({
      accessToken: new AccessToken(`${tokens.accessToken.reveal()}'`, {
        obtainedAt: new Date(here.clock.now()),
        expiresAt: new Date(here.clock.now() + hour),
      }),
    }),
  };
  const trade: Grant<AccessTokenCredential> = {
    name: "exchange",
    accepts: ["access-token"],
    partition: (credential) => credential && `exchange for ${credential.account}`,
    exchange: async (credential) => ({
      accessToken: new AccessToken(`for-${credential?.token.reveal()}`, {
        obtainedAt: new Date(here.clock.now()),
        expiresAt: new Date(here.clock.now() + hour),
      }),
    }),
  };
  const user = (name?: string) =>
    createAuth({ grant, store: world().store, clock: here.clock, ...(name && { name }) });
  return {
    here,
    user,
    as: (who: string) => {
      person = who;
    },
    acting: (credentials: ReturnType<typeof fromAuth>, name?: string) =>
      createAuth({ grant: trade, credentials, store: here.store, clock: here.clock, ...(name && { name }) }),
  };
}

test("SEC-55 two people whose logins have one name and one partition are two", async () => {
  const { user, as } = household();
  const [one, two] = [user("work"), user("work")];
  await one.login();
  as("bob");
  await two.login();
  const accounts = [await fromAuth(one).get(), await fromAuth(two).get()].map(({ account }) => account);
  expect(accounts[0]).not.toBe(accounts[1]);
  for (const account of accounts) expect(account).toContain("device acme-cli");
});

test("SEC-55 it is the same person after a renewal", async () => {
  const { here, user } = household();
  const alice = user();
  await alice.login();
  const before = (await fromAuth(alice).get()).account;
  await here.clock.advance(hour);
  expect((await fromAuth(alice).get()).account).toBe(before);
  expect((await alice.getToken()).reveal()).toBe("alice-1'");
});

test.each([undefined, "acting"])(
  "SEC-55 after a logout and a login as somebody else nothing of the first is served (named %s)",
  async (name) => {
    const { user, as, acting } = household();
    const person = user("work");
    await person.login();
    const outer = acting(fromAuth(person), name);
    expect((await outer.getToken()).reveal()).toBe("for-alice-1");
    expect(outer.peek()?.reveal()).toBe("for-alice-1");

    await person.logout();
    expect(outer.peek()).toBeUndefined();
    await expect(outer.getToken()).rejects.toMatchObject({ code: "ERR_AUTH_INTERACTION_REQUIRED" });
    as("bob");
    await person.login();
    expect(outer.peek()).toBeUndefined();
    expect((await outer.getToken()).reveal()).toBe("for-bob-2");
    expect((await outer.getToken()).reveal()).toBe("for-bob-2");
  },
);

test("SEC-55 a login as somebody else without a logout before is noticed as well", async () => {
  const { user, as, acting } = household();
  const person = user("work");
  await person.login();
  const outer = acting(fromAuth(person));
  await outer.getToken();
  as("bob");
  await person.login();
  expect(outer.peek()).toBeUndefined();
  expect((await outer.getToken()).reveal()).toBe("for-bob-2");
});
