// The parts of oidc-provider that the demo uses; it ships no types of its own.
declare module "oidc-provider" {
  import type { IncomingMessage, ServerResponse } from "node:http";

  interface Client {
    readonly clientId: string;
  }
  interface Saved {
    readonly clientId: string;
    readonly isValid: boolean;
    save(): Promise<string>;
  }
  interface Model<T> {
    new (facts: Record<string, unknown>): Saved & T;
    find(id: string): Promise<(Saved & T) | undefined>;
  }
  interface TokenContext {
    readonly oidc: { readonly client?: Client };
  }
  export class Provider {
    constructor(issuer: string, configuration: Record<string, unknown>);
    readonly Client: { find(id: string): Promise<Client | undefined> };
    readonly Grant: Model<{ addOIDCScope(scope: string): void }>;
    readonly AccessToken: Model<object>;
    readonly ClientCredentials: Model<object>;
    readonly RefreshToken: Model<object>;
    on(
      event: "grant.success" | "grant.error" | "grant.revoked",
      listener: (context: TokenContext, about?: { readonly error_detail?: string }) => void,
    ): void;
    callback(): (request: IncomingMessage, response: ServerResponse) => void;
  }
}
