import { AuthError, systemClock } from "@auth/core";
import { type Asker, askInChild } from "./ask-in-child.ts";
import { type Call, type Keytar, keytarBackend, type NapiKeyring, napiBackend } from "./backends.ts";
import type { KeychainOptions } from "./keychain-options.ts";
import { toAuthError } from "./to-auth-error.ts";

/** A keychain that answers in time, or fails with one of our errors. */
export interface Keychain {
  /** Resolves to `undefined` only if nothing is there. */
  get(service: string, account: string): Promise<string | undefined>;
  set(service: string, account: string, text: string): Promise<void>;
  /** Resolves to false only if nothing was there. */
  delete(service: string, account: string): Promise<boolean>;
  /** Lets go of its process; whoever waits hears `UNAVAILABLE/disposed`. */
  end(): void;
}

/** Opens nothing yet: the keychain is asked when there is something to ask. */
export function openKeychain(options: KeychainOptions, source: string): Keychain {
  const { backend = "napi", client, store = "secret-service", interactive, clock = systemClock } = options;
  const { timeoutMs = interactive ? 60_000 : 5_000 } = options;
  const own = client ? askHere(backend, client, store) : askInChild(backend, store, clock);
  // Of a locked keychain on Linux, keytar says that nothing is there, and that nothing was deleted.
  const doubtful = backend === "keytar" && process.platform === "linux";
  const second = doubtful ? askInChild("napi", "secret-service", clock) : undefined;

  let life = new AbortController();

  function end(): void {
    own.end();
    second?.end();
  }

  async function surely(call: Call): Promise<unknown> {
    const answer = await own.ask(call);
    if (second && (answer === undefined || answer === null || answer === false)) {
      try {
        await second.ask({ ...call, do: "look-for-locks" });
      } catch (thrown) {
        const error = toAuthError(thrown, { source, what: "get", item: itemOf(call) });
        // Without the system's keychain, keytar itself would have failed: this is a look-alike that keeps things elsewhere.
        if (error.reason !== "no-keychain") throw error;
      }
    }
    return answer;
  }

  async function inTime(call: Call & { readonly do: "get" | "set" | "delete" }): Promise<unknown> {
    const over = new AbortController();
    const { signal: alive } = life;
    const leave = (): void => over.abort(alive.reason);
    alive.addEventListener("abort", leave, { once: true });
    const tooLong = clock.sleep(timeoutMs, { signal: over.signal }).then(() => {
      end();
      const hint = interactive
        ? "Unlock it, or look whether it hangs"
        : "It hangs, or waits for a person: unlock it, or set `interactive`";
      const text = `${source}: cannot ${call.do} ${itemOf(call)}: the keychain did not answer within ${timeoutMs} ms. ${hint}.`;
      throw new AuthError("ERR_AUTH_UNREACHABLE", "timeout", text, { provider: source });
    });
    tooLong.catch(() => {}); // ended by `over`: answered, or disposed of
    const answer = surely(call);
    answer.catch(() => {}); // it may come when nobody waits any more
    try {
      return await Promise.race([answer, tooLong]);
    } catch (thrown) {
      throw toAuthError(thrown, { source, what: call.do, item: itemOf(call) });
    } finally {
      alive.removeEventListener("abort", leave);
      over.abort();
    }
  }

  return {
    async get(service, account) {
      const text = await inTime({ do: "get", service, account });
      if (typeof text === "string") return text;
      if (text === undefined || text === null) return undefined;
      const said = new Error("not valid UTF-8"); // what a look-alike gives as bytes is there all the same
      throw toAuthError(said, { source, what: "get", item: itemOf({ service, account }) });
    },
    async set(service, account, text) {
      await inTime({ do: "set", service, account, text });
    },
    async delete(service, account) {
      return (await inTime({ do: "delete", service, account })) === true;
    },
    end() {
      const text = `${source}: was disposed while the keychain was asked.`;
      life.abort(new AuthError("ERR_AUTH_UNAVAILABLE", "disposed", text, { provider: source }));
      life = new AbortController();
      end();
    },
  };
}

/** In this process: a call that hangs is left behind, and cannot be ended. */
function askHere(
  backend: "napi" | "keytar",
  client: NapiKeyring | Keytar,
  store: "secret-service" | "keyutils",
): Asker {
  const ask =
    backend === "napi" ? napiBackend(client as NapiKeyring, store) : keytarBackend(client as Keytar);
  return { ask, end() {} };
}

function itemOf({ service, account }: Pick<Call, "service" | "account">): string {
  return `"${account}" of "${service}"`;
}
