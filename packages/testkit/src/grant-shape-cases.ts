import assert from "node:assert/strict";
import type { Credential, TokenSet } from "@auth/core";
import { assertConcealed, secretsOf } from "./concealed.ts";
import type { GrantCaseOf } from "./grant-world.ts";
import { sideEffects } from "./side-effects.ts";

/** What a grant is and what it yields. */
export function grantShapeCases<C extends Credential>(): GrantCaseOf<C>[] {
  return [
    {
      id: "construction",
      title: "creating it does nothing; its name is stable and printable",
      run: async ({ suite, grant, wire }) => {
        assert.deepEqual(await sideEffects(() => suite.create()), [], "creating the grant set this going");
        assert.match(grant.name, /^[^\p{C}]{1,500}$/u, "the name is one printable line");
        assert.equal(suite.create().name, grant.name, "the name is the same in every instance");
        assert.equal(wire.sent.length, 0);
        const credential = await suite.credential();
        assert.ok(!grant.accepts || grant.accepts.includes(credential.type), "it accepts the credential");
        assertConcealed(secretsOf(credential), grant.name);
      },
    },
    {
      id: "partition",
      title: "SEC-55 its partition is stable and secret-free, and costs no I/O",
      run: async ({ suite, grant, wire, globalFetch, check }) => {
        const credential = await suite.credential();
        assert.deepEqual(await sideEffects(() => grant.partition(credential)), [], "asking set this going");
        const without = await grant.partition();
        const partition = await grant.partition(credential);
        assert.ok(typeof partition === "string" && partition, "with the credential there is a partition");
        if (without !== undefined) assert.equal(partition, without, "the credential does not change it");
        assert.equal(await suite.create().partition(credential), partition, "every instance says the same");
        assert.equal(wire.sent.length + globalFetch.calls, 0, "nothing was sent");
        assertConcealed(secretsOf(credential), partition);
        check(partition);
      },
    },
    {
      id: "otherAccount",
      title: "SEC-55 another account has another partition",
      needs: "other",
      run: async ({ suite, grant }) => {
        const [one, two] = [
          await grant.partition(await suite.credential()),
          await grant.partition(suite.other?.()),
        ];
        assert.notEqual(one, two);
      },
    },
    {
      id: "exchange",
      title: "SEC-51 exchange yields a token set that counts from the moment the request was sent",
      run: async ({ suite, wire, clock, exchange, check }) => {
        wire.onSend = () => clock.advance(5_000);
        const credential = await suite.credential();
        const tokens = await exchange(credential);
        assertTokenSet(
          tokens,
          wire.sent.map(({ at }) => at),
        );
        assertConcealed([...secretsOf(tokens), ...secretsOf(credential)], tokens);
        check(tokens);
      },
    },
    {
      id: "refresh",
      title: "SEC-51 refresh yields a token set that counts from the moment the request was sent",
      ability: "refresh",
      run: async ({ suite, grant, wire, clock, exchange, context, drive, check }) => {
        const before = await exchange();
        assert.ok(before.refreshToken, "a grant that refreshes yields a refresh token");
        const sent = wire.sent.length;
        wire.onSend = () => clock.advance(5_000);
        const work = grant.refresh?.(before, context, await suite.credential());
        const tokens = await drive("refresh", work as Promise<TokenSet>);
        assertTokenSet(
          tokens,
          wire.sent.slice(sent).map(({ at }) => at),
        );
        assert.notEqual(tokens.accessToken.id, before.accessToken.id, "the token is another one");
        assertConcealed([...secretsOf(tokens), ...secretsOf(before)], tokens);
        check(tokens);
      },
    },
    {
      id: "revoke",
      title: "SEC-67 revoking twice is success twice",
      ability: "revoke",
      run: async ({ suite, grant, exchange, context, drive }) => {
        const tokens = await exchange();
        const credential = await suite.credential();
        for (let time = 0; time < 2; time++)
          await drive("revoke", grant.revoke?.(tokens, context, credential) as Promise<void>);
      },
    },
  ];
}

function assertTokenSet({ accessToken, refreshToken, extra }: TokenSet, sentAt: readonly number[]): void {
  assert.equal(typeof accessToken.reveal, "function", "the access token is an AccessToken");
  assert.match(accessToken.reveal(), /^[!-~]+$/, "the access token can travel in a header");
  assert.match(accessToken.type, /^\w+$/, "the access token has a type");
  assert.ok(accessToken.obtainedAt, "obtainedAt is there, or the lifetime would be unknown");
  assert.ok(
    sentAt.includes(accessToken.obtainedAt.getTime()),
    "obtainedAt is when the request was sent, not when the answer came",
  );
  if (accessToken.expiresAt)
    assert.ok(accessToken.expiresAt > accessToken.obtainedAt, "it expires after it was obtained");
  if (refreshToken) assert.equal(typeof refreshToken.reveal, "function", "the refresh token is a Secret");
  if (extra) assert.deepEqual(JSON.parse(JSON.stringify(extra)), extra, "extra is JSON");
}
