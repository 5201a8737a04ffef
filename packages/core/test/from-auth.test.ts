import {
  AccessToken,
  type AccessTokenCredential,
  bearer,
  type Credential,
  createAuth,
  explain,
  fixed,
  fromAuth,
  type Grant,
  Secret,
} from "@auth/core";
import { canary } from "@auth/testkit";
import { expect, test } from "vitest";
import { failure, rejection } from "./support/outcome.ts";
import { source } from "./support/source.ts";
import { tokenLike } from "./support/token-like.ts";
import { refused, unreachable } from "./support/token-server.ts";
import { early, hour, type World, world } from "./support/world.ts";

/** `acting` trades the token of `user` for its own, as in impersonation. */
function pair(here: World, refuses: (text: string) => boolean = () => false) {
  const user = here.auth();
  const traded: string[] = [];
  const grant: Grant<AccessTokenCredential> = {
    name: "exchange",
    accepts: ["access-token"],
    partition: (credential) => credential && `exchange for ${credential.account}`,
    async exchange(credential, { clock }) {
      const text = credential?.token.reveal() ?? "";
      traded.push(text);
      if (refuses(text)) throw refused("credential-rejected");
      const times = { obtainedAt: new Date(clock.now()), expiresAt: new Date(clock.now() + hour) };
      return { accessToken: new AccessToken(`for-${text}`, times) };
    },
  };
  const acting = here.auth({ grant, credentials: fromAuth(user) });
  return { user, acting, traded };
}

test("the token of one Auth as the credential of another", async () => {
  const here = world();
  const credential = await fromAuth(here.auth({ name: "alice" })).get();
  expect(credential).toMatchObject({ type: "access-token", source: "auth alice", account: "acme alice" });
  expect(credential.token.reveal()).toBe("at-1");
  expect(credential.expiresAt).toEqual(new Date(here.clock.now() + hour));
  expect(Object.isFrozen(credential)).toBe(true);
});

test("its name says whose it is", () => {
  expect(fromAuth(world().auth({ name: "alice" })).name).toContain("alice");
});

test("it is used like any other credential, and read anew when it is needed", async () => {
  const here = world();
  const { acting, traded } = pair(here);
  await acting.getToken();
  await here.clock.advance(hour);
  expect((await acting.getToken()).reveal()).toBe("for-at-2");
  expect(traded).toEqual(["at-1", "at-2"]);
});

test("SEC-69 a refused token is renewed: read once more, past the cache", async () => {
  const here = world();
  const { user, acting, traded } = pair(here, (text) => text === "at-1");
  await user.getToken();
  expect((await acting.getToken()).reveal()).toBe("for-at-2");
  expect(traded).toEqual(["at-1", "at-2"]);
  expect(here.server.log).toEqual(["exchange alice", "refresh rt-1"]);
});

test("failures and aborts are those of the Auth", async () => {
  const here = world();
  const error = unreachable();
  here.server.before = () => {
    throw error;
  };
  expect(await rejection(fromAuth(here.auth()).get())).toBe(error);
  const signal = AbortSignal.abort("enough");
  expect(await rejection(fromAuth(here.auth()).get({ signal }))).toBe("enough");
});

test("SEC-55 two identities without an account never count as one", async () => {
  const accounts = await Promise.all(
    ["token-of-alice", "token-of-bob"].map(async (text) => {
      const credential: Credential = { type: "access-token", token: new Secret(text) };
      return (
        await fromAuth(createAuth({ grant: bearer(), credentials: fixed<Credential>(credential) })).get()
      ).account;
    }),
  );
  expect(accounts[0]).not.toBe(accounts[1]);
});

test("what would ask a person is not asked behind the callers, not even through another Auth", async () => {
  const here = world();
  here.server.after = (_, { accessToken }) => ({ accessToken }); // nothing to refresh with
  const credentials = source(here.credentials.value, { interactive: true });
  const user = here.auth({ credentials });
  const grant = pair(here).acting;
  const acting = here.auth({
    grant: {
      name: "exchange",
      accepts: ["access-token"],
      partition: () => "exchange",
      exchange: async () => ({ accessToken: tokenLike(await grant.getToken(), "traded") }),
    },
    credentials: fromAuth(user),
  });
  const token = await acting.getToken();
  user.reject(await user.getToken());
  await here.clock.advance(early);
  expect((await acting.getToken()).id).toBe(token.id);
  await here.clock.advance(0);
  expect(credentials.reads).toHaveLength(1);
});

test("explaining it asks nobody", async () => {
  const here = world();
  const credentials = source(here.credentials.value, { interactive: true });
  await explain(fromAuth(here.auth({ credentials })));
  expect(credentials.reads).toEqual([]);
});

test("SEC-1 the credential prints without the token", async () => {
  const { value, check } = canary("token");
  const credential: Credential = { type: "access-token", token: new Secret(value), account: "alice" };
  const provider = fromAuth(createAuth({ grant: bearer(), credentials: fixed<Credential>(credential) }));
  check(await provider.get(), provider);
  expect(
    await failure(
      fromAuth(
        createAuth({
          grant: bearer(),
          credentials: fixed<Credential>({ ...credential, token: new Secret("\n") }),
        }),
      ).get(),
    ),
  ).toBe("INVALID/secret-format");
});
