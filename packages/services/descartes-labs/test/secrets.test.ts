import { canary, captureOutput } from "@auth/testkit";
import { expect, test } from "vitest";
import { descartesLabs, logIn } from "../src/index.ts";
import { cid } from "./support/iam-server.ts";
import { jwt } from "./support/jwt.ts";
import { infoPath, world } from "./support/world.ts";

test("SEC-3 SEC-6 SEC-135 no event, warning, error, output, status or file name shows a token or a secret", async () => {
  const secret = canary("secret");
  const other = canary("other");
  const token = canary("token");
  const at = await world();
  const { server, env, clock, open, events, warnings, put, home } = at;
  const claims = { sub: "s", aud: cid, exp: clock.now() / 1_000 + 600 };
  const text = jwt({ ...claims, jti: token.value }).replace(/[^.]+$/, token.value.replace(".", "-"));
  const { result, ...output } = await captureOutput(async () => {
    const seen: unknown[] = [];
    const attempt = async (work: () => unknown): Promise<void> => {
      seen.push(
        await Promise.resolve()
          .then(work)
          .catch((error: unknown) => error),
      );
    };
    const auth = open({ clientId: cid, clientSecret: secret.value, refreshToken: other.value });
    await attempt(() => auth.getToken()); // refused: they are others
    server.always = { status: 400, body: { error: other.value, error_description: other.value } };
    await attempt(() => auth.getToken());
    server.always = { status: 500, body: other.value };
    await attempt(() => auth.getToken());
    server.always = { body: { id_token: text } };
    await attempt(async () => (await auth.getToken()).id);
    seen.push(auth, auth.peek(), await auth.status(), descartesLabs());
    seen.push(open({ clientId: cid, jwtToken: text }), open({ jwtToken: `${token.value}\n` }));
    await attempt(() => open({ jwtToken: jwt({ ...claims, exp: 1, jti: token.value }) }).getToken());
    put(infoPath, `{"client_id":"${cid}","client_secret":"${secret.value}","jwt_token":"${text}"`);
    await attempt(() => open().getToken()); // damaged
    const paste = Buffer.from(JSON.stringify({ client_id: cid, client_secret: secret.value }));
    await attempt(() =>
      logIn({ domain: server.url, env, clock, ask: async () => paste.toString("base64url") }),
    );
    put(".descarteslabs/x", "");
    await attempt(() =>
      logIn({
        env,
        tokenInfoPath: `${home}/.descarteslabs/x/t`,
        ask: async () => paste.toString("base64url"),
      }),
    );
    return seen;
  });
  expect(events.length).toBeGreaterThan(3);
  expect(warnings.length).toBeGreaterThan(1);
  for (const each of [secret, other, token])
    each.check(result, events, warnings, output, at.list(".descarteslabs"));
});
