import { isAuthError } from "@auth/core";
import { awsCredentialProcess, dockerHelper, gitFill } from "@auth/helpers";

const context = { source: "a helper", now: Date.now() };
const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

const asked = gitFill.ask({ host: "git.example" });
if (asked.args?.join() !== "fill" || !asked.stdin?.includes("host=git.example"))
  throw new Error("git is asked");

const server = "https://registry.example";
const login = dockerHelper.read(
  { exitCode: 0, stdout: bytes(`{"ServerURL":"${server}","Username":"alice","Secret":"p"}`) },
  { server },
  context,
);
if (login.type !== "password" || login.password.reveal() !== "p")
  throw new Error("docker's answer is a login");

try {
  awsCredentialProcess.read({ exitCode: 0, stdout: bytes('{"Version":1}') }, undefined, context);
  throw new Error("half of an answer is an error");
} catch (error) {
  if (!isAuthError(error, "ERR_AUTH_INVALID")) throw error;
}
