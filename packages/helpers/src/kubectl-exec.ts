import { type AccessTokenCredential, Secret } from "@auth/core";
import { expiry } from "./expiry.ts";
import { asked, type HelperAnswer, type HelperFormat, type ReadContext } from "./helper-format.ts";
import { type Fields, headerText, jsonAnswer, object, text } from "./json-answer.ts";
import { failed, malformed, otherKind, problem } from "./problem.ts";

export interface KubectlRequest {
  /** Default `"v1"`. Plugins made before Kubernetes 1.22 know `"v1beta1"` only. */
  readonly apiVersion?: "v1" | "v1beta1" | undefined;
  /** The cluster as a kubeconfig names it, for plugins that ask for it (`provideClusterInfo`): `server`, `config` … */
  readonly cluster?: Readonly<Record<string, unknown>> | undefined;
}

/** A client certificate and its key, as PEM. */
export interface ClientCertificate {
  readonly type: "client-certificate";
  readonly certificate: string;
  readonly privateKey: Secret;
  readonly expiresAt?: Date;
  readonly source: string;
}

const versionOf = (request: KubectlRequest = {}): string =>
  `client.authentication.k8s.io/${request.apiVersion ?? "v1"}`;

function ask(
  request: KubectlRequest | undefined,
  { interactive = false }: { readonly interactive?: boolean } = {},
): { env: Record<string, string> } {
  const { cluster, apiVersion = "v1" } = asked(request ?? {});
  if (apiVersion !== "v1" && apiVersion !== "v1beta1")
    throw new TypeError('kubectlExec: `apiVersion` is "v1" or "v1beta1"');
  const spec = { ...(cluster && { cluster }), interactive };
  const info = JSON.stringify({ kind: "ExecCredential", apiVersion: versionOf(request), spec });
  return { env: { KUBERNETES_EXEC_INFO: info } };
}

/** The `status` of an answer in the version that was asked for, its certificate and key checked to be a pair. */
function status(
  { exitCode, stdout }: HelperAnswer,
  request: KubectlRequest | undefined,
  context: ReadContext,
): Fields {
  if (exitCode !== 0) throw failed(context, exitCode);
  const answer = jsonAnswer(stdout, context);
  if (answer.get("kind") !== "ExecCredential") throw malformed(context, "is no ExecCredential");
  if (answer.get("apiVersion") !== versionOf(request))
    throw malformed(context, `has an "apiVersion" that is not ${versionOf(request)}`);
  const fields = object(answer.get("status"), "status", context);
  const has = (name: string): boolean => text(fields, name, context) !== undefined;
  if (has("clientCertificateData") !== has("clientKeyData"))
    throw problem(
      "INVALID",
      "half-credential",
      context,
      "the answer has one of client certificate and key without the other. Mend what the plugin prints.",
    );
  if (!has("token") && !has("clientKeyData"))
    throw malformed(context, "holds neither a token nor a client certificate");
  return fields;
}

const expires = (fields: Fields, context: ReadContext): { readonly expiresAt?: Date } =>
  expiry(text(fields, "expirationTimestamp", context), "expirationTimestamp", context);

/**
 * A plugin of `kubectl` (`users[].user.exec` of a kubeconfig), for the token that it answers with.
 *
 * Errors: `INVALID/helper-failed`, `/payload-malformed`, `/half-credential`, `/secret-format`, `/expired-on-arrival`;
 * `/credential-type` where the answer is a client certificate alone. Source: kubernetes.io, "Authenticating", section
 * "client-go credential plugins".
 *
 * @example
 * ```ts
 * const command = ["aws", "eks", "get-token", "--cluster-name", "prod"];
 * const token = fromCommand({ command, format: kubectlExec, request: { apiVersion: "v1beta1" } });
 * ```
 */
export const kubectlExec: HelperFormat<AccessTokenCredential, KubectlRequest | undefined> = {
  name: "kubectl",
  ask,
  read(answer, request, context) {
    const fields = status(answer, request, context);
    const token = headerText(fields, "token", context);
    if (token === undefined)
      throw otherKind(context, "answers with a client certificate: read it as kubectlCertificate");
    return Object.freeze<AccessTokenCredential>({
      type: "access-token",
      token: new Secret(token),
      ...expires(fields, context),
      source: context.source,
    });
  },
};

/**
 * The same plugins, for the client certificate that they answer with. Errors as with {@link kubectlExec};
 * `INVALID/credential-type` where the answer is a token alone.
 *
 * @example
 * ```ts
 * const certificate = fromCommand({ command: ["acme-login", "kube"], format: kubectlCertificate });
 * ```
 */
export const kubectlCertificate: HelperFormat<ClientCertificate, KubectlRequest | undefined> = {
  name: "kubectl",
  ask,
  read(answer, request, context) {
    const fields = status(answer, request, context);
    const certificate = text(fields, "clientCertificateData", context);
    const key = text(fields, "clientKeyData", context);
    if (certificate === undefined || key === undefined)
      throw otherKind(context, "answers with a token: read it as kubectlExec");
    if (!isPem(certificate, "CERTIFICATE") || !isPem(key, "PRIVATE KEY"))
      throw malformed(context, "has a client certificate or key that is not PEM");
    return Object.freeze<ClientCertificate>({
      type: "client-certificate",
      certificate,
      privateKey: new Secret(key),
      ...expires(fields, context),
      source: context.source,
    });
  },
};

/** RFC 7468, as far as a look can tell: whoever uses it parses it. */
function isPem(text: string, label: string): boolean {
  const [first = ""] = text.trimStart().split("\n", 1);
  return first.startsWith("-----BEGIN ") && first.trimEnd().endsWith(`${label}-----`);
}
