import { mkdtempSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { AccessToken, createAuth, type Grant, Secret } from "@auth/core";
import { fromTokenFile, tokenFile } from "@auth/token-file";

let exchanges = 0;
const grant: Grant = {
  name: "hourly",
  partition: () => "hourly",
  exchange: async (_, { clock }) => {
    const obtainedAt = new Date(clock.now());
    const expiresAt = new Date(clock.now() + 3_600_000);
    exchanges++;
    return {
      accessToken: new AccessToken(`access-${exchanges}`, { obtainedAt, expiresAt }),
      refreshToken: new Secret("refresh"),
    };
  },
  refresh: () => Promise.reject(new Error("not yet")),
};

const path = join(mkdtempSync(join(process.cwd(), "state-")), "acme", "tokens.json");
for (let start = 0; start < 3; start++) {
  await using auth = createAuth({ grant, store: tokenFile({ path }), name: "work" });
  if ((await auth.getToken()).reveal() !== "access-1") throw new Error("the file serves every start");
}
if (exchanges !== 1) throw new Error("three starts, one exchange");
if (!readFileSync(path, "utf8").includes("access-1")) throw new Error("the file holds the token");
if (process.platform !== "win32" && (statSync(path).mode & 0o777) !== 0o600)
  throw new Error("for its owner alone");

const source = fromTokenFile({ path, profile: "work" });
const credential = await source.get();
if (credential.type !== "refresh-token" && credential.type !== "access-token")
  throw new Error("the file is a source as well");
