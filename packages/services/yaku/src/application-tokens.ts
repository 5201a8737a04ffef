import { type Auth, type AuthError, Secret } from "@auth/core";
import type { Fields, Refused } from "@auth/oauth/http";
import { openApi, problem } from "./api-url.ts";
import { isApplicationToken } from "./application-token-id.ts";
import { type ApiOptions, apiOf } from "./call-api.ts";

/** What Yaku tells of a long-running application token, in its words. The token itself is shown once, by `create`. */
export interface ApplicationToken {
  readonly id: number;
  readonly description: string;
  /** It may do what an administrator may, as long as the person who made it is one. */
  readonly try_admin: boolean;
  readonly status: "active" | "revoked";
  /** Ids of people, and ISO 8601 times. */
  readonly createdBy: string;
  readonly creationTime: string;
  readonly lastModifiedBy: string;
  readonly lastModificationTime: string;
}

export type NewApplicationToken = ApplicationToken & { readonly token: Secret };

/** Of twenty each: more than anybody has. */
const mostPages = 500;

export interface ApplicationTokens {
  /** Makes one for a purpose of 1 to 1000 characters. The answer is the only place where its text ever shows. */
  create(description: string, options?: { tryAdmin?: boolean }): Promise<NewApplicationToken>;
  /** One's own, revoked ones too, the newest first. */
  list(): Promise<readonly ApplicationToken[]>;
  /** Ends one, within 60 s everywhere. Doing it twice is fine. */
  revoke(id: number): Promise<void>;
}

/**
 * The long-running application tokens of the person who is logged in. Changes show within 60 s, as Yaku keeps what it knows
 * of a token for that long: a revoked one may still be taken, and new permissions of the person not yet be seen.
 *
 * Errors: those of `auth.getToken`; `ERR_AUTH_INTERACTION_REQUIRED/application-token` if `create` is asked by such a token, as
 * only people make new ones; `ERR_AUTH_NOT_FOUND/no-token`; `ERR_AUTH_GRANT/refused`; `ERR_AUTH_INVALID/malformed-response`;
 * `ERR_AUTH_UNREACHABLE`. `TypeError` for wrong arguments, with nothing sent.
 *
 * @example
 * ```ts
 * const tokens = applicationTokens(auth, { url: "https://yaku.example" });
 * const { id, token } = await tokens.create("nightly build");
 * await tokens.revoke(id);
 * ```
 */
export function applicationTokens(auth: Auth, options: ApiOptions): ApplicationTokens {
  const http = openApi(options);
  const ask = apiOf(auth, options);
  const base = { endpoint: "application tokens", path: "/long-running-tokens" } as const;

  const sure: (good: unknown) => asserts good = (good) => {
    const text = "the answer is none about application tokens. Check `url`.";
    if (!good) throw problem(http, "ERR_AUTH_INVALID", "malformed-response", text);
  };
  const read = (value: unknown): ApplicationToken => {
    const { id, description, status } = Object(value) as Fields;
    sure(typeof id === "number" && typeof description === "string");
    sure(status === "active" || status === "revoked");
    return value as ApplicationToken;
  };
  const byToken = ({ status, error }: Refused): AuthError | undefined => {
    if (status !== 403 || !isApplicationToken(auth.peek()?.reveal() ?? "")) return undefined;
    const text = "makes application tokens for people only, and such a token asked. Log in as a person.";
    return error("ERR_AUTH_INTERACTION_REQUIRED", "application-token", text);
  };

  return {
    async create(description, { tryAdmin = false } = {}) {
      const text = description.trim();
      if (!text || text.length > 1_000) throw new TypeError("yaku: a description has 1 to 1000 characters");
      const body = { json: { description: text, try_admin: tryAdmin } };
      const made = await ask({ ...base, method: "POST", body, repeat: "once", refused: byToken });
      const { token } = made;
      sure(typeof token === "string" && token);
      return { ...read(made), token: new Secret(token) };
    },
    async list() {
      const found: ApplicationToken[] = [];
      const queries = new Set([""]);
      for (const query of queries) {
        const path = base.path + query;
        const { data, links } = await ask({ ...base, method: "GET", path, repeat: "freely" });
        sure(Array.isArray(data));
        found.push(...data.map(read));
        // Yaku makes the link of what proxies tell it: where our token goes is for us to say.
        const { next } = Object(links) as Fields;
        if (typeof next !== "string" || !URL.canParse(next)) break;
        const { search } = new URL(next);
        const text = "its pages go round in circles, or have no end. Ask who runs the server.";
        if (queries.has(search) || queries.size === mostPages)
          throw problem(http, "ERR_AUTH_INVALID", "malformed-response", text);
        queries.add(search);
      }
      return found;
    },
    async revoke(id) {
      const good = Number.isInteger(id) && id >= 1 && id < 2 ** 31;
      if (!good) throw new TypeError("yaku: a token's id is a whole number from 1 to 2147483647");
      const text = `knows no token ${id} of yours. List them.`;
      const refused = ({ status, error }: Refused): AuthError | undefined =>
        status === 404 ? error("ERR_AUTH_NOT_FOUND", "no-token", text) : undefined;
      const path = `${base.path}/${id}/revoke`;
      await ask({ ...base, method: "POST", path, repeat: "freely", refused, expect: "nothing" });
    },
  };
}
