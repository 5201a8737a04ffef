import { randomUUID } from "node:crypto";

interface Input {
  readonly Name?: string;
  readonly SecretId?: string | undefined;
  readonly SecretString?: string;
  readonly SecretBinary?: string;
  readonly ClientRequestToken?: string;
  readonly VersionId?: string | undefined;
  readonly VersionStage?: string | undefined;
  readonly VersionStages?: readonly string[];
  readonly MoveToVersionId?: string;
  readonly ForceDeleteWithoutRecovery?: boolean;
}
interface Version {
  readonly parts: object;
  readonly stages: Set<string>;
}
interface Stored {
  readonly arn: string;
  readonly versions: Map<string, Version>;
  deleted: boolean;
}

/** What the store says when it refuses, in its own words. */
const refusal = (name: string, message: string): Error => Object.assign(new Error(message), { name });
const notFound = (what = ""): Error =>
  refusal("ResourceNotFoundException", `Secrets Manager can't find the specified secret${what}.`);

/**
 * Secrets Manager in memory: the six operations that the tests use, with its rules for versions and staging labels. The
 * same tests run against moto, so that this cannot drift from how others read the interface.
 */
export function secretsManager(region = "eu-west-1"): (operation: string, input: Input) => unknown {
  const secrets = new Map<string, Stored>();

  function find(id = ""): Stored {
    const found = secrets.get(id) ?? [...secrets.values()].find(({ arn }) => arn === id);
    if (!found) throw notFound();
    return found;
  }
  function living(id = ""): Stored {
    const found = find(id);
    if (found.deleted)
      throw refusal(
        "InvalidRequestException",
        "You can't perform this operation on the secret because it was marked for deletion.",
      );
    return found;
  }
  function put(
    secret: Stored,
    { SecretString, SecretBinary, ClientRequestToken }: Input,
    stages: readonly string[] = ["AWSCURRENT"],
  ): string {
    const id = ClientRequestToken ?? randomUUID();
    const labels = new Set(stages);
    for (const [label, to] of [...labels].map((each) => [each, id] as const)) move(secret, label, to);
    const parts = SecretString === undefined ? { SecretBinary } : { SecretString };
    secret.versions.set(id, { parts, stages: labels });
    return id;
  }
  /** A label is on one version. The version that AWSCURRENT leaves becomes AWSPREVIOUS. */
  function move(secret: Stored, label: string, to: string): void {
    const before = [...secret.versions.values()].find(({ stages }) => stages.delete(label));
    secret.versions.get(to)?.stages.add(label);
    if (before && label === "AWSCURRENT") {
      for (const { stages } of secret.versions.values()) stages.delete("AWSPREVIOUS");
      before.stages.add("AWSPREVIOUS");
    }
  }

  const operations: Readonly<Record<string, (input: Input) => unknown>> = {
    CreateSecret(input) {
      const { Name = "", SecretString, SecretBinary } = input;
      const arn = `arn:aws:secretsmanager:${region}:123456789012:secret:${Name}-${randomUUID().slice(0, 6)}`;
      const secret: Stored = { arn, versions: new Map(), deleted: false };
      const has = SecretString !== undefined || SecretBinary !== undefined;
      secrets.set(Name, secret);
      return { ARN: arn, Name, ...(has && { VersionId: put(secret, input) }) };
    },
    PutSecretValue(input) {
      const secret = living(input.SecretId);
      return { ARN: secret.arn, VersionId: put(secret, input, input.VersionStages) };
    },
    UpdateSecretVersionStage({ SecretId, VersionStage = "", MoveToVersionId = "" }) {
      const secret = living(SecretId);
      move(secret, VersionStage, MoveToVersionId);
      return { ARN: secret.arn };
    },
    DeleteSecret({ SecretId, ForceDeleteWithoutRecovery }) {
      const secret = find(SecretId);
      secret.deleted = true;
      if (ForceDeleteWithoutRecovery)
        for (const [name, each] of secrets) if (each === secret) secrets.delete(name);
      return { ARN: secret.arn };
    },
    RestoreSecret({ SecretId }) {
      const secret = find(SecretId);
      secret.deleted = false;
      return { ARN: secret.arn };
    },
    GetSecretValue({ SecretId, VersionId, VersionStage }) {
      const { arn, versions } = living(SecretId);
      if (
        VersionId !== undefined &&
        VersionStage !== undefined &&
        !versions.get(VersionId)?.stages.has(VersionStage)
      )
        throw refusal(
          "InvalidRequestException",
          "You provided a VersionStage that is not associated to the provided VersionId.",
        );
      const stage = VersionStage ?? (VersionId === undefined ? "AWSCURRENT" : undefined);
      const [id, version] =
        [...versions].find(
          ([each, { stages }]) =>
            (VersionId === undefined || each === VersionId) && (stage === undefined || stages.has(stage)),
        ) ?? [];
      if (!version)
        throw notFound(` value for ${stage ? `staging label: ${stage}` : `VersionId: ${VersionId}`}`);
      return { ARN: arn, VersionId: id, VersionStages: [...version.stages], ...version.parts };
    },
  };

  return (operation, input) => {
    const work = operations[operation];
    if (!work) throw refusal("UnknownOperationException", operation);
    return work(input);
  };
}
