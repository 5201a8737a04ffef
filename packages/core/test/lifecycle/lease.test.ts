import { AccessToken, Secret } from "@auth/core";
import { expect, test } from "vitest";
import { eventually } from "../support/eventually.ts";
import { gate } from "../support/gate.ts";
import { failure } from "../support/outcome.ts";
import { refused, unreachable } from "../support/token-server.ts";
import { hour, late, type World, world } from "../support/world.ts";

const later = (here: World, refresh: string) => ({
  partition: "acme alice",
  tokens: {
    accessToken: new AccessToken("at-sibling", {
      obtainedAt: new Date(here.clock.now()),
      expiresAt: new Date(here.clock.now() + hour),
    }),
    refreshToken: new Secret(refresh),
  },
});

/** A login whose access token has expired; `rt-1` is in the store. */
async function expired(here: World) {
  const auth = here.auth();
  await auth.getToken();
  await here.clock.advance(hour);
  return auth;
}

test('SEC-78 the lock\'s holder notes "sent" before a refresh token leaves, and not before anything else', async () => {
  const here = world();
  const auth = here.auth();
  await auth.getToken();
  expect(here.store.log).not.toContain("sent");
  await here.clock.advance(hour);
  let noted = false;
  here.server.before = () => {
    noted = here.store.log.includes("sent");
  };
  await auth.getToken();
  expect(noted).toBe(true);
});

test.each(["read", "prepare"] as const)(
  "SEC-78 a lock lost before anything was sent (at %s): it is taken again, and only then something is sent",
  async (step) => {
    const here = world();
    const auth = await expired(here);
    here.store.log.length = 0;
    let reads = 0;
    here.store.after[step] = () => {
      if (step === "read" && ++reads < 2) return;
      here.store.after = {};
      expect(here.server.log).toEqual(["exchange alice"]);
      here.store.loseLock();
    };
    expect((await auth.getToken()).reveal()).toBe("at-2");
    expect(here.server.log).toEqual(["exchange alice", "refresh rt-1"]);
    expect(here.store.log.filter((step) => step === "lock")).toHaveLength(2);
  },
);

test('SEC-78 a lock that is lost while "sent" cannot be noted: it is taken again, and only then something is sent', async () => {
  const here = world();
  const auth = await expired(here);
  here.store.before.sent = () => {
    here.store.before = {};
    here.store.loseLock();
    throw unreachable("lock-lost");
  };
  expect((await auth.getToken()).reveal()).toBe("at-2");
  expect(here.server.log).toEqual(["exchange alice", "refresh rt-1"]);
});

test.each(["prepare", "sent"] as const)(
  "SEC-78 a lock that is lost each time (at %s): nothing is sent",
  async (step) => {
    const here = world();
    const auth = await expired(here);
    here.store.after[step] = () => here.store.loseLock();
    expect(await failure(auth.getToken())).toBe("UNREACHABLE/store-contended");
    expect(here.server.log).toEqual(["exchange alice"]);
    here.store.after = {};
    expect((await auth.getToken()).reveal()).toBe("at-2");
  },
);

test("SEC-78 a note that cannot be made: nothing is sent", async () => {
  const here = world();
  const auth = await expired(here);
  here.store.before.sent = () => {
    throw unreachable("store-unavailable");
  };
  expect(await failure(auth.getToken())).toBe("UNREACHABLE/store-unavailable");
  expect(here.server.log).toEqual(["exchange alice"]);
});

test("SEC-78 a lock lost before sending: a token that is still good is served", async () => {
  const here = world();
  const auth = here.auth();
  const token = await auth.getToken();
  await here.clock.advance(late);
  here.store.after.prepare = () => here.store.loseLock();
  expect(await auth.getToken()).toBe(token);
});

test("SEC-78 a lock lost after sending: taken again, compared, our answer is kept", async () => {
  const here = world();
  const auth = await expired(here);
  here.store.log.length = 0;
  here.server.before = () => here.store.loseLock();
  expect((await auth.getToken()).reveal()).toBe("at-2");
  expect(here.store.record()?.tokens.refreshToken?.reveal()).toBe("rt-2");
  expect(here.server.log).toEqual(["exchange alice", "refresh rt-1"]);
  const afterSent = here.store.log.slice(here.store.log.indexOf("sent") + 1);
  expect(afterSent).toEqual(["unlock", "lock", "write", "unlock"]);
});

