import { apiKey, fixed, Secret } from "@auth/core";
import { canary, captureOutput } from "@auth/testkit";
import { expect, test } from "vitest";
import { kerberos, storedTokens, userAccount, whoAmI } from "../src/index.ts";
import { clientSecret, credential, world } from "./support/world.ts";

test("SEC-1 SEC-3 SEC-6 SEC-135 no event, error, output or status shows a password, secret, token, key or ticket", async () => {
  const { auth, asService, clock, events, server } = await world();
  const secrets = ["password", "client-secret", "access", "refresh", "key", "ticket"].map((name) =>
    canary(name),
  );
  const [password, secret, access, refresh, key, ticket] = secrets.map(({ value }) => value) as [
    string,
    string,
    string,
    string,
    string,
    string,
  ];
  const tokens = { access_token: access, token_type: "bearer", expires_in: 500, refresh_token: refresh };
  // A server may say what it was sent.
  const echo = (status: number, sent: string): object => ({
    status,
    body: { error: sent, error_description: sent },
  });
  const { result, ...output } = await captureOutput(async () => {
    const seen: unknown[] = [];
    const attempt = async (work: Promise<unknown>): Promise<void> => {
      seen.push(await work.catch((error: unknown) => error));
    };
    const user = auth({ credentials: credential("admin", password) });
    await attempt(user.getToken()); // refused: the password is another one
    server.answers.set("/auth/token", [
      { body: tokens },
      echo(400, refresh),
      echo(401, refresh),
      echo(400, password),
      { body: `<html>${password}` },
    ]);
    await clock.advance(8_000); // the pause after a failure
    await user.getToken();
    seen.push(await user.status(), user.peek());
    for (let i = 0; i < 3; i++) {
      await clock.advance(501_000);
      await attempt(user.getToken());
    }
    seen.push(await user.logout(), user, userAccount(server));

    server.answers.set("/auth/token", [echo(401, refresh), echo(400, secret)]);
    server.answers.set("/auth/spnego", echo(400, ticket));
    server.answers.set("/api/user", { status: 401, body: `Invalid ${key}` });
    const kept = { type: "refresh-token", refreshToken: new Secret(refresh) } as const;
    await attempt(auth({ grant: storedTokens(server), credentials: fixed(kept) }).getToken());
    await attempt(asService({ credentials: clientSecret("id", secret) }).getToken());
    const keyed = auth({
      grant: apiKey(),
      credentials: fixed({ type: "api-key", key: new Secret(key) } as const),
    });
    await attempt(whoAmI(keyed, server));
    const grant = kerberos({ url: server.url, username: "anna", negotiate: async () => ticket });
    await attempt(auth({ grant, credentials: undefined }).getToken());
    return seen;
  });
  expect(events.length).toBeGreaterThan(6);
  for (const each of secrets) each.check(result, events, output);
});
