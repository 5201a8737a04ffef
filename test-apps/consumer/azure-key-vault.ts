import { fromAzureKeyVault } from "@auth/azure-key-vault";
import { basic, createAuth, isAuthError } from "@auth/core";

const credential = { getToken: async () => ({ token: "t", expiresOnTimestamp: Date.now() + 3_600_000 }) };
const client = {
  async getSecret(name: string) {
    const value = '{"username":"alice","password":"p"}';
    return { name, value, properties: { name, vaultUrl: "https://billing.vault.azure.net", version: "1" } };
  },
};
const auth = createAuth({ grant: basic(), credentials: fromAzureKeyVault({ secret: "acme-login", client }) });
if ((await auth.headers()).get("authorization") !== `Basic ${btoa("alice:p")}`) throw new Error("the secret");

// Microsoft's own client, and a vault that is not there.
const vault = "https://127.0.0.1:9";
const away: unknown = await fromAzureKeyVault({ vault, secret: "s", credential })
  .get()
  .catch((thrown: unknown) => thrown);
if (!isAuthError(away, "ERR_AUTH_UNREACHABLE")) throw new Error("a vault that is away is told apart");