test("SEC-78 losing the lock alone never discards an answer: without it, if it is not to be had", async () => {
  const here = world();
  const auth = await expired(here);
  here.server.before = () => {
    here.store.loseLock();
    here.store.before.lock = () => {
      throw unreachable("lock-timeout");
    };
  };
  expect((await eventually(here.clock, auth.getToken())).reveal()).toBe("at-2");
  expect(here.store.record()?.tokens.refreshToken?.reveal()).toBe("rt-2");
});

test("SEC-78 a thief that only touched the record does not get our answer lost", async () => {
  const here = world();
  const auth = await expired(here);
  here.server.before = () => {
    here.store.loseLock();
    const record = here.store.record();
    if (record) here.store.put(record); // a new generation, with the refresh token that we sent
  };
  expect((await auth.getToken()).reveal()).toBe("at-2");
  expect(here.store.record()?.tokens.refreshToken?.reveal()).toBe("rt-2");
});

test("SEC-78 a thief that sent our token too, was refused and marked it dead: our answer brings the login back", async () => {
  const here = world();
  const auth = await expired(here);
  here.server.before = () => {
    here.store.loseLock();
    const record = here.store.record();
    if (record) here.store.put({ ...record, dead: { reason: "refresh-token-rejected", at: new Date() } });
  };
  expect((await auth.getToken()).reveal()).toBe("at-2");
  expect(here.store.record()?.dead).toBeUndefined();
  expect(here.store.record()?.tokens.refreshToken?.reveal()).toBe("rt-2");
});

test("SEC-78 a thief that renewed: the stored record is kept, its token is used", async () => {
  const here = world();
  const auth = await expired(here);
  here.server.before = () => {
    here.store.loseLock();
    here.store.put(later(here, "rt-thief"));
  };
  expect((await auth.getToken()).reveal()).toBe("at-sibling");
  expect(here.store.record()?.tokens.refreshToken?.reveal()).toBe("rt-thief");
  expect(here.server.log).toHaveLength(2);
});

test("SEC-78 a logout while the lock was lost is not undone", async () => {
  const here = world();
  const auth = await expired(here);
  here.server.before = ({ kind }) => {
    if (kind !== "refresh") return undefined;
    here.store.loseLock();
    return here.store.logOut();
  };
  expect(await failure(auth.getToken())).toBe("INTERACTION_REQUIRED/logged-out");
  expect(here.store.texts()).toEqual([]);
  expect(here.server.log).toEqual(["exchange alice", "refresh rt-1", "revoke rt-2"]);
});

test("SEC-78 a refusal under a lost lock is judged by what the store has then", async () => {
  const here = world();
  const auth = await expired(here);
  here.server.before = ({ kind }) => {
    if (kind !== "refresh") return;
    here.store.loseLock();
    here.store.put(later(here, "rt-thief"));
    throw refused("refresh-token-rejected");
  };
  expect((await auth.getToken()).reveal()).toBe("at-sibling");
  expect(here.store.record()?.dead).toBeUndefined();
});

test("SEC-79 a lock that cannot be released fails nobody: the token is saved", async () => {
  const here = world();
  const auth = here.auth();
  here.store.before.unlock = () => {
    throw unreachable("store-unavailable");
  };
  expect((await auth.getToken()).reveal()).toBe("at-1");
  expect((await auth.getToken({ forceRefresh: true })).reveal()).toBe("at-2");
});

test("SEC-59 SEC-78 a login that was saved unheard does not overwrite what a sibling made of it meanwhile", async () => {
  const here = world();
  const tried = gate();
  tried.open();
  let writes = 0;
  here.store.after.write = async () => {
    await tried.pass();
    if (++writes === 1) throw unreachable("store-unavailable");
  };
  const login = here.auth().login();
  await tried.arrived();
  await here.clock.advance(0); // the login believes it is not saved, and waits to try again
  expect(here.store.record()?.tokens.refreshToken?.reveal()).toBe("rt-1");
  here.store.loseLock();
  here.store.put(later(here, "rt-sibling")); // spent rt-1 for it
  await eventually(here.clock, login);
  expect(here.store.record()?.tokens.refreshToken?.reveal()).toBe("rt-sibling");
});
