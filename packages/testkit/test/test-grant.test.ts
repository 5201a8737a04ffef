import {
  AccessToken,
  AuthError,
  type Grant,
  type GrantContext,
  isAuthError,
  type PasswordCredential,
  Secret,
  type TokenSet,
} from "@auth/core";
import { afterAll, describe, expect, test } from "vitest";
import { captureOutput, fakeClock, testGrant, tokenServer } from "../src/index.ts";
import { clientGrant, passwordGrant } from "./careful-grant.ts";
import { failures, outcomes } from "./collect.ts";

const clock = fakeClock({ now: Date.now() });
const server = await tokenServer({ clock });
server.users.set("bob", "bobs own password");
afterAll(() => server.close());

type Password = Grant<PasswordCredential>;
const password = (username: string, secret: string): PasswordCredential => ({
  type: "password",
  username,
  password: new Secret(secret),
  account: username,
});

const about = {
  credential: () => password(server.user.name, server.user.password),
  wrong: (secret: string) => password(server.user.name, secret),
  other: () => password("bob", "bobs own password"),
  check: server.check,
  clock,
};

testGrant({
  describe,
  test,
  name: "a careful grant with refresh tokens",
  create: () => passwordGrant(server),
  ...about,
});

testGrant({
  describe,
  test,
  name: "a careful grant without refresh tokens",
  create: () => clientGrant(server),
  credential: () => ({
    type: "client-secret",
    clientId: server.client.id,
    clientSecret: new Secret(server.client.secret),
  }),
  wrong: (secret) => ({
    type: "client-secret",
    clientId: server.client.id,
    clientSecret: new Secret(secret),
  }),
  other: () => ({ type: "client-secret", clientId: "other", clientSecret: new Secret("other") }),
  check: server.check,
  clock,
});

const run = async (change: (inner: Password) => Partial<Password>): Promise<string[]> => {
  const create = (): Password => {
    const inner = passwordGrant(server);
    return { ...inner, ...change(inner) };
  };
  const { result } = await captureOutput(() =>
    failures((framework) => testGrant({ ...framework, name: "mutant", create, ...about, hangMs: 500 })),
  );
  return result;
};

const refreshed = (inner: Password, tokens: TokenSet, context: GrantContext): Promise<TokenSet> =>
  inner.refresh?.(tokens, context) as Promise<TokenSet>;

/** The careful grant with something done to what it yields, or to how it fails. */
const after =
  (change: (tokens: TokenSet) => TokenSet) =>
  (inner: Password): Partial<Password> => ({
    exchange: async (credential, context) => change(await inner.exchange(credential, context)),
    refresh: async (tokens, context) => change(await refreshed(inner, tokens, context)),
  });
const failing =
  (change: (error: AuthError, secret: string, context: GrantContext) => unknown) =>
  (inner: Password): Partial<Password> => ({
    exchange: (credential, context) =>
      inner.exchange(credential, context).catch((error: unknown) => {
        throw isAuthError(error) ? change(error, credential?.password.reveal() ?? "", context) : error;
      }),
    refresh: (tokens, context) =>
      refreshed(inner, tokens, context).catch((error: unknown) => {
        throw isAuthError(error) ? change(error, tokens.refreshToken?.reveal() ?? "", context) : error;
      }),
  });
/** The careful grant with another context. */
const within =
  (change: (context: GrantContext) => GrantContext) =>
  (inner: Password): Partial<Password> => ({
    exchange: (credential, context) => inner.exchange(credential, change(context)),
    refresh: (tokens, context) => refreshed(inner, tokens, change(context)),
  });
const sending = (change: (request: Request) => Request | Promise<Request>): ReturnType<typeof within> =>
  within((context) => ({
    ...context,
    fetch: async (input, init) => context.fetch(await change(new Request(input, init))),
  }));

const always = new AbortController().signal;
const promises = /promise/;
const abort = /^SEC-28 abort rejects/;

