import { doesIdentityRequireRefresh, isIdentityExpired, memoizeIdentityProvider } from "@smithy/core";
import type { Contender } from "../contender.ts";
import { exchange } from "../desk.ts";

interface TokenIdentity {
  readonly token: string;
  readonly expiration: Date;
}

export const contender: Contender = {
  name: "@smithy/core",
  what: "memoizeIdentityProvider with its own isIdentityExpired and doesIdentityRequireRefresh; a provider of plain fetch",
  async open(desk) {
    const provider = memoizeIdentityProvider<TokenIdentity>(
      async () => {
        const { access_token: token, expires_in } = await exchange(desk);
        return { token, expiration: new Date(Date.now() + expires_in * 1000) };
      },
      isIdentityExpired,
      doesIdentityRequireRefresh,
    );
    if (!provider) throw new TypeError("memoizeIdentityProvider made nothing of a provider");
    return { token: () => provider(), text: ({ token }: TokenIdentity) => token };
  },
  shared: "no store: what is memoized is in memory",
};
