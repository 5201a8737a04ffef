import type { Credential } from "./credential.ts";
import { failure, toAuthError } from "./errors.ts";
import type { Flight } from "./flight.ts";
import type { GrantContext } from "./grant.ts";
import type { Answer, Memory } from "./memory.ts";
import type { Provenance } from "./record.ts";
import type { Setup } from "./setup.ts";
import { AccessToken } from "./token.ts";
import { waitFor } from "./wait.ts";

/** Loads the part that talks to servers. Whoever listens hears from here on: before it, there is nothing to hear. */
export async function engine(setup: Setup): Promise<typeof import("./engine/index.ts")> {
  const loaded = await import("./engine/index.ts");
  loaded.listen(setup);
  return loaded;
}

/** What a grant may use; `more` is what this call adds. */
export function grantContext(setup: Setup, more?: Partial<GrantContext>): GrantContext {
  const { fetch, clock } = setup;
  const warn = (reason: string): void => setup.emit({ type: "warning", reason });
  return { signal: new AbortController().signal, fetch, clock, warn, salvage: () => {}, ...more };
}

/** Reads the credential and checks that the grant takes it. */
export async function readCredential(
  setup: Setup,
  flight: Pick<Flight, "signal" | "attended" | "asked">,
  forceRefresh = false,
): Promise<Credential | undefined> {
  const { credentials, grant, name } = setup;
  const { signal, attended } = flight;
  if (!credentials || !grant.accepts?.length) return undefined;
  if (credentials.interactive && !attended)
    throw failure("INTERACTION_REQUIRED", "login-needed", name, "login needed. Log in again.");
  const { accepts } = grant;
  flight.asked = true;
  let credential: Credential;
  try {
    // A source that does not heed the signal must not hold everybody up.
    credential = await waitFor(credentials.get({ signal, forceRefresh, accepts }), signal);
  } catch (thrown) {
    signal.throwIfAborted();
    throw toAuthError(thrown, credentials.name);
  }
  if (!accepts.includes(credential?.type)) throw (await engine(setup)).otherType(setup, credential);
  flight.asked = false;
  return credential;
}

/** What a credential says of itself: where it comes from, which one it is, whose. */
export function provenance({ credentials }: Setup, credential: Credential): Provenance {
  const { source = credentials?.name, version, account } = credential;
  return { provider: source, version, account };
}

/** A grant that costs nothing has nothing to lock or keep. */
export async function exchangeLocally(setup: Setup, memory: Memory, flight: Flight): Promise<AccessToken> {
  const { grant, named } = setup;
  // The token is the credential: a new one can only come from past the source's cache.
  const credential = await readCredential(
    setup,
    flight,
    memory.rejected || memory.secretRefused || flight.force,
  );
  memory.partition = await grant.partition(credential);
  const key = named ?? memory.partition ?? "";
  memory.key = key;
  const startedAt = memory.now();
  const tokens = await waitFor(
    grant.exchange(credential, grantContext(setup, { signal: flight.signal })),
    flight.signal,
  ).catch(async (thrown) => {
    flight.signal.throwIfAborted();
    throw (await engine(setup)).blame(thrown, { setup, credential }, "exchange");
  });
  const { accessToken } = tokens;
  const record = {
    tokens: { ...tokens, accessToken: new AccessToken(accessToken.reveal(), accessToken) },
    bought: credential && provenance(setup, credential),
  };
  return publish(setup, memory, flight, {
    record,
    key,
    startedAt,
    work: "exchange",
  });
}

/** Makes the answer what everybody gets. */
export function publish(
  setup: Setup,
  memory: Memory,
  flight: Flight,
  { record, startedAt, work, salvaged }: Answer,
  generation?: string,
): AccessToken {
  const { clock, grant, name } = setup;
  if (memory.ended >= flight.turn)
    throw failure("INTERACTION_REQUIRED", "logged-out", name, "logged out. Log in again.");
  if (grant.local && memory.token && memory.published > flight.turn) return memory.token; // ours is older
  const delayed = memory.unsaved?.error !== undefined; // it may have expired while it could not be saved
  memory.published = flight.turn;
  flight.renewed = true;
  memory.unsaved = undefined;
  const token = memory.hold(record, generation, salvaged ? undefined : startedAt);
  if (salvaged) return token;
  if (startedAt.monotonic >= flight.startedAt && !delayed && !memory.usable()) {
    flight.asked = true; // asking again at once would bring the same
    throw failure(
      "INVALID",
      "expired-on-arrival",
      name,
      `${grant.name} answered with an expired token. Check this machine's clock.`,
    );
  }
  const type = flight.login ? "login" : "renewed";
  const durationMs = clock.monotonic() - flight.startedAt;
  setup.emit({ type, action: work, tokenId: token.id, durationMs, ...record.bought });
  return token;
}
