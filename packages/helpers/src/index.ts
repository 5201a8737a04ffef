export type { AuthorizationCredential } from "./authorization.ts";
export { type AwsIdentity, awsCredentialProcess } from "./aws-credential-process.ts";
export { type BazelRequest, bazelHeaders, bazelHelper, type RequestHeaders } from "./bazel-helper.ts";
export { type DockerRequest, dockerHelper } from "./docker-helper.ts";
export { type GitRequest, gitCredential, gitFill } from "./git-credential.ts";
export type { HelperAnswer, HelperCall, HelperFormat, ReadContext } from "./helper-format.ts";
export {
  type ClientCertificate,
  type KubectlRequest,
  kubectlCertificate,
  kubectlExec,
} from "./kubectl-exec.ts";