const mutants: Record<string, { change: (inner: Password) => Partial<Password>; fails: RegExp[] }> = {
  "has its secret in its partition": {
    change: () => ({ partition: (credential) => credential?.password.reveal() }),
    fails: [/^SEC-55 its/],
  },
  "has one partition for everybody": {
    change: () => ({ partition: () => "everybody" }),
    fails: [/^SEC-55 another/],
  },
  "says something else without the credential": {
    change: (inner) => ({
      partition: (credential) => (credential ? inner.partition(credential) : "anybody"),
    }),
    fails: [/^SEC-55 its/],
  },
  "has a partition of its own in every instance": {
    change: () => {
      const id = Math.random();
      return { partition: (credential) => `${credential?.username} ${id}` };
    },
    fails: [/^SEC-55 its/],
  },
  "asks the server for its partition": {
    change: (inner) => ({
      async partition(credential) {
        await fetch(server.issuer).catch(() => {});
        return inner.partition(credential);
      },
    }),
    fails: [/^SEC-55 its/],
  },
  "does not accept its credential": {
    change: () => ({ accepts: ["api-key" as never] }),
    fails: [/^creating/, promises, /^SEC-69/],
  },
  "has a name that differs": { change: () => ({ name: `test ${Math.random()}` }), fails: [/^creating/] },
  "measures the lifetime from the answer": {
    change: after(({ accessToken, ...rest }) => ({
      ...rest,
      accessToken: new AccessToken(accessToken.reveal(), {
        obtainedAt: new Date(clock.now()),
        expiresAt: accessToken.expiresAt,
      }),
    })),
    fails: [/^SEC-51 exchange/, /^SEC-51 refresh/],
  },
  "does not say when it sent": {
    change: after(({ accessToken, ...rest }) => ({
      ...rest,
      accessToken: new AccessToken(accessToken.reveal(), { expiresAt: accessToken.expiresAt }),
    })),
    fails: [/^SEC-51 exchange/, /^SEC-51 refresh/, /promise [349]/],
  },
  "shows its tokens": {
    change: after((tokens) => ({ ...tokens, extra: { raw: tokens.accessToken.reveal() } })),
    fails: [/^SEC-51 exchange/, /^SEC-51 refresh/],
  },
  "keeps what is no JSON": {
    change: after((tokens) => ({ ...tokens, extra: { at: new Date(0) } })),
    fails: [/^SEC-51 exchange/, /^SEC-51 refresh/],
  },
  "drops the refresh token": {
    change: after(({ accessToken }) => ({ accessToken })),
    fails: [/^SEC-51 refresh/],
  },
  "uses the global fetch": {
    change: within((context) => ({ ...context, fetch: (...args) => globalThis.fetch(...args) })),
    fails: [/./],
  },
  "ignores the signal": {
    change: within((context) => ({ ...context, signal: always })),
    fails: [abort],
  },
  "looks at the signal only before": {
    change: (inner) => ({
      exchange: async (credential, context) => {
        context.signal.throwIfAborted();
        return inner.exchange(credential, { ...context, signal: always });
      },
    }),
    fails: [abort],
  },
  "wraps the signal's reason": {
    change: (inner) => ({
      exchange: (credential, context) =>
        inner.exchange(credential, context).catch((error: unknown) => {
          throw context.signal.aborted ? new Error("aborted") : error;
        }),
    }),
    fails: [abort],
  },
  "follows redirects": {
    change: sending((request) => new Request(request, { redirect: "follow" })),
    fails: [/^SEC-8 /],
  },
  "goes where a redirect points": {
    change: within((context) => ({
      ...context,
      async fetch(input, init) {
        const response = await context.fetch(input, init);
        return response.status === 307 ? context.fetch(server.issuer) : response;
      },
    })),
    fails: [/^SEC-23/],
  },
  "may be answered by a cache": {
    change: sending((request) => {
      request.headers.delete("cache-control");
      return request;
    }),
    fails: [/^SEC-8 /],
  },
  "takes any type": {
    change: sending((request) => {
      request.headers.set("accept", "*/*");
      return request;
    }),
    fails: [/^SEC-8 /],
  },
  "sends the password in the URL": {
    change: sending(async (request) => {
      const password = new URLSearchParams(await request.clone().text()).get("password");
      return new Request(`${request.url}?p=${password}`, request);
    }),
    fails: [/^SEC-8 /],
  },
  "tries for ever": {
    change: (inner) => ({
      async exchange(credential, context) {
        for (let attempt = 0; attempt < 5; attempt++) {
          try {
            return await inner.exchange(credential, context);
          } catch (error) {
            if (!isAuthError(error, "ERR_AUTH_UNREACHABLE") || error.retryAfterMs) throw error;
          }
        }
        return inner.exchange(credential, context);
      },
    }),
    fails: [/^SEC-62/],
  },
  "waits as long as it is told": {
    change: (inner) => ({
      exchange: (credential, context) =>
        inner.exchange(credential, context).catch(async (error: AuthError) => {
          if (error.retryAfterMs) await context.clock.sleep(error.retryAfterMs, { signal: context.signal });
          throw error;
        }),
    }),
    fails: [/^a Retry-After/],
  },
  "calls a lost connection final": {
    change: failing(
      ({ code, reason, message }) => new AuthError(code, reason, message, { retryable: false }),
    ),
    fails: [/^SEC-62/, /^a Retry-After/],
  },
  "calls a lost connection a refusal": {
    change: failing((error) =>
      error.code === "ERR_AUTH_UNREACHABLE"
        ? new AuthError("ERR_AUTH_GRANT", "refused", error.message)
        : error,
    ),
    fails: [/^SEC-62/, /^a Retry-After/, /promise 2/],
  },
  "calls malformed answers a lost connection": {
    change: failing((error) =>
      error.reason === "malformed-response"
        ? new AuthError("ERR_AUTH_UNREACHABLE", "network", error.message)
        : error,
    ),
    fails: [/^SEC-30/],
  },
  "quotes the refused secret": {
    change: failing(({ code, reason }, secret) => new AuthError(code, reason, `test: ${secret} was refused`)),
    fails: [/^SEC-23/, /^SEC-30/, /^SEC-35/, /^SEC-61/, /^SEC-62/, /^a Retry-After/],
  },
  "has one reason for all refusals": {
    change: failing(({ code, message }) => new AuthError(code, "refused", message)),
    fails: [/^SEC-23/, /^SEC-35/, /^SEC-61/, /^SEC-69/, /^a Retry-After/],
  },
  "mistakes a dead refresh token for a wrong password": {
    change: failing((error) =>
      error.reason === "refresh-token-rejected"
        ? new AuthError(error.code, "credential-rejected", error.message)
        : error,
    ),
    fails: [/^SEC-61/],
  },
  "cannot revoke twice": {
    change: () => {
      let times = 0;
      return {
        async revoke() {
          if (times++) throw new AuthError("ERR_AUTH_GRANT", "refused", "test: it is gone already");
        },
      };
    },
    fails: [/^SEC-67/],
  },
  "keeps its answer": {
    change: (inner) => {
      let kept: Promise<TokenSet> | undefined;
      return {
        exchange: (credential, context) => {
          kept ??= inner.exchange(credential, context);
          return kept;
        },
        refresh: (_, context) => kept ?? inner.exchange(undefined, context),
      };
    },
    fails: [/./],
  },
  "refreshes twice": {
    change: (inner) => ({
      async refresh(tokens, context) {
        await refreshed(inner, tokens, context);
        return refreshed(inner, tokens, context);
      },
    }),
    fails: [/./],
  },
  "leaves a rejection behind": {
    change: (inner) => ({
      refresh(tokens, context) {
        const work = refreshed(inner, tokens, context);
        void work.then(() => {});
        return work;
      },
    }),
    fails: [/promise 9/],
  },
  "leaves a timer behind": {
    change: (inner) => ({
      refresh(tokens, context) {
        context.clock.sleep(1e6).catch(() => {});
        return refreshed(inner, tokens, context);
      },
    }),
    fails: [/promise 9/],
  },
};

