import { Secret } from "@auth/core";
import { expiry } from "./expiry.ts";
import type { HelperFormat } from "./helper-format.ts";
import { headerText, jsonAnswer, text } from "./json-answer.ts";
import { failed, malformed, problem } from "./problem.ts";

/** The keys that sign requests to AWS: no credential of the union, since no grant trades them for tokens. */
export interface AwsIdentity {
  readonly type: "aws-identity";
  readonly accessKeyId: string;
  readonly secretAccessKey: Secret;
  /** There for temporary keys. */
  readonly sessionToken?: Secret;
  /** Without it the keys last until they are deleted. */
  readonly expiresAt?: Date;
  readonly accountId?: string;
  readonly credentialScope?: string;
  readonly source: string;
}

/**
 * AWS `credential_process`: nothing is asked; the answer is JSON with `Version` 1.
 *
 * Errors: `INVALID/helper-failed`, `/payload-malformed`, `/half-credential`, `/secret-format`, `/expired-on-arrival`.
 * Source: the AWS SDKs and Tools Reference Guide, "Process credential provider".
 *
 * @example
 * ```ts
 * const keys = fromCommand({ command: ["/opt/acme/aws-keys"], format: awsCredentialProcess });
 * const { accessKeyId, secretAccessKey } = await keys.get();
 * ```
 */
export const awsCredentialProcess: HelperFormat<AwsIdentity, undefined> = {
  name: "aws",
  ask: () => ({}),
  read({ exitCode, stdout }, _request, context) {
    if (exitCode !== 0) throw failed(context, exitCode);
    const fields = jsonAnswer(stdout, context);
    if (fields.get("Version") !== 1) throw malformed(context, 'has a "Version" that is not the number 1');
    const accessKeyId = headerText(fields, "AccessKeyId", context, /^\w+$/);
    const secret = headerText(fields, "SecretAccessKey", context);
    if (accessKeyId === undefined || secret === undefined)
      throw problem(
        "INVALID",
        "half-credential",
        context,
        `the answer has no "${accessKeyId === undefined ? "AccessKeyId" : "SecretAccessKey"}". Mend what the helper prints.`,
      );
    const session = headerText(fields, "SessionToken", context);
    const accountId = headerText(fields, "AccountId", context);
    const credentialScope = headerText(fields, "CredentialScope", context);
    return Object.freeze<AwsIdentity>({
      type: "aws-identity",
      accessKeyId,
      secretAccessKey: new Secret(secret),
      ...(session !== undefined && { sessionToken: new Secret(session) }),
      ...expiry(text(fields, "Expiration", context), "Expiration", context),
      ...(accountId !== undefined && { accountId }),
      ...(credentialScope !== undefined && { credentialScope }),
      source: context.source,
    });
  },
};
