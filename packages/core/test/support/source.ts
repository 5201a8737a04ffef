import { type Credential, type Provider, Secret } from "@auth/core";

/** A provider whose value a test changes, holds or fails. */
export interface Source extends Provider {
  value: Credential;
  /** One entry for each read: past the caches or not. */
  readonly reads: ("plain" | "forced")[];
  /** Called before a read answers: throws to fail it, waits to hold it. */
  before: (forced: boolean) => unknown;
}

export function source(value: Credential, { interactive = false }: { interactive?: boolean } = {}): Source {
  const self: Source = {
    name: "test source",
    interactive,
    value,
    reads: [],
    before: () => {},
    async get({ forceRefresh = false } = {}) {
      self.reads.push(forceRefresh ? "forced" : "plain");
      await self.before(forceRefresh);
      return self.value;
    },
  };
  return self;
}

export function password(username = "alice", secret = "pw"): Credential {
  return { type: "password", username, password: new Secret(secret), account: username };
}

export function refreshToken(text = "rt-0"): Credential {
  return { type: "refresh-token", refreshToken: new Secret(text) };
}
