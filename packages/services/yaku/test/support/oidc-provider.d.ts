// The parts of oidc-provider that the fixture uses; it ships no types of its own.
declare module "oidc-provider" {
  import type { IncomingMessage, ServerResponse } from "node:http";

  interface Client {
    readonly clientId: string;
  }
  interface Saved {
    readonly tokenType: string;
    readonly expiration: number;
    readonly isValid: boolean;
    save(): Promise<string>;
  }
  interface Model<T> {
    new (facts: Record<string, unknown>): Saved & T;
    find(id: string): Promise<(Saved & T) | undefined>;
  }
  interface DeviceCode {
    readonly clientId: string;
    readonly params: Readonly<Record<string, string | undefined>>;
  }
  export interface TokenContext {
    body: unknown;
    readonly oidc: {
      readonly client: Client;
      readonly params: Readonly<Record<string, string | undefined>>;
    };
  }
  export class Provider {
    constructor(issuer: string, configuration: Record<string, unknown>);
    readonly Client: { find(id: string): Promise<Client | undefined> };
    readonly Grant: Model<{ addOIDCScope(scope: string): void }>;
    readonly AccessToken: Model<object>;
    readonly ClientCredentials: Model<object>;
    readonly RefreshToken: Model<object>;
    readonly DeviceCode: {
      findByUserCode(userCode: string): Promise<(DeviceCode & { save(): Promise<string> }) | undefined>;
    };
    registerGrantType(
      name: string,
      handler: (context: TokenContext) => Promise<void>,
      parameters: readonly string[],
    ): void;
    on(event: string, listener: (...facts: unknown[]) => void): void;
    callback(): (request: IncomingMessage, response: ServerResponse) => void;
  }
  export const errors: { readonly InvalidGrant: new (detail: string) => Error };
}
