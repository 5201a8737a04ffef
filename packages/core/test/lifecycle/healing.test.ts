import { cached } from "@auth/core";
import { expect, test } from "vitest";
import { failure } from "../support/outcome.ts";
import { password, source } from "../support/source.ts";
import { refused, unreachable } from "../support/token-server.ts";
import { hour, world } from "../support/world.ts";

test("SEC-69 a secret rotated at the source heals: read once more past its cache, one more request", async () => {
  const here = world();
  const credentials = cached(here.credentials, { ttlMs: hour, clock: here.clock });
  await credentials.get();
  here.credentials.value = password("alice", "pw-2");
  here.server.secrets.delete("pw");
  here.server.secrets.add("pw-2");
  expect((await here.auth({ credentials }).getToken()).reveal()).toBe("at-1");
  expect(here.credentials.reads).toEqual(["plain", "forced"]);
  expect(here.server.log).toEqual(["exchange alice", "exchange alice"]);
});

test("SEC-69 the same secret again is final: two reads, one request", async () => {
  const here = world();
  here.server.secrets.clear();
  expect(await failure(here.auth().getToken())).toBe("GRANT/credential-rejected");
  expect(here.credentials.reads).toEqual(["plain", "forced"]);
  expect(here.server.log).toEqual(["exchange alice"]);
});

test("SEC-69 the same secret under a new version is the same secret", async () => {
  const here = world();
  here.server.secrets.clear();
  here.credentials.before = (forced) => {
    if (forced) here.credentials.value = { ...password(), version: "v2", expiresAt: new Date(0) };
  };
  expect(await failure(here.auth().getToken())).toBe("GRANT/credential-rejected");
  expect(here.server.log).toHaveLength(1);
});

test("SEC-69 at most two token requests, though the secret changes again and again", async () => {
  const here = world();
  here.server.secrets.clear();
  let version = 0;
  here.credentials.before = () => {
    here.credentials.value = password("alice", `pw-${++version}`);
  };
  expect(await failure(here.auth().getToken())).toBe("GRANT/credential-rejected");
  expect(here.server.log).toHaveLength(2);
});

test("SEC-69 a source that fails when it is read again leaves the refusal", async () => {
  const here = world();
  here.server.secrets.clear();
  here.credentials.before = (forced) => {
    if (forced) throw unreachable("vault-down");
  };
  expect(await failure(here.auth().getToken())).toBe("GRANT/credential-rejected");
  expect(here.server.log).toHaveLength(1);
});

test("SEC-69 a refresh refused for the client's secret heals the same way, with the same refresh token", async () => {
  const here = world();
  const auth = here.auth();
  await auth.getToken();
  await here.clock.advance(hour);
  here.server.before = ({ kind }) => {
    if (kind === "refresh" && here.credentials.reads.at(-1) !== "forced")
      throw refused("credential-rejected");
  };
  here.credentials.before = (forced) => {
    if (forced) here.credentials.value = password("alice", "pw-2");
  };
  expect((await auth.getToken()).reveal()).toBe("at-2");
  expect(here.server.log).toEqual(["exchange alice", "refresh rt-1", "refresh rt-1"]);
  expect(here.store.record()?.dead).toBeUndefined();
});

test("SEC-69 the healed secret is used from then on", async () => {
  const here = world();
  here.server.secrets.add("pw-2");
  here.server.secrets.delete("pw");
  here.credentials.before = (forced) => {
    if (forced) here.credentials.value = password("alice", "pw-2");
  };
  const auth = here.auth();
  await auth.getToken();
  here.server.revokeAll();
  await here.clock.advance(hour);
  await auth.getToken();
  expect(here.server.log).toEqual(["exchange alice", "exchange alice", "refresh rt-1", "exchange alice"]);
});

test("SEC-62 any other refusal is final: one read, one request", async () => {
  for (const reason of ["unauthorized-client", "invalid-scope", "access-denied", "unsupported-grant-type"]) {
    const here = world();
    here.server.before = () => {
      throw refused(reason);
    };
    expect(await failure(here.auth().getToken())).toBe(`GRANT/${reason}`);
    expect(here.credentials.reads).toEqual(["plain"]);
    expect(here.server.log).toHaveLength(1);
  }
});

test("SEC-69 a person who mistyped is asked once more while a caller waits, not behind the callers", async () => {
  const here = world();
  const credentials = source(password("alice", "typo"), { interactive: true });
  credentials.before = (forced) => {
    if (forced) credentials.value = password();
  };
  expect((await here.auth({ credentials }).getToken()).reveal()).toBe("at-1");
  expect(credentials.reads).toEqual(["plain", "forced"]);
});
