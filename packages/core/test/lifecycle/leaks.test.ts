import {
  AccessToken,
  type AuthEvent,
  cached,
  chain,
  createAuth,
  explain,
  fixed,
  type Grant,
  Secret,
  type TokenSet,
} from "@auth/core";
import { canary, captureOutput } from "@auth/testkit";
import { expect, test } from "vitest";
import { eventually } from "../support/eventually.ts";
import { hour, world } from "../support/world.ts";

const secrets = {
  password: canary("password"),
  access: canary("access"),
  refresh: canary("refresh"),
  idToken: canary("id"),
  extra: canary("extra"),
};
const all = Object.values(secrets).map(({ value }) => value);

/** A grant whose every part is secret, and whose failures quote them all. */
function talkative(now: () => number, fails: () => boolean): Grant {
  let issued = 0;
  const answer = async (): Promise<TokenSet> => {
    issued++;
    if (fails()) throw Object.assign(new TypeError(all.join(" ")), { request: { headers: all }, cause: all });
    return {
      accessToken: new AccessToken(`${secrets.access.value}${issued}`, {
        obtainedAt: new Date(now()),
        expiresAt: new Date(now() + hour),
      }),
      refreshToken: new Secret(`${secrets.refresh.value}${issued}`),
      idToken: new Secret(secrets.idToken.value),
      extra: { note: secrets.extra.value },
    };
  };
  return {
    name: "talkative",
    accepts: ["password"],
    partition: (credential) => credential && `talkative ${credential.account}`,
    exchange: answer,
    refresh: answer,
    revoke: async () => void (await answer()),
  };
}

test("SEC-1 SEC-6 SEC-135 nothing that an Auth shows, throws, reports or prints holds a secret", async () => {
  const { clock, store } = world();
  let failing = false;
  const seen: unknown[] = [];
  const events: AuthEvent[] = [];
  const note = async (work: Promise<unknown>): Promise<void> => {
    seen.push(await eventually(clock, work).catch((error: unknown) => error));
  };
  const source = fixed(
    { type: "password", username: "alice", password: new Secret(secrets.password.value), account: "alice" },
    "vault",
  );
  const credentials = cached(chain(source), { ttlMs: hour, clock });
  const auth = createAuth({
    grant: talkative(
      () => clock.now(),
      () => failing,
    ),
    credentials,
    store,
    clock,
    onEvent: (event) => events.push(event),
  });

  const { stdout, stderr } = await captureOutput(async () => {
    await note(auth.getToken());
    await note(auth.status());
    await note(explain(credentials));
    await clock.advance(hour);
    failing = true;
    await note(auth.getToken());
    await note(auth.login());
    await note(auth.status());
    failing = false;
    store.before.write = () => {
      throw new Error(all.join(" "));
    };
    await note(auth.getToken());
    store.before = {};
    await note(auth.getToken());
    store.put(`${all.join(" ")} is no record`, "talkative alice");
    await note(auth.getToken({ forceRefresh: true }));
    failing = true;
    await note(auth.logout());
  });
  seen.push(auth, credentials, source, events, store.log);

  for (const secret of Object.values(secrets)) secret.check(...seen);
  expect(stdout + stderr).toBe("");
  expect(events.map(({ type }) => type)).toEqual(expect.arrayContaining(["renewed", "failed", "logout"]));
});

test("SEC-8 no key of the store, and no digest in a record, shows a secret", async () => {
  const { clock, store, server } = world();
  const refreshToken = canary("refresh");
  const keys: string[] = [];
  for (const step of ["lock", "read", "write", "delete"] as const)
    store.before[step] = (key) => keys.push(key);
  server.secrets.add(refreshToken.value);
  const credentials = fixed({
    type: "refresh-token",
    refreshToken: new Secret(refreshToken.value),
    account: "alice",
  });
  const grant = server.grant({ accepts: ["refresh-token"], partition: (credential) => credential?.account });
  const auth = createAuth({ grant, credentials, store, clock });
  await auth.getToken();
  refreshToken.check(keys, store.texts());
  await auth.logout();
  refreshToken.check(keys);
  expect(keys).toContain("alice");
});
