import { environment } from "./host.ts";
import type { Values } from "./parse-env.ts";
import { readDotenv } from "./read-dotenv.ts";

export type Environment = Readonly<Record<string, string | undefined>>;

interface Place {
  readonly source: string;
  readonly env: Environment | undefined;
  readonly dotenv: string | undefined;
  readonly signal: AbortSignal | undefined;
  /** What is set already decides: the `.env` file is not looked at. */
  readonly enough: (values: Values) => boolean;
}

/** The `variables` that are set: in the environment, or else in the `.env` file, which is opened only if it is needed. */
export async function readEnv(variables: readonly string[], place: Place): Promise<Values> {
  const { env = environment(), dotenv, signal, source, enough } = place;
  signal?.throwIfAborted();
  const found = new Map<string, string>();
  const look = (environment: Environment): void => {
    for (const name of variables) {
      const value = environment[name];
      // Blank is not set, as in `ACME_TOKEN= program`; and `constructor` is no variable.
      if (!found.has(name) && typeof value === "string" && value.trim() !== "") found.set(name, value);
    }
  };
  look(env);
  if (dotenv !== undefined && !enough(found)) {
    look(await readDotenv(dotenv, source));
    signal?.throwIfAborted();
  }
  return found;
}
