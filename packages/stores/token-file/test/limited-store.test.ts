import { readFileSync, statSync, writeFileSync } from "node:fs";
import {
  AccessToken,
  AuthError,
  createAuth,
  decodeRecord,
  type Grant,
  locked,
  memoryStore,
  Secret,
  type TokenStore,
} from "@auth/core";
import { canary, type FakeClock, fakeClock } from "@auth/testkit";
import { describe, expect, test } from "vitest";
import { fileLock, tokenFile } from "../src/index.ts";
import { passBesides } from "./support/locks.ts";
import { temporary } from "./support/temporary.ts";

const { at, names } = temporary();

function tooLarge(): never {
  const text = "small store: a login may have 2,560 bytes. Ask for fewer scopes, or use another store.";
  throw new AuthError("ERR_AUTH_INVALID", "secret-too-large", text, { provider: "small store" });
}

/** A store whose items are small, as those of some keychains are. */
function smallStore(room: { bytes: number }): TokenStore {
  const store = memoryStore();
  return {
    name: "small store",
    read: (key) => store.read(key),
    delete: (key, expected) => store.delete(key, expected),
    write: async (key, value, expected) =>
      Buffer.byteLength(value, "utf16le") > room.bytes ? tooLarge() : store.write(key, value, expected),
  };
}

/** Its answers grow: the second is larger than the first. */
function growing(clock: FakeClock) {
  const secret = canary("refresh");
  const sent: string[] = [];
  let count = 0;
  const answer = () => ({
    accessToken: new AccessToken(`access-${++count}`, {
      obtainedAt: new Date(clock.now()),
      expiresAt: new Date(clock.now() + 3_600_000),
    }),
    refreshToken: new Secret(`${secret.value}-${count}-${"x".repeat(count === 1 ? 0 : 3_000)}`),
  });
  const grant: Grant = {
    name: "growing",
    partition: () => "alice",
    exchange: async () => answer(),
    async refresh({ refreshToken }) {
      sent.push(refreshToken?.reveal().split("-").at(-2) ?? "");
      return answer();
    },
  };
  const authOn = (store: TokenStore) =>
    createAuth({ grant, store, clock, name: "work", policy: { refreshAheadMs: 0 } });
  return { secret, sent, authOn, count: () => count };
}

const outcome = (work: Promise<AccessToken>): Promise<unknown> =>
  work.then(
    (token) => token.reveal(),
    (error: unknown) => error,
  );

describe("a store that refuses what is too large, with a file lock beside it", () => {
  test("SEC-81 says so before anything is sent, if it can tell", async () => {
    const clock = fakeClock({ now: Date.now() });
    const { sent, authOn } = growing(clock);
    const store = { ...smallStore({ bytes: 2_560 }), prepare: async () => tooLarge() };
    const auth = authOn(locked(store, fileLock({ directory: at("locks"), clock })));
    expect(await outcome(auth.login())).toMatchObject({
      code: "ERR_AUTH_INVALID",
      reason: "secret-too-large",
    });
    expect(sent).toEqual([]);
    expect(names("locks")).toEqual([]);
  });

  test("SEC-59 the login is not lost if it cannot: it is kept, and stored when it fits", async () => {
    const clock = fakeClock({ now: Date.now() });
    const room = { bytes: 2_560 };
    const { secret, sent, authOn } = growing(clock);
    const store = locked(smallStore(room), fileLock({ directory: at("locks"), clock }));
    const auth = authOn(store);
    await auth.login();
    const before = await store.read("work");
    await clock.advance(3_600_000);

    const error = await passBesides(clock, outcome(auth.getToken()));
    expect(error).toMatchObject({ code: "ERR_AUTH_UNREACHABLE", reason: "save-failed" });
    expect((error as Error).cause).toMatchObject({ code: "ERR_AUTH_INVALID", reason: "secret-too-large" });
    secret.check(error);
    expect(await store.read("work")).toEqual(before);
    // Nor is what has been spent sent again.
    expect(await passBesides(clock, outcome(auth.getToken()))).toMatchObject({ reason: "save-failed" });
    expect(sent).toEqual(["1"]);

    room.bytes = 100_000;
    expect(await outcome(auth.getToken())).toBe("access-2");
    expect(sent).toEqual(["1"]);
    const stored = await store.read("work");
    expect(decodeRecord(stored?.value ?? "").tokens.accessToken.reveal()).toBe("access-2");
    expect(names("locks")).toEqual([]);
  });
});

describe("a token file that is full", () => {
  const limit = 1_048_576;
  const size = (): number => statSync(at("tokens.json")).size;

  /** Fills the file to the very byte with somebody else's login. */
  async function fillUp(store: TokenStore, bytes: number): Promise<string | undefined> {
    const generation = await store.write("neighbor", "", undefined);
    const filled = await store.write("neighbor", "x".repeat(bytes - size()), generation);
    expect(size()).toBe(bytes);
    return filled;
  }

  test.each([-1, 0, 1, 100_000])("SEC-58 renews who is in it, with %i bytes over 1 MiB", async (over) => {
    const clock = fakeClock({ now: Date.now() });
    const { sent, authOn } = growing(clock);
    const store = tokenFile({ path: at("tokens.json") });
    const auth = authOn(store);
    await auth.login();
    await fillUp(store, limit + over);
    await clock.advance(3_600_000);
    expect(await outcome(auth.getToken())).toBe("access-2"); // and it has grown by 3,000 bytes
    await clock.advance(3_600_000);
    expect(await outcome(auth.getToken())).toBe("access-3");
    expect(sent).toEqual(["1", "2"]);
    expect((await store.read("neighbor"))?.value).toMatch(/^x+$/);
    expect(names()).toEqual(["tokens.json"]);
  });

  test.each([-1, 1])(
    "SEC-80 tells a newcomer before anything is sent, and moves nobody aside, with %i bytes over 1 MiB",
    async (over) => {
      const clock = fakeClock({ now: Date.now() });
      const { count, authOn } = growing(clock);
      const store = tokenFile({ path: at("tokens.json") });
      await fillUp(store, limit + over);
      const before = readFileSync(at("tokens.json"));
      const full = {
        code: "ERR_AUTH_INVALID",
        reason: "secret-too-large",
        message: expect.stringMatching(/the file is full.*1 MiB. Log out of some/),
      };
      const auth = authOn(store);
      expect(await outcome(auth.login())).toMatchObject(full);
      expect(await outcome(auth.getToken())).toMatchObject(full);
      expect(count()).toBe(0);
      expect(await outcome(store.write("work", "{}", undefined) as Promise<never>)).toMatchObject(full);
      expect(readFileSync(at("tokens.json")).equals(before)).toBe(true);
      expect(names()).toEqual(["tokens.json"]);
      await store.delete("neighbor");
      expect(await outcome(auth.login())).toBe("access-1");
    },
  );

  test("SEC-76 is not damaged, however large: no login moves it aside", async () => {
    const store = tokenFile({ path: at("tokens.json") });
    writeFileSync(at("tokens.json"), " ".repeat(4 * limit + 1), { mode: 0o600 });
    const tooLarge = { code: "ERR_AUTH_INVALID", reason: "too-large" };
    for (const work of [
      () => store.read("work"),
      () => store.write("work", "{}", undefined),
      () => store.withLock("work", () => store.prepare("work")),
      () => store.delete("work"),
    ])
      expect(await outcome(work() as Promise<never>)).toMatchObject(tooLarge);
    expect(size()).toBe(4 * limit + 1);
    expect(names()).toEqual(["tokens.json"]);
  });
});
