import { systemClock } from "../clock.ts";
import type { Credential } from "../credential.ts";
import { compact, failure, toAuthError } from "../errors.ts";
import { grantContext, readCredential } from "../exchange.ts";
import type { ExplainOptions } from "../explain.ts";
import type { Grant } from "../grant.ts";
import { memoryStore } from "../memory-store.ts";
import type { Explanation, Provider, ServerAnswer } from "../provider.ts";
import { checked, type Setup } from "../setup.ts";
import type { TokenSet } from "../token.ts";
import { waitFor } from "../wait.ts";
import { blame } from "./blame.ts";

const why = {
  "no-grant": "The server was not asked.",
  "no-credential": "The server was not asked: there is no credential to show it.",
  interactive: "The server was not asked: only a person can sign in.",
  local: "No server was asked: the credential is used as it is.",
  "spends-refresh-token": "The server was not asked: that would use up the refresh token.",
};

/** Shows the server the credential, once. Of its answer nothing is kept, and a new refresh token is given back. */
export async function askServer(
  found: Explanation,
  provider: Provider<unknown>,
  { grant, fetch, clock = systemClock, signal }: ExplainOptions,
): Promise<ServerAnswer> {
  const startedAt = clock.monotonic();
  const said = (outcome: ServerAnswer["outcome"], more: object = {}): ServerAnswer =>
    compact<ServerAnswer>({ outcome, ...more, durationMs: Math.round(clock.monotonic() - startedAt) });
  const notAsked = (reason: keyof typeof why): ServerAnswer =>
    said("not-asked", { reason, message: why[reason] });

  if (!grant) return notAsked("no-grant");
  const credentials = provider as Provider;
  const setup = checked({ grant, credentials, store: memoryStore({ clock }), fetch, clock });
  const reads = Boolean(grant.accepts?.length);
  if (grant.interactive || (reads && found.reason === "interactive")) return notAsked("interactive");
  if (grant.local) return notAsked("local");
  if (reads && found.outcome !== "found") return notAsked("no-credential");

  const over = new AbortController();
  const ends = AbortSignal.any([over.signal, ...(signal ? [signal] : [])]);
  const { timeoutMs } = setup.policy;
  const late = (): void =>
    over.abort(failure("UNREACHABLE", "timeout", setup.name, `no answer within ${timeoutMs} ms. Try again.`));
  const answered = new AbortController();
  clock.sleep(timeoutMs, { signal: answered.signal }).then(late, () => {}); // answered in time
  let credential: Credential | undefined;
  try {
    // Of a chain that ends at a person, an earlier link has it: nobody is asked.
    credential = await readCredential(setup, { signal: ends, attended: true });
    if (credential?.type === "refresh-token") return notAsked("spends-refresh-token");
    const context = grantContext(setup, { signal: ends });
    const tokens = await waitFor(grant.exchange(credential, context), ends);
    const answer = said("answered");
    await giveBack(setup, tokens, credential, ends);
    return answer;
  } catch (thrown) {
    signal?.throwIfAborted();
    const blamed = blame(thrown, { setup, credential }, "exchange");
    const { code, reason, message, status } = toAuthError(blamed, grant.name);
    return said(code, { reason, message, status });
  } finally {
    answered.abort();
  }
}

/** A login that nobody keeps is better ended. The access token ends by itself. */
async function giveBack(
  setup: Setup,
  tokens: TokenSet,
  credential: Credential | undefined,
  signal: AbortSignal,
): Promise<void> {
  const grant: Grant = setup.grant;
  if (!tokens.refreshToken) return;
  try {
    await waitFor(
      Promise.resolve(grant.revoke?.(tokens, grantContext(setup, { signal }), credential)),
      signal,
    );
  } catch {
    // it was only asked for a favour
  }
}
