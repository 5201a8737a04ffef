import { globSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";

const folder = new URL("..", import.meta.url);
const page = readFileSync(new URL("README.md", folder), "utf8");
const [, section = ""] = /^## Coming from the SDK for Python\n(.*?)(?=^## |^[A-Z])/ms.exec(page) ?? [];
const rows = [...section.matchAll(/^\| (.*?) \| .* \|$/gm)].map(([, there = ""]) => there).slice(1);
const tests = globSync("test/*.test.ts", { cwd: folder })
  .filter((file) => !file.endsWith("original.test.ts"))
  .map((file) => readFileSync(new URL(file, folder), "utf8"))
  .join("\n");

/** The rows of that table: the beginning of the title of the test that shows what stands beside it. */
const shownBy: readonly (readonly [there: string, title: string])[] = [
  [
    "`ApiClientCredentialsProvider(client_id, client_secret)`",
    "jamf 1 an API client's secret goes out as a form",
  ],
  [
    "`UserCredentialsProvider(username, password)`, before `BasicAuthProvider`",
    "jamf 11 user name and password go out as Basic",
  ],
  ["`prompt_for_credentials(provider)`", "for user name and password, the second hidden"],
  ["`PromptForCredentials(username)`", "for the password alone, if the user name is given"],
  [
    "`load_from_keychain(provider, server, username=)`, `LoadFromKeychain(server, username)`",
    "jamf 31 the later name first",
  ],
  ["`load_from_keychain(provider, server, client_id=)`", "jamf 32 http is looked up as https"],
  [
    "`load_from_aws_secrets_manager(provider, secret_id)`, `LoadFromAwsSecretsManager`",
    "jamf 35 the secret %j",
  ],
  ["`version_id`, `version_stage`", "jamf 37 version and stage are sent if they are given"],
  ["`CredentialsProvider`, a subclass with `_request_access_token`", "jamf 38 a token from elsewhere"],
  ["`get_access_token()`", "jamf 3 ten calls, one token request"],
  ["`AccessToken.token`, `str(token)`", "jamf 15 after a keep-alive the old token is never used again"],
  ["`AccessToken.type`", "a user account: the same request, and the same token lasts as long"],
  ["`AccessToken.expires`", "jamf 13 an expiry is read as"],
  ["`AccessToken.scope`", "jamf 2 expiry and scope are those of the answer"],
  ["`AccessToken.seconds_remaining`", "seconds that remain are whole"],
  ["`AccessToken.is_expired`", "seconds that remain are whole"],
  ["`CredentialsError`", "jamf 33 no entry: an error that names server and account"],
  ["`SessionConfig.timeout`, `max_retries`", "jamf 22 a token request that takes 15 s is given up"],
];

test("each name of the original is in the README, and a test shows its counterpart", () => {
  expect(rows.length).toBeGreaterThan(10);
  expect(shownBy.map(([there]) => there)).toEqual(rows);
  const untold = shownBy.filter(([, title]) => !tests.includes(`"${title}`));
  expect(untold).toEqual([]);
});
