import assert from "node:assert/strict";
import { type AccessToken, type Auth, type Credential, fixed, isAuthError } from "@auth/core";
import { canary } from "./canary.ts";
import { current, type GrantCaseOf, type GrantWorld } from "./grant-world.ts";

/** After this a token that came in place of a refused one is replaced as well (L8). */
const gapMs = 30_000;

/** Has the token renewed, and counts the requests that this takes. */
async function renewal<C extends Credential>(
  { drive, wire, clock }: GrantWorld<C>,
  auth: Auth,
): Promise<number> {
  await clock.advance(gapMs);
  const before = wire.sent.length;
  auth.reject(current(auth));
  await drive("renewing", auth.getToken());
  return wire.sent.length - before;
}

/** Time left in the early window of the usual policy, but not in the hard one (L7). */
const early = (lifetime: number): number => Math.min(300_000, lifetime / 2) * 0.9;

const many = (auth: Auth, count: number): Promise<AccessToken[]> =>
  Promise.all(Array.from({ length: count }, () => auth.getToken()));

/** What an `Auth` over the grant promises its callers. */
export function grantPromiseCases<C extends Credential>(): GrantCaseOf<C>[] {
  return [
    {
      id: "oneFlight",
      title: "SEC-54 promise 1: concurrent callers share one flight, two instances have two",
      run: async (world) => {
        const { login, wire, drive, clock } = world;
        const [auth, another] = [await login(), await login()];
        const cost = await renewal(world, auth);
        await clock.advance(gapMs);
        const [old, before] = [current(auth), wire.sent.length];
        auth.reject(old);
        const tokens = await drive("twenty callers", many(auth, 20));
        assert.equal(wire.sent.length - before, cost, "twenty callers cost as much as one");
        assert.deepEqual(new Set(tokens.map(({ id }) => id)), new Set([current(auth).id]));
        assert.notEqual(current(auth).id, old.id);

        await clock.advance(gapMs);
        const between = wire.sent.length;
        for (const each of [auth, another]) each.reject(current(each));
        await drive("two instances", Promise.all([many(auth, 2), many(another, 2)]));
        assert.equal(wire.sent.length - between, 2 * cost, "nothing is shared between instances");
      },
    },
    {
      id: "failure",
      title:
        "SEC-54 promise 2: a failure reaches everyone waiting, and whoever comes within seconds, at no cost",
      run: async (world) => {
        const { login, wire, drive, clock, rejection } = world;
        const auth = await login();
        const old = current(auth);
        auth.reject(old);
        const secret = canary("connection");
        wire.cut(secret.value);
        const waiting = Array.from({ length: 5 }, () => auth.getToken());
        for (const outcome of await drive("five callers", Promise.allSettled(waiting))) {
          assert.equal(outcome.status, "rejected", "nobody gets the refused token");
          assert.ok(isAuthError(outcome.reason, "ERR_AUTH_UNREACHABLE"), "it is ERR_AUTH_UNREACHABLE");
          secret.check(outcome.reason);
        }
        wire.mend();
        const sent = wire.sent.length;
        const known = await rejection("one who comes at once", auth.getToken());
        assert.ok(
          isAuthError(known, "ERR_AUTH_UNREACHABLE") && known.retryAfterMs,
          "it says when to come again",
        );
        assert.equal(wire.sent.length, sent, "and nothing is sent");
        await clock.advance(8_000);
        const next = await drive("the next caller", auth.getToken());
        assert.notEqual(next.id, old.id);
      },
    },
    {
      id: "serveWhileFailing",
      title: "SEC-63 promise 3: a token near its end is served while renewal fails, and not past its end",
      run: async ({ login, wire, clock, drive }) => {
        const auth = await login();
        const token = current(auth);
        const { expiresAt, obtainedAt } = token;
        assert.ok(expiresAt && obtainedAt, "the token's lifetime is known");
        const lifetime = expiresAt.getTime() - obtainedAt.getTime();
        assert.ok(lifetime >= 60_000, "the server's tokens last a minute or more");
        wire.cut(canary("connection").value);
        for (const left of [early(lifetime), Math.min(30_000, lifetime / 4) / 2]) {
          await clock.advance(expiresAt.getTime() - clock.now() - left);
          const served = await drive("a caller", auth.getToken());
          assert.equal(served.id, token.id, `served with ${left} ms left`);
        }
        await clock.advance(Math.max(0, expiresAt.getTime() - clock.now()));
        assert.equal(auth.peek(), undefined, "the expired token is not served");
        await assert.rejects(drive("a late caller", auth.getToken()));
      },
    },
    {
      id: "leeway",
      title: "SEC-52 promise 4: a leeway longer than the lifetime does not renew on every call",
      run: async ({ login, wire, drive }) => {
        const auth = await login({ policy: { refreshAheadMs: 1e9, minTtlMs: 1e9 } });
        const before = wire.sent.length;
        for (let call = 0; call < 5; call++) await drive("a caller", auth.getToken());
        assert.equal(wire.sent.length, before);
      },
    },
    {
      id: "callerAbort",
      title: "SEC-28 promise 5: one caller's abort ends that caller's wait only",
      run: async ({ login, wire, drive, settled, rejection }) => {
        const auth = await login();
        const old = current(auth);
        auth.reject(old);
        const release = wire.hold();
        const sent = wire.next();
        const leaving = new AbortController();
        const reason = { why: "the caller has left" };
        const left = rejection("the one that leaves", auth.getToken({ signal: leaving.signal }));
        const stays = auth.getToken();
        stays.catch(() => {}); // looked at below
        await settled("sending", sent);
        leaving.abort(reason);
        assert.ok((await left) === reason, "the reason is the signal's");
        release();
        assert.notEqual((await drive("the one that stays", stays)).id, old.id);
      },
    },
    {
      id: "rejectOnce",
      title: "SEC-27 promise 6: ten refusals of one token renew it once, a late one does nothing",
      run: async (world) => {
        const { login, wire, drive, clock } = world;
        const auth = await login();
        const cost = await renewal(world, auth);
        await clock.advance(gapMs);
        const [old, before] = [current(auth), wire.sent.length];
        const callers = Array.from({ length: 10 }, () => {
          auth.reject(old);
          return auth.getToken();
        });
        const tokens = await drive("ten callers", Promise.all(callers));
        assert.equal(wire.sent.length - before, cost);
        auth.reject(old);
        assert.equal((await drive("a late refusal", auth.getToken())).id, tokens[0]?.id);
        assert.equal(wire.sent.length - before, cost, "the late refusal renewed nothing");
      },
    },
    {
      id: "background",
      title: "SEC-63 promise 9: background work handles its failure and keeps no process alive",
      run: async ({ login, wire, clock, drive }) => {
        const unhandled: unknown[] = [];
        const note = (reason: unknown): void => void unhandled.push(reason);
        process.on("unhandledRejection", note);
        try {
          const auth = await login();
          const token = current(auth);
          wire.cut(canary("connection").value);
          const lifetime = (token.expiresAt?.getTime() ?? clock.now()) - clock.now();
          await clock.advance(lifetime - early(lifetime));
          const sent = wire.next();
          assert.equal((await auth.getToken()).id, token.id, "served at once");
          // What is digested on the way takes its own time, which no clock of ours waits for.
          if (lifetime > 0) await drive("a renewal behind the caller", sent);
          await drive("the retries", clock.sleep(20_000));
          assert.deepEqual(
            clock.pending.filter((sleeper) => !sleeper.background),
            [],
            "nothing waits any more",
          );
          await auth[Symbol.asyncDispose]();
          assert.deepEqual(clock.pending, [], "nothing is left after dispose");
        } finally {
          process.off("unhandledRejection", note);
        }
        assert.deepEqual(unhandled, [], "no rejection was left unhandled");
      },
    },
    {
      id: "rotatedSecret",
      title: "SEC-69 a refused credential is read again past the cache, and a changed one is tried once",
      needs: "wrong",
      run: async ({ suite, login, wire }) => {
        const stale = suite.wrong?.(canary("stale").value) as Credential;
        const fresh = fixed<Credential>(await suite.credential());
        const reads: boolean[] = [];
        await login({
          credentials: {
            name: "rotating",
            async get({ forceRefresh = false } = {}) {
              reads.push(forceRefresh);
              return forceRefresh ? fresh.get() : stale;
            },
          },
        });
        assert.deepEqual(reads, [false, true], "read twice, the second time past every cache");
        const paths = wire.sent.map(({ request }) => new URL(request.url).pathname);
        assert.equal(paths.filter((path) => path === paths.at(-1)).length, 2, "two token requests");
      },
    },
  ];
}
