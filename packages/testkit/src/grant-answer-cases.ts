import assert from "node:assert/strict";
import {
  type AuthError,
  type AuthErrorCode,
  type Credential,
  isAuthError,
  Secret,
  type TokenSet,
} from "@auth/core";
import { canary } from "./canary.ts";
import { assertConcealed, secretsOf } from "./concealed.ts";
import type { GrantCaseOf, GrantWorld } from "./grant-world.ts";

/** The failure of an exchange, which says nothing of `secret`. */
async function refusal<C extends Credential>(
  { rejection, drive, grant, context, check }: GrantWorld<C>,
  credential: C,
  code: AuthErrorCode,
  secret = canary("answer"),
): Promise<AuthError> {
  const thrown = await rejection("exchange", drive("exchange", grant.exchange(credential, context)));
  secret.check(thrown);
  check(thrown);
  assert.ok(isAuthError(thrown), "it is an AuthError");
  assert.equal(thrown.code, code);
  assert.equal(thrown.retryable, code === "ERR_AUTH_UNREACHABLE");
  return thrown;
}

/** What a grant sends, and what it makes of the answers. */
export function grantAnswerCases<C extends Credential>(): GrantCaseOf<C>[] {
  return [
    {
      id: "fetch",
      title: "it sends with the fetch it is given, and with no other",
      run: async ({ wire, globalFetch, exchange }) => {
        await exchange();
        assert.ok(wire.sent.length > 0, "the exchange went through context.fetch");
        assert.equal(globalFetch.calls, 0, "the global fetch was not called");
      },
    },
    {
      id: "request",
      title:
        "SEC-8 SEC-23 SEC-37 its requests follow no redirect, pass caches by, and have no secret in the URL",
      run: async ({ suite, wire, exchange, check }) => {
        const credential = await suite.credential();
        await exchange(credential);
        for (const { request } of wire.sent) {
          assert.match(request.redirect, /^(?:manual|error)$/, "redirects are not followed");
          assert.match(
            request.headers.get("accept") ?? "",
            /\bapplication\/json\b/,
            "accept: application/json",
          );
          assert.equal(request.headers.get("cache-control"), "no-store", "cache-control: no-store");
          check(request.url);
          assertConcealed(secretsOf(credential), request.url);
        }
      },
    },
    {
      id: "abort",
      title: "SEC-28 abort rejects with the signal's own reason, before it sends and while it waits",
      run: async ({ suite, grant, wire, context, settled, rejection }) => {
        const reason = { why: "the caller has left" };
        const credential = await suite.credential();
        const before = grant.exchange(credential, { ...context, signal: AbortSignal.abort(reason) });
        assert.ok((await rejection("exchange", before)) === reason, "the reason is the signal's");
        assert.equal(wire.sent.length, 0, "nothing was sent");

        const leaving = new AbortController();
        const release = wire.hold();
        const sent = wire.next();
        const during = rejection(
          "exchange",
          grant.exchange(credential, { ...context, signal: leaving.signal }),
        );
        await settled("sending", sent);
        leaving.abort(reason);
        assert.ok((await during) === reason, "the reason is the signal's");
        release();
      },
    },
    {
      id: "redirect",
      title: "SEC-23 a redirect is refused, and not followed",
      run: async (world) => {
        const { suite, wire } = world;
        wire.answer = () =>
          new Response(null, { status: 307, headers: { location: "https://elsewhere.example/token" } });
        const error = await refusal(world, await suite.credential(), "ERR_AUTH_INVALID");
        assert.equal(error.reason, "redirect");
        assert.equal(wire.sent.length, 1, "one request, and none to the other place");
      },
    },
    {
      id: "malformed",
      title: "SEC-30 an answer that is no JSON object is refused, and not quoted",
      run: async (world) => {
        const { suite, wire } = world;
        const secret = canary("body");
        for (const [type, body] of [
          ["text/html", `<html>${secret.value}</html>`],
          ["application/json", `{"access_token":"${secret.value}`],
          ["application/json", `["${secret.value}"]`],
        ] as const) {
          wire.answer = () => new Response(body, { headers: { "content-type": type } });
          await refusal(world, await suite.credential(), "ERR_AUTH_INVALID", secret);
        }
      },
    },
    {
      id: "unreachable",
      title: "SEC-62 no connection is ERR_AUTH_UNREACHABLE, after three attempts at most",
      run: async (world) => {
        const { suite, wire } = world;
        const secret = canary("connection");
        wire.cut(secret.value);
        await refusal(world, await suite.credential(), "ERR_AUTH_UNREACHABLE", secret);
        assert.ok(wire.sent.length >= 1 && wire.sent.length <= 3, `${wire.sent.length} attempts`);
        wire.mend();
        await world.exchange();
      },
    },
    {
      id: "rateLimited",
      title: "a Retry-After of an hour is reported at once, not waited for",
      run: async (world) => {
        const { suite, wire, clock } = world;
        wire.answer = () => new Response("", { status: 429, headers: { "retry-after": "3600" } });
        const before = clock.now();
        const error = await refusal(world, await suite.credential(), "ERR_AUTH_UNREACHABLE");
        assert.equal(error.reason, "rate-limited");
        assert.equal(error.retryAfterMs, 3_600_000);
        assert.equal(wire.sent.length, 1, "one request");
        assert.ok(clock.now() - before < 60_000, "it did not wait");
      },
    },
    {
      id: "wrong",
      title: "SEC-35 a wrong credential is ERR_AUTH_GRANT/credential-rejected, without it in the error",
      needs: "wrong",
      run: async (world) => {
        const { suite } = world;
        const secret = canary("wrong");
        const error = await refusal(world, suite.wrong?.(secret.value) as C, "ERR_AUTH_GRANT", secret);
        assert.equal(error.reason, "credential-rejected", "core reads the source again on this reason");
        assert.match(error.message, /\S+ \S+/, "the message says what to do");
      },
    },
    {
      id: "deadRefreshToken",
      title: "SEC-61 a dead refresh token is ERR_AUTH_GRANT/refresh-token-rejected, without it in the error",
      ability: "refresh",
      run: async ({ suite, grant, exchange, context, drive, rejection }) => {
        const secret = canary("refresh-token");
        const tokens = { ...(await exchange()), refreshToken: new Secret(secret.value) };
        const work = grant.refresh?.(tokens, context, await suite.credential()) as Promise<TokenSet>;
        const thrown = await rejection("refresh", drive("refresh", work));
        secret.check(thrown);
        assert.ok(isAuthError(thrown, "ERR_AUTH_GRANT"), "it is ERR_AUTH_GRANT");
        assert.equal(
          thrown.reason,
          "refresh-token-rejected",
          "core looks for a sibling's token on this reason",
        );
      },
    },
  ];
}
