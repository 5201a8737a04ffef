import { fixed, Secret } from "@auth/core";
import { canary, captureOutput } from "@auth/testkit";
import { expect, test } from "vitest";
import { userAccount } from "../src/index.ts";
import { world } from "./support/world.ts";

test("jamf 40 SEC-6 SEC-135 no event, error, output or status shows a token, password or Basic value", async () => {
  const password = canary("password");
  const token = canary("token");
  const credentials = fixed({
    type: "password",
    username: "oscar",
    password: new Secret(password.value),
  } as const);
  const { asUser, server, clock, events } = await world();
  const { result, ...output } = await captureOutput(async () => {
    const seen: unknown[] = [];
    const auth = asUser({ credentials });
    const attempt = async (work: Promise<unknown>): Promise<void> => {
      seen.push(await work.catch((error: unknown) => error));
    };
    await attempt(auth.getToken()); // refused: the password is another one
    const expires = (): string => new Date(clock.now() + 1_800_000).toISOString();
    server.answers.set("/api/v1/auth/token", { body: { token: token.value, expires: expires() } });
    await clock.advance(8_000); // the pause after a failure
    await auth.getToken();
    seen.push(await auth.status(), auth.peek());
    server.answers.set("/api/v1/auth/keep-alive", { status: 500, body: { error: token.value } });
    await clock.advance(1_762_000);
    await attempt(auth.getToken());
    server.answers.set("/api/v1/auth/token", {
      status: 400,
      body: { error: password.value, error_description: password.value },
    });
    await clock.advance(30_000);
    await attempt(auth.getToken());
    server.answers.set("/api/v1/auth/token", { body: `<html>${password.value}` });
    await clock.advance(8_000);
    await attempt(auth.getToken());
    seen.push(await auth.logout(), auth, userAccount({ server: server.url }));
    return seen;
  });
  expect(events.length).toBeGreaterThan(4);
  for (const secret of [password, token]) secret.check(result, events, output);
});
