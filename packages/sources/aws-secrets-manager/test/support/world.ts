import { randomUUID } from "node:crypto";
import {
  CreateSecretCommand,
  DeleteSecretCommand,
  PutSecretValueCommand,
  RestoreSecretCommand,
  SecretsManagerClient,
  type SecretsManagerClientConfig,
  UpdateSecretVersionStageCommand,
} from "@aws-sdk/client-secrets-manager";
import { afterAll, afterEach, beforeAll, beforeEach, describe, inject, vi } from "vitest";
import { type AwsFront, awsFront, login } from "./aws-front.ts";
import { secretsManager } from "./secrets-manager.ts";

declare module "vitest" {
  export interface ProvidedContext {
    /** Where the emulator listens; undefined where it is not installed. */
    readonly motoUrl: string | undefined;
  }
}

export interface World {
  readonly front: AwsFront;
  /** What a program finds in its environment: where the store is, and who it is. */
  readonly env: Readonly<Record<string, string>>;
  readonly login: typeof login;
  /** A client as an app makes it. */
  readonly client: (options?: SecretsManagerClientConfig) => SecretsManagerClient;
  /** A new secret; its name. Without a value: one that has no version. */
  readonly create: (value?: string | Uint8Array | object, name?: string) => Promise<string>;
  /** A new version; its id. Without `stage`: the current one. */
  readonly put: (secret: string, value: string | object, stage?: string) => Promise<string>;
  readonly move: (secret: string, stage: string, from: string, to: string) => Promise<void>;
  readonly remove: (secret: string, how?: "for-good") => Promise<void>;
  readonly restore: (secret: string) => Promise<void>;
  readonly arn: (secret: string) => Promise<string>;
}

export const region = "eu-west-1";

const motoUrl = inject("motoUrl");
/** False where moto is not installed. With AUTH_IT=require it is never false, so that the tests fail instead of being skipped. */
const motoThere = motoUrl !== undefined || process.env["AUTH_IT"] === "require";
if (!motoThere)
  console.warn(
    "SKIPPED: no test ran against moto, as it is not installed; scripts/parts/moto.sh installs it.",
  );

const kinds = [
  { kind: "in memory", there: true },
  { kind: "moto", there: motoThere },
] as const;

/** The same tests against the double and against the emulator, both behind the front that checks signatures. */
export function describeStores(title: string, define: (world: () => World) => void): void {
  for (const { kind, there } of kinds)
    describe.runIf(there)(`${title} (${kind}${there ? "" : ": not installed"})`, () =>
      define(useWorld(kind)),
    );
}

/** A store for the tests of this block, and an environment that leads to it. */
export function useWorld(kind: (typeof kinds)[number]["kind"] = "in memory"): () => World {
  let front: AwsFront;
  let world: World;
  beforeAll(async () => {
    front = await awsFront(kind === "moto" ? { upstream: installed() } : { answer: secretsManager(region) });
    world = worldOf(front);
  });
  beforeEach(() => {
    for (const [name, value] of Object.entries(world.env)) vi.stubEnv(name, value);
  });
  afterEach(() => {
    vi.unstubAllEnvs();
    front.fault();
    front.now = Date.now;
    front.seen.length = 0;
  });
  afterAll(async () => {
    await (front as AwsFront | undefined)?.[Symbol.asyncDispose]();
  });
  return () => world;
}

function installed(): string {
  if (motoUrl === undefined) throw new Error("moto is not installed; run scripts/parts/moto.sh");
  return motoUrl;
}

function worldOf(front: AwsFront): World {
  const client: World["client"] = (options) =>
    new SecretsManagerClient({ endpoint: front.endpoint, region, credentials: login, ...options });
  const admin = client();
  const parts = (value: string | Uint8Array | object) =>
    value instanceof Uint8Array
      ? { SecretBinary: value }
      : { SecretString: typeof value === "string" ? value : JSON.stringify(value) };
  const arns = new Map<string, string>();
  return {
    front,
    login,
    env: {
      AWS_ENDPOINT_URL_SECRETS_MANAGER: front.endpoint,
      AWS_REGION: region,
      AWS_ACCESS_KEY_ID: login.accessKeyId,
      AWS_SECRET_ACCESS_KEY: login.secretAccessKey,
      AWS_CONFIG_FILE: "/dev/null",
      AWS_SHARED_CREDENTIALS_FILE: "/dev/null",
      AWS_EC2_METADATA_DISABLED: "true",
    },
    client,
    async create(value, Name = `team/app_${randomUUID()}`) {
      const { ARN } = await admin.send(
        new CreateSecretCommand({ Name, ...(value !== undefined && parts(value)) }),
      );
      arns.set(Name, `${ARN}`);
      return Name;
    },
    async put(SecretId, value, stage) {
      const { VersionId } = await admin.send(
        new PutSecretValueCommand({ SecretId, ...parts(value), ...(stage && { VersionStages: [stage] }) }),
      );
      return `${VersionId}`;
    },
    async move(SecretId, VersionStage, RemoveFromVersionId, MoveToVersionId) {
      await admin.send(
        new UpdateSecretVersionStageCommand({ SecretId, VersionStage, RemoveFromVersionId, MoveToVersionId }),
      );
    },
    async remove(SecretId, how) {
      const ForceDeleteWithoutRecovery = how === "for-good";
      await admin.send(new DeleteSecretCommand({ SecretId, ForceDeleteWithoutRecovery }));
    },
    async restore(SecretId) {
      await admin.send(new RestoreSecretCommand({ SecretId }));
    },
    arn: async (secret) => `${arns.get(secret)}`,
  };
}
