import { type Attempt, compact, toAuthError } from "../errors.ts";
import type { AuthEvent, Happening } from "../events.ts";
import { provenance } from "../exchange.ts";
import type { Provider } from "../provider.ts";
import type { Setup } from "../setup.ts";
import { waitFor } from "../wait.ts";
import { plain } from "./plain.ts";

/** Gives events to the app, if it listens. Part of the engine, so that an app that does not listen need not load it. */
export function listen(setup: Setup): void {
  const { onEvent, name, clock, credentials } = setup;
  if (!onEvent) return;
  setup.onEvent = undefined; // it hears from here on
  setup.emit = ({ error, what, provider, version, account, ...event }) => {
    const { code, reason, message } = error ?? {};
    const said = plain({ provider: error ? (error.provider ?? provider) : provider, version, account });
    const happening = { ...event, ...said, ...compact({ code, reason }) };
    const words = message ?? `${name}: ${what ?? inWords(happening)}`;
    const whole: AuthEvent = { ...happening, message: words, auth: name, at: new Date(clock.now()) };
    // An observer that throws or rejects must not end what it observes.
    const tell = async (): Promise<unknown> => onEvent(whole);
    tell().catch(() => {});
  };
  if (credentials) setup.credentials = overheard(credentials, setup);
}

/** A provider of which no read is without its event: who read what, when, with which outcome. */
function overheard(source: Provider, setup: Setup): Provider {
  const { clock } = setup;
  return {
    name: source.name,
    get interactive() {
      return source.interactive === true;
    },
    get account() {
      return source.account;
    },
    async get(options = {}) {
      const since = clock.monotonic();
      const passed: Attempt[] = [];
      const tell = (outcome: Partial<Happening>): void =>
        setup.emit({
          type: "read",
          provider: source.name,
          durationMs: clock.monotonic() - since,
          ...(passed.length > 0 && { passedOver: passed }),
          ...outcome,
        });
      try {
        const reading = source.get({ ...options, onPassedOver: (link) => passed.push(link) });
        const credential = await waitFor(reading, options.signal);
        tell(provenance(setup, Object(credential)));
        return credential;
      } catch (thrown) {
        const error = options.signal?.aborted ? undefined : toAuthError(thrown, source.name);
        tell(error ? { error } : { reason: "aborted" });
        throw error ?? thrown;
      }
    },
  };
}

/** The facts of an event as a sentence. */
function inWords({ type, action, provider, version, account, reason, passedOver }: Happening): string {
  const bought = type === "adopted" || (type === "renewed" && action !== "exchange");
  const facts = [
    type === "adopted" && "what another one had put into the store",
    type === "rejected" && "by a server that was shown the token",
    action && `by ${action}`,
    provider && (bought ? `bought with the credential of ${provider}` : `from ${provider}`),
    version && `version ${version}`,
    account && `of ${account}`,
    reason && `(${reason})`,
    ...(passedOver ?? []).map((link) => `past ${link.provider} (${link.reason})`),
  ];
  return [type, ...facts].filter(Boolean).join(" ");
}
