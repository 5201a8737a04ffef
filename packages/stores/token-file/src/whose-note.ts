import { createHash } from "node:crypto";
import { AuthError, decodeRecord, type TokenRecord, type TokenStore } from "@auth/core";
import type { Layout } from "./layout.ts";

/** For whom a login is: for which server, client and account, and with which scopes. */
interface Whose {
  readonly token: string;
  readonly partition: string | undefined;
  readonly scopes: readonly string[] | undefined;
}

/** What nobody noted, and nothing tells, is a login of nobody: no grant has this partition. */
export const nobody = "?";

/** Enough for the one that is in the file, and those that were about to be when somebody died. */
const most = 4;
/** All of them, whatever they are kept under: each is known by its token. */
const key = "logins";

/**
 * What another program's file has no room for: for whom each of its logins is. It stands in a file of ours beside that one, by
 * the digest of the access token, and holds no secret.
 */
export class WhoseNote {
  readonly #store: TokenStore;

  constructor(store: TokenStore) {
    this.#store = store;
  }

  /** What was noted of this record, in its partition. Undefined: nothing. */
  async find(record: TokenRecord): Promise<TokenRecord | undefined> {
    const token = digest(record);
    const noted = (await this.#read()).whose.find((each) => each.token === token);
    if (!noted) return undefined;
    // The other program, or a person, wants other scopes by now.
    const others = record.scopes && words(record.scopes) !== words(noted.scopes);
    return { ...record, partition: others ? nobody : (noted.partition ?? nobody) };
  }

  /** Before the record is in the other program's file: never is one there that nobody knows. */
  put(value: string): Promise<void> {
    const record = decodeRecord(value);
    const { partition, scopes } = record;
    const ours: Whose = { token: digest(record), partition, scopes };
    return this.#change((whose) => [...whose.filter(({ token }) => token !== ours.token), ours].slice(-most));
  }

  /** The login is gone. */
  forget(record: TokenRecord): Promise<void> {
    const gone = digest(record);
    return this.#change((whose) => whose.filter(({ token }) => token !== gone));
  }

  async #change(changed: (whose: readonly Whose[]) => readonly Whose[]): Promise<void> {
    for (let tries = 0; tries < 6; tries++) {
      const { whose, generation } = await this.#read();
      const next = changed(whose);
      const text = JSON.stringify(next);
      if (text === JSON.stringify(whose)) return;
      if (next.length === 0) await this.#store.delete(key, generation);
      else if ((await this.#store.write(key, text, generation)) !== undefined) return;
    }
    const problem = `${this.#store.name}: others keep writing the note of whose it is. Try again.`;
    throw new AuthError("ERR_AUTH_UNREACHABLE", "store-contended", problem, { provider: this.#store.name });
  }

  async prepare(): Promise<void> {
    await this.#store.prepare?.(key);
  }

  async #read(): Promise<{ whose: readonly Whose[]; generation?: string }> {
    const found = await this.#store.read(key);
    return found ? { whose: parse(found.value), generation: found.generation } : { whose: [] };
  }
}

/** The file is the note, and goes when nothing is noted. */
export const whoseLayout: Layout = {
  find: (text) => ({ value: text, generation: sha256(text) }),
  has: () => true,
  change: (_text, _key, wanted) => ({ text: wanted?.value, generation: wanted ? sha256(wanted.value) : "" }),
};

/** One that makes no sense says nothing: what it was about is nobody's. */
function parse(text: string): readonly Whose[] {
  try {
    const whose: unknown = JSON.parse(text);
    return Array.isArray(whose) ? whose.filter((each) => typeof Object(each).token === "string") : [];
  } catch {
    return [];
  }
}

const sha256 = (text: string): string => createHash("sha256").update(text).digest("base64url");
const digest = ({ tokens }: TokenRecord): string => sha256(tokens.accessToken.reveal());

const words = (scopes: readonly string[] = []): string => [...new Set(scopes)].sort().join(" ");
