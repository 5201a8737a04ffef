import {
  type AuthError,
  type Grant,
  type GrantContext,
  isAuthError,
  type PasswordCredential,
  type TokenSet,
} from "@auth/core";

export type Password = Grant<PasswordCredential>;

export const refreshed = (inner: Password, tokens: TokenSet, context: GrantContext): Promise<TokenSet> =>
  inner.refresh?.(tokens, context) as Promise<TokenSet>;

/** The careful grant with something done to what it yields, or to how it fails. */
export const after =
  (change: (tokens: TokenSet) => TokenSet) =>
  (inner: Password): Partial<Password> => ({
    exchange: async (credential, context) => change(await inner.exchange(credential, context)),
    refresh: async (tokens, context) => change(await refreshed(inner, tokens, context)),
  });
export const failing =
  (change: (error: AuthError, secret: string, context: GrantContext) => unknown) =>
  (inner: Password): Partial<Password> => ({
    exchange: (credential, context) =>
      inner.exchange(credential, context).catch((error: unknown) => {
        throw isAuthError(error) ? change(error, credential?.password.reveal() ?? "", context) : error;
      }),
    refresh: (tokens, context) =>
      refreshed(inner, tokens, context).catch((error: unknown) => {
        throw isAuthError(error) ? change(error, tokens.refreshToken?.reveal() ?? "", context) : error;
      }),
  });
/** The careful grant with another context. */
export const within =
  (change: (context: GrantContext) => GrantContext) =>
  (inner: Password): Partial<Password> => ({
    exchange: (credential, context) => inner.exchange(credential, change(context)),
    refresh: (tokens, context) => refreshed(inner, tokens, change(context)),
  });
export const sending = (
  change: (request: Request) => Request | Promise<Request>,
): ReturnType<typeof within> =>
  within((context) => ({
    ...context,
    fetch: async (input, init) => context.fetch(await change(new Request(input, init))),
  }));

/** What makes a grant break a promise, and the cases that see it. */
export interface Mutant {
  readonly change: (inner: Password) => Partial<Password>;
  readonly fails: readonly RegExp[];
}
