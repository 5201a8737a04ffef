import { setImmediate as macrotask } from "node:timers/promises";
import { AuthError, type AuthErrorCode, type Credential, type Provider, Secret } from "@auth/core";

type State = "present" | "absent" | "denied" | "malformed" | "halfConfigured" | "unreachable";
export interface World {
  state: State;
  secret: string;
  gate: Promise<void>;
}

export const codes: Readonly<Record<Exclude<State, "present">, AuthErrorCode>> = {
  absent: "ERR_AUTH_NOT_FOUND",
  denied: "ERR_AUTH_DENIED",
  malformed: "ERR_AUTH_INVALID",
  halfConfigured: "ERR_AUTH_INVALID",
  unreachable: "ERR_AUTH_UNREACHABLE",
};

export const fail = (code: AuthErrorCode, message = "vault: no; mend it"): never => {
  throw new AuthError(code, "because", message, { provider: "vault" });
};

/** What a careful author writes. */
export function careful(world: World): Provider {
  return {
    name: "vault",
    async get({ signal } = {}) {
      signal?.throwIfAborted();
      const left = new Promise<never>((_, reject) =>
        signal?.addEventListener("abort", () => reject(signal.reason)),
      );
      await Promise.race([world.gate.then(() => macrotask()), left]);
      if (world.state !== "present") return fail(codes[world.state]);
      if (world.secret === "") return fail("ERR_AUTH_NOT_FOUND");
      return Object.freeze({ type: "api-key", key: new Secret(world.secret), expiresAt: new Date(0) });
    },
  };
}

/** The suite around what `create` makes of a world of its own. */
export function suiteOf(create: (world: World) => Provider) {
  const world: World = { state: "absent", secret: "", gate: Promise.resolve() };
  const put = (state: State) => (secret: string) => {
    Object.assign(world, { state, secret });
  };
  return {
    name: "vault",
    create: () => create(world),
    arrange: {
      present: put("present"),
      absent: () => put("absent")(""),
      denied: put("denied"),
      malformed: put("malformed"),
      halfConfigured: put("halfConfigured"),
      unreachable: put("unreachable"),
      slow(secret: string) {
        put("present")(secret);
        const { promise, resolve } = Promise.withResolvers<void>();
        world.gate = promise;
        return resolve;
      },
    },
    reveal: (credential: Credential) => (credential.type === "api-key" ? credential.key.reveal() : ""),
    cleanup: () => {
      world.gate = Promise.resolve();
    },
  };
}

/** The careful provider with another `get` around it. */
export const around =
  (get: (inner: Provider, options: Parameters<Provider["get"]>[0], world: World) => Promise<unknown>) =>
  (world: World): Provider => {
    const inner = careful(world);
    return { ...inner, get: (options) => get(inner, options, world) as Promise<Credential> };
  };

/** The careful provider with other errors. */
export const onError = (change: (error: AuthError, world: World) => unknown) =>
  around((inner, options, world) =>
    inner.get(options).catch((error: unknown) => {
      throw error instanceof Error && "code" in error ? change(error as AuthError, world) : error;
    }),
  );

/** The careful provider with other values. */
export const onValue = (change: (value: Credential & { type: "api-key" }) => unknown) =>
  around(async (inner, options) => change((await inner.get(options)) as Credential & { type: "api-key" }));

/** A provider that breaks a promise, and the cases that see it. */
export interface Mutant {
  readonly make: (world: World) => Provider;
  readonly fails: readonly RegExp[];
}
