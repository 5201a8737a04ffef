import {
  AuthError,
  chain,
  explain,
  fixed,
  type Grant,
  type Provider,
  Secret,
  type ServerAnswer,
} from "@auth/core";
import { canary } from "@auth/testkit";
import { expect, test } from "vitest";
import { rejection } from "./support/outcome.ts";
import { password, refreshToken, source } from "./support/source.ts";
import { refused, unreachable } from "./support/token-server.ts";
import { type World, world } from "./support/world.ts";

async function asked(
  here: World,
  grant?: Grant,
  provider: Provider = here.credentials,
): Promise<ServerAnswer> {
  const { server } = await explain(provider, { grant: grant ?? here.server.grant(), clock: here.clock });
  return server as ServerAnswer;
}

test("without a grant it says that the server was not asked", async () => {
  const { server } = await explain(fixed(password(), "vault"));
  expect(server).toMatchObject({ outcome: "not-asked", reason: "no-grant" });
  expect(server?.message).toContain("not asked");
});

test("with a grant the server is asked once: it answered, and nothing is stored", async () => {
  const here = world();
  here.server.before = () => here.clock.advance(40);
  expect(await asked(here)).toEqual({ outcome: "answered", durationMs: 40 });
  expect(here.server.log.filter((each) => each.startsWith("exchange"))).toEqual(["exchange alice"]);
  expect(here.store.log).toEqual([]);
});

test("a login that nobody keeps is given back", async () => {
  const here = world();
  await asked(here);
  expect(here.server.log).toEqual(["exchange alice", "revoke rt-1"]);
  const revoke = (): never => {
    throw unreachable();
  };
  expect((await asked(here, here.server.grant({ revoke }))).outcome).toBe("answered");
});

test("a wrong secret: what the server said, and which source it comes from", async () => {
  const here = world();
  here.server.secrets.clear();
  const answer = await asked(here);
  expect(answer).toMatchObject({ outcome: "ERR_AUTH_GRANT", reason: "credential-rejected" });
  expect(answer.message).toContain("What was refused comes from test source.");
  expect(here.server.log).toEqual(["exchange alice"]);
});

test("a refusal has the server's status", async () => {
  const here = world();
  here.server.before = () => {
    throw new AuthError("ERR_AUTH_GRANT", "refused", "acme: no such scope", { status: 400 });
  };
  expect(await asked(here)).toMatchObject({ outcome: "ERR_AUTH_GRANT", reason: "refused", status: 400 });
});

test("a dead server: unreachable, with the words", async () => {
  const here = world();
  here.server.before = () => {
    throw unreachable();
  };
  expect(await asked(here)).toMatchObject({ outcome: "ERR_AUTH_UNREACHABLE", reason: "network" });
});

test("a server that never answers is not waited for longer than any call (L6)", async () => {
  const here = world();
  const grant = here.server.grant({ exchange: () => new Promise(() => {}), policy: { timeoutMs: 5_000 } });
  const answer = asked(here, grant);
  for (let turn = 0; turn < 10; turn++) await here.clock.advance(1_000);
  expect(await answer).toMatchObject({ outcome: "ERR_AUTH_UNREACHABLE", reason: "timeout" });
});

test("the wrong type of credential is said, and nothing is sent", async () => {
  const here = world();
  const wrong = fixed({ type: "api-key", key: new Secret("k") }, "vault");
  const answer = await asked(here, undefined, wrong);
  expect(answer).toMatchObject({ outcome: "ERR_AUTH_INVALID", reason: "credential-type" });
  expect(here.server.log).toEqual([]);
});

test("no credential: the server is not asked, and the source says why", async () => {
  const here = world();
  here.credentials.before = () => {
    throw new AuthError("ERR_AUTH_NOT_FOUND", "not-set", "env: not set");
  };
  expect(await asked(here)).toMatchObject({ outcome: "not-asked", reason: "no-credential" });
  expect(here.server.log).toEqual([]);
});

test("nothing is spent: a refresh token is not sent", async () => {
  const here = world();
  const grant = here.server.grant({ accepts: ["refresh-token"] });
  const answer = await asked(here, grant, source(refreshToken()));
  expect(answer).toMatchObject({ outcome: "not-asked", reason: "spends-refresh-token" });
  expect(here.server.log).toEqual([]);
});

test("a person is not asked: neither by the grant nor by the source", async () => {
  const here = world();
  const prompt = source(password(), { interactive: true });
  for (const answer of [
    await asked(here, here.server.grant({ interactive: true })),
    await asked(here, undefined, prompt),
  ])
    expect(answer).toMatchObject({ outcome: "not-asked", reason: "interactive" });
  expect(prompt.reads).toEqual([]);
  expect(here.server.log).toEqual([]);
});

test("a grant without a server says so", async () => {
  const here = world();
  expect(await asked(here, here.server.grant({ local: true }))).toMatchObject({
    outcome: "not-asked",
    reason: "local",
  });
});

test("links say nothing of the server", async () => {
  const here = world();
  const { links, server } = await explain(chain(here.credentials), {
    grant: here.server.grant(),
    clock: here.clock,
  });
  expect(server?.outcome).toBe("answered");
  expect(links?.[0]).not.toHaveProperty("server");
});

test("SEC-28 an abort rejects with the signal's reason", async () => {
  const here = world();
  const controller = new AbortController();
  const grant = here.server.grant({ exchange: () => new Promise(() => {}) });
  const explanation = rejection(
    explain(here.credentials, { grant, clock: here.clock, signal: controller.signal }),
  );
  await here.clock.advance(0);
  controller.abort("enough");
  expect(await explanation).toBe("enough");
});

test("SEC-1 SEC-117 no secret in what the server said, whatever the grant throws", async () => {
  const here = world();
  const secret = canary("server");
  here.credentials.value = password("alice", secret.value);
  here.server.secrets.add(secret.value);
  secret.check(await asked(here));
  here.server.before = () => {
    throw new TypeError(`fetch failed: ${secret.value}`);
  };
  const answer = await asked(here);
  expect(answer).toMatchObject({ outcome: "ERR_AUTH_INVALID", reason: "unexpected-failure" });
  secret.check(answer);
  here.server.before = () => {
    throw refused("credential-rejected");
  };
  secret.check(await asked(here));
});
