import type { Readable } from "node:stream";
import type { SecretsManagerClient, SecretsManagerClientConfig } from "@aws-sdk/client-secrets-manager";
import type { Limited } from "./limits.ts";
import { loadFailure } from "./load-failure.ts";
import { regionOf } from "./secret-options.ts";
import { named, type Transport } from "./transport.ts";
import { settingsWithoutHome } from "./without-home.ts";

type Sdk = typeof import("@aws-sdk/client-secrets-manager");
type Limits = typeof import("./limits.ts").limits;

/** The part of the SDK's `SecretsManagerClient` that is used: `SecretsManager` and other copies of the SDK fit too. */
export interface SecretsManagerClientLike {
  // biome-ignore lint/suspicious/noExplicitAny: the SDK's commands have a type per version
  send(command: any, options?: { abortSignal?: AbortSignal }): Promise<unknown>;
  readonly config?: { readonly region?: unknown };
}

interface Answer {
  readonly SecretString?: string;
  readonly SecretBinary?: Uint8Array;
  readonly VersionId?: string;
}

/** The way by the vendor's SDK, which nothing loads before the first read. */
export function sdkTransport({
  name,
  region,
  client: theirs,
}: {
  /** For messages. */
  readonly name: string;
  readonly region: string | undefined;
  readonly client: SecretsManagerClientLike | undefined;
}): Transport {
  let ours: SecretsManagerClient | undefined;

  return {
    async read({ secretId, versionId, versionStage }, { signal }) {
      const settings = theirs || ours ? {} : settingsWithoutHome(name, region); // before the SDK looks for a home
      const [sdk, { limits }, { failedLogin, watchingMetadata }] = await Promise.all([
        import("@aws-sdk/client-secrets-manager").catch((thrown: unknown) => {
          throw loadFailure(thrown, name, true);
        }),
        import("./limits.ts"), // so that node:stream, too, is loaded only now
        import("./failed-login.ts"),
      ]);
      signal.throwIfAborted(); // nobody waits any more, and nobody would destroy the client
      if (theirs) await sameRegion(theirs, secretId);
      if (!theirs) ours ??= connect(sdk, limits, { ...(region !== undefined && { region }), ...settings });
      const command = new sdk.GetSecretValueCommand({
        SecretId: secretId,
        ...(versionId !== undefined && { VersionId: versionId }),
        ...(versionStage !== undefined && { VersionStage: versionStage }),
      });
      const answer = await watchingMetadata(async (metadataFailed) => {
        try {
          return (await (theirs ?? ours)?.send(command, { abortSignal: signal })) as Answer | undefined;
        } catch (thrown) {
          throw (await failedLogin(thrown, name, metadataFailed())) ?? thrown;
        }
      });
      return { text: answer?.SecretString, bytes: answer?.SecretBinary, versionId: answer?.VersionId };
    },
    networkNote: theirs ? undefined : ignoredProxy,
    close() {
      ours?.destroy();
    },
  };
}

/** Repeats are ours, so that there is one rule for them (L3); what it may talk to and how much it may say is limited below. */
function connect(
  { SecretsManagerClient }: Sdk,
  limits: Limits,
  settings: SecretsManagerClientConfig,
): SecretsManagerClient {
  const client = new SecretsManagerClient({ maxAttempts: 1, ...settings });
  client.middlewareStack.add(
    (next) => async (args) => {
      limits.check(args.request as Limited["request"]);
      const result = await next(args);
      const response = result.response as { body?: Readable };
      if (response.body) response.body = limits.atMost(response.body);
      return result;
    },
    { step: "deserialize", priority: "low", name: "limits", override: true },
  );
  return client;
}

/** The SDK goes through no proxy by itself, whatever the environment says and Node is told. */
function ignoredProxy(): string | undefined {
  const { env } = process;
  const name = ["https_proxy", "HTTPS_PROXY"].find((each) => env[each]);
  return (
    name &&
    `${name} is set, and the AWS SDK does not look at it: give a \`client\` that goes through the proxy`
  );
}

/** A client of another region would be answered for another secret of the same name, or refused for a reason that misleads. */
async function sameRegion({ config }: SecretsManagerClientLike, secretId: string): Promise<void> {
  const wanted = regionOf(secretId);
  if (!wanted || typeof config?.region !== "function") return;
  if ((await config.region()) !== wanted) throw named("RegionConflict");
}
