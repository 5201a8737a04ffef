import { digest } from "../digest.ts";
import { type AuthError, failure } from "../errors.ts";
import { grantContext, provenance } from "../exchange.ts";
import type { Answer } from "../memory.ts";
import { decodeRecord, encodeRecord } from "../record.ts";
import type { Secret } from "../secret.ts";
import { AccessToken, type TokenSet } from "../token.ts";
import { waitFor } from "../wait.ts";
import { blame } from "./blame.ts";
import { nothing } from "./mark.ts";
import { plain } from "./plain.ts";
import { save } from "./save.ts";
import { loginNeeded, type Trip, type Work } from "./trip.ts";

/** Would `work` use up a refresh token, or end the present token? Then it needs the lock, and nothing may interrupt it. */
export function spends({ setup, credential }: Pick<Trip, "setup" | "credential">, work: Work): boolean {
  return (
    work !== "exchange" ||
    (credential ? [credential.type] : (setup.grant.accepts ?? [])).includes("refresh-token")
  );
}

/** Asks the server. What comes back is not handed out before it is saved. */
export async function send(trip: Trip, work: Work): Promise<Answer> {
  const { setup, memory, flight, credential, partition } = trip;
  const { clock, grant, policy } = setup;
  flight.asked = true;
  const held = memory.held?.record;
  const offered =
    credential?.type === "refresh-token" ? await digest(credential.refreshToken.reveal()) : undefined;
  const known = offered && (offered === memory.refused || (held?.dead && offered === held.spent));
  if (work === "exchange" && known) {
    const what = "the server has refused this refresh token, or replaced it. Put a new one at its source.";
    const before = failure("GRANT", "refresh-token-rejected", grant.name, what);
    throw loginNeeded(trip, "refresh-token-rejected", blame(before, trip, work) as AuthError);
  }

  const old = work === "exchange" ? undefined : held?.tokens;
  const scopes = flight.login?.scopes ?? held?.scopes;
  const spent = old ? held?.spent : offered;
  // A person chose who they are; whatever else is asked for says so in its partition.
  const login = flight.login && grant.interactive ? crypto.randomUUID() : old ? held?.login : undefined;
  const startedAt = memory.now();
  const bought = old ? held?.bought : credential && plain(provenance(setup, credential));
  const answer = (tokens: TokenSet): Answer => ({
    record: { tokens, partition, scopes, spent, bought, login, order: memory.nextOrder(), more: held?.more },
    after: held?.order,
    key: trip.key,
    generation: trip.generation,
    sent: work === "refresh" ? old?.refreshToken?.reveal() : undefined,
    startedAt,
    work,
  });

  let salvaged: Secret | undefined;
  const interaction = flight.login?.interaction;
  const context = grantContext(setup, {
    // Once a refresh token has left, only the answer ends it (SEC-28).
    ...(!spends(trip, work) && { signal: flight.signal }),
    timeLeftMs: Math.max(0, flight.startedAt + policy.timeoutMs - clock.monotonic()),
    attempts: memory.failing ? "one" : "all",
    interaction,
    scopes,
    salvage: (token) => {
      salvaged = token;
    },
  });
  try {
    const tokens = !old
      ? await waitFor(grant.exchange(credential, context), context.signal)
      : work === "refresh"
        ? await grant.refresh?.(old, context, credential)
        : await grant.keepAlive?.(old, context);
    salvaged ??= tokens?.refreshToken;
    const left = old?.refreshToken?.reveal();
    if (work === "refresh" && left && salvaged && salvaged.reveal() !== left) memory.spend(left);
    // What the source has is spent as well, if the server gave another one for it.
    if (
      offered &&
      credential?.type === "refresh-token" &&
      salvaged &&
      salvaged.reveal() !== credential.refreshToken.reveal()
    )
      memory.refused = offered;
    const whole = readable(answer(old && tokens ? merge(old, tokens) : (tokens as TokenSet)), grant.name);
    flight.asked = false;
    return whole;
  } catch (thrown) {
    if (salvaged) {
      // SEC-32: the new refresh token is saved before any complaint; the complaint is what the caller hears.
      const tokens = { accessToken: nothing, ...old, refreshToken: salvaged };
      const rest = async (): Promise<unknown> =>
        save(trip, readable({ ...answer(tokens), salvaged: true }, grant.name));
      await rest().catch(() => {});
    }
    flight.signal.throwIfAborted();
    throw blame(thrown, trip, work);
  }
}

/** What could be written but not read back would be a lost login: only what survives both is an answer. */
function readable(answer: Answer, grant: string): Answer {
  try {
    return { ...answer, record: decodeRecord(encodeRecord(answer.record)) };
  } catch {
    throw failure("INVALID", "malformed-answer", grant, "answered with tokens that cannot be kept.");
  }
}

/** What an answer leaves out stays as it was (SEC-60). `refreshAfter` belongs to the one token. */
function merge(old: TokenSet, { accessToken, ...answer }: TokenSet): TokenSet {
  const { accessToken: stale, refreshAfter: _ended, ...kept } = old;
  const { type, id, expiresAt, obtainedAt, scopes = stale.scopes } = accessToken;
  const scoped = new AccessToken(accessToken.reveal(), { type, id, expiresAt, obtainedAt, scopes });
  const given = Object.fromEntries(
    Object.entries(answer).filter(([, value]) => value !== undefined && value !== null),
  );
  return { ...kept, ...given, accessToken: accessToken.scopes ? accessToken : scoped };
}
