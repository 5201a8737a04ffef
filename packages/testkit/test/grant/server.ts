import { type PasswordCredential, Secret } from "@auth/core";
import { type FakeClock, fakeClock, type TokenServer, tokenServer } from "../../src/index.ts";

export const clock: FakeClock = fakeClock({ now: Date.now() });
export const server: TokenServer = await tokenServer({ clock });
server.users.set("bob", "bobs own password");

const password = (username: string, secret: string): PasswordCredential => ({
  type: "password",
  username,
  password: new Secret(secret),
  account: username,
});

/** What the suites are given. */
export const about = {
  credential: () => password(server.user.name, server.user.password),
  wrong: (secret: string) => password(server.user.name, secret),
  other: () => password("bob", "bobs own password"),
  check: server.check,
  clock,
};