/** Keeps the test framework from seeing the rejections that a mutant leaves behind on purpose. */
async function unwatched<T>(work: () => Promise<T>): Promise<T> {
  const listeners = process.listeners("unhandledRejection");
  process.removeAllListeners("unhandledRejection").on("unhandledRejection", () => {});
  try {
    return await work();
  } finally {
    process.removeAllListeners("unhandledRejection");
    for (const listener of listeners) process.on("unhandledRejection", listener);
  }
}

describe("a grant fails that", { timeout: 60_000 }, () => {
  test.each(Object.entries(mutants))("%s", async (what, { change, fails }) => {
    const failed = await (what === "leaves a rejection behind" ? unwatched(() => run(change)) : run(change));
    for (const expected of fails)
      expect(failed, `expected ${expected} to fail`).toContainEqual(expect.stringMatching(expected));
    const others = failed.filter((title) => !fails.some((expected) => expected.test(title)));
    expect(others, "and nothing else").toEqual([]);
  });
});

test("what the author does not give fails or needs a reason", async () => {
  const { wrong: _, other: __, ...rest } = about;
  const suite = { name: "bare", create: () => passwordGrant(server), ...rest };
  const bare = await outcomes((framework) => testGrant({ ...framework, ...suite }));
  expect(bare.filter((each) => "error" in each).map((each) => String(each.error))).toEqual([
    expect.stringContaining("Give other, or say why not: skip: { otherAccount:"),
    expect.stringContaining("Give wrong, or say why not: skip: { wrong:"),
    expect.stringContaining("Give wrong, or say why not: skip: { rotatedSecret:"),
  ]);
  const skip = {
    otherAccount: "there is one",
    wrong: "it cannot be wrong",
    rotatedSecret: "it cannot be wrong",
  };
  const reasoned = await outcomes((framework) => testGrant({ ...framework, ...suite, skip }));
  expect(reasoned.filter((each) => "error" in each)).toEqual([]);
  expect(reasoned.filter((each) => each.skipped)).toHaveLength(3);
});
