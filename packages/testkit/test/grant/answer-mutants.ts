import { AuthError, isAuthError, type TokenSet } from "@auth/core";
import { failing, type Mutant, refreshed, sending, within } from "./change.ts";
import { server } from "./server.ts";

const always = new AbortController().signal;
const abort = /^SEC-28 abort rejects/;

/** What goes wrong with what a grant sends and makes of the answers. */
export const answerMutants: Readonly<Record<string, Mutant>> = {
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
