import { fixed, memoryStore, Secret } from "@auth/core";
import { expect, test } from "vitest";
import { storedTokens, userAccount } from "../src/index.ts";
import { failure, forms, world } from "./support/world.ts";

const lifetimeMs = 500_000;
const given = { type: "refresh-token", refreshToken: new Secret("given") } as const;

test("SEC-55 stored tokens are the login of the user that they name, or one of their own", async () => {
  const { auth, server } = await world();
  const { url } = server;
  const accessToken = new Secret((await auth().getToken()).reveal());
  const place = userAccount({ url, username: "admin" }).partition();
  const grant = storedTokens({ url });
  expect(grant.partition()).toBeUndefined();
  expect(grant.partition({ ...given, accessToken })).toBe(place);
  expect(grant.partition({ ...given, account: "admin" })).toBe(place);
  const unknown = [grant.partition(given), grant.partition({ ...given, refreshToken: new Secret("other") })];
  expect(new Set([...unknown, place]).size).toBe(3);
  expect(JSON.stringify(unknown)).not.toContain("given");
});

test("SEC-36 tokens that were taken over for one server are not sent to another", async () => {
  const { auth, clock, server } = await world();
  const elsewhere = await world();
  const options = { store: memoryStore(), name: "one" };
  const credentials = fixed({
    ...given,
    accessToken: new Secret("a"),
    accessTokenExpiresAt: new Date(clock.now() + lifetimeMs),
  });
  await auth({ ...options, grant: storedTokens(server), credentials }).getToken();
  await clock.advance(lifetimeMs);
  const other = auth({ ...options, grant: storedTokens(elsewhere.server), credentials: undefined });
  expect(await failure(other.getToken())).toBe("INTERACTION_REQUIRED/issuer-changed");
  expect(elsewhere.server.received).toEqual([]);
});

test("SEC-60 a first refresh whose answer has no refresh token leaves the given one in use", async () => {
  const { auth, clock, server } = await world();
  const bare = { body: { access_token: "a", token_type: "bearer", expires_in: 500 } };
  server.answers.set("/auth/token", [bare, bare]);
  const options = { grant: storedTokens(server), store: memoryStore(), name: "one" };
  await auth({ ...options, credentials: fixed(given) }).getToken();
  await clock.advance(lifetimeMs);
  await auth({ ...options, credentials: undefined }).getToken();
  expect(forms(server).map(({ refresh_token }) => refresh_token)).toEqual(["given", "given"]);
});
