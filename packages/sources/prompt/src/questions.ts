import type { Credential } from "@auth/core";
import type { CredentialFields } from "@auth/core/payload";

/** Everything but a private key: nobody types one. */
export type PromptType = Exclude<Credential["type"], "private-key">;

/** What may be asked for. */
export type PromptField =
  | "username"
  | "password"
  | "clientId"
  | "clientSecret"
  | "token"
  | "apiKey"
  | "refreshToken";

export interface Question {
  readonly field: PromptField;
  /** Not shown while it is typed. */
  readonly secret: boolean;
  readonly message: string;
}

export type Message = string | ((field: PromptField) => string) | undefined;

const parts: Readonly<
  Record<PromptType, { readonly who?: "username" | "clientId"; readonly secret: PromptField }>
> = {
  password: { who: "username", secret: "password" },
  "client-secret": { who: "clientId", secret: "clientSecret" },
  "access-token": { secret: "token" },
  "api-key": { secret: "apiKey" },
  "refresh-token": { secret: "refreshToken" },
};

const usual: Readonly<Record<PromptField, string>> = {
  username: "User name",
  password: "Password",
  clientId: "Client id",
  clientSecret: "Client secret",
  token: "Access token",
  apiKey: "API key",
  refreshToken: "Refresh token",
};

/** What a program may know beforehand. */
export const knowable: Readonly<Record<PromptType, readonly ("username" | "clientId")[]>> = {
  password: ["username"],
  "client-secret": ["clientId"],
  "refresh-token": ["clientId"],
  "access-token": [],
  "api-key": [],
};

/** The next thing to ask, given what is known; nothing if that is all. */
export function nextQuestion(
  type: PromptType,
  known: CredentialFields,
  message: Message,
): Question | undefined {
  const { who, secret } = parts[type];
  const field = [who, secret].find((field) => field && !known[field]?.trim());
  if (!field) return undefined;
  const whose = field === secret && who ? ` for ${known[who]}` : "";
  const asked =
    typeof message === "function"
      ? message(field)
      : field === secret && message
        ? message
        : usual[field] + whose;
  return { field, secret: field === secret, message: printable(asked) };
}

/** A user name or a text may come from anywhere; the terminal obeys control characters, people believe bidi ones (SEC-123). */
export function printable(text: string): string {
  return text.replace(/\p{C}/gu, "");
}
