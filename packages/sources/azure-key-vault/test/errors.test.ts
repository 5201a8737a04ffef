import { type AuthError, chain, fixed, Secret } from "@auth/core";
import { canary, fakeClock } from "@auth/testkit";
import { describe, expect, test } from "vitest";
import { fromAzureKeyVault } from "../src/index.ts";
import { overPauses } from "./support/over-pauses.ts";
import { refusal, type VaultFault } from "./support/vault-double.ts";
import { failing, theVault } from "./support/world.ts";

const world = theVault();
const secret = canary("error");

/** A provider of a secret that is there, behind a vault that answers something else. */
function behind(fault: VaultFault | undefined, options: { timeoutMs?: number; version?: string } = {}) {
  const { vault } = world;
  vault.add("acme", secret.value);
  vault.fault(fault);
  const clock = fakeClock();
  const provider = fromAzureKeyVault({
    vault: vault.url,
    secret: "acme",
    credential: vault.credential(),
    clock,
    ...options,
  });
  const before = vault.reads();
  const work = provider.get();
  work.catch(() => {}); // looked at below
  return { thrown: overPauses(clock, work), reads: () => vault.reads() - before };
}

const answer = (status: number, body: unknown, headers: Record<string, string> = {}): VaultFault => ({
  status,
  body,
  headers,
});
const denied = (inner: string | undefined, message = secret.value): VaultFault =>
  refusal(403, "Forbidden", message, inner);

const bundle = (value: unknown): object => ({ value, id: "https://acme/secrets/acme/1", attributes: {} });
const noSecret = /the answer is no secret/;

/** What the service says, what that is here, and how often it is asked (L3). */
const table: [string, VaultFault, code: string, reason: string, says: RegExp, reads: number][] = [
  [
    "no such secret",
    refusal(404, "SecretNotFound", secret.value),
    "NOT_FOUND",
    "no-secret",
    /az keyvault secret recover --vault-name acme --name acme/,
    1,
  ],
  [
    "being deleted",
    refusal(409, "Conflict", secret.value, "ObjectIsBeingDeleted"),
    "NOT_FOUND",
    "no-secret",
    /being deleted/,
    1,
  ],
  ["disabled", denied("SecretDisabled"), "DENIED", "secret-disabled", /does not step back/, 1],
  ["no role", denied("ForbiddenByRbac"), "DENIED", "no-role", /Key Vault Secrets User/, 1],
  ["no policy", denied("ForbiddenByPolicy"), "DENIED", "no-policy", /permission Get/, 1],
  ["no policy, in older words", denied("AccessDenied"), "DENIED", "no-policy", /permission Get/, 1],
  ["firewall", denied("ForbiddenByFirewall"), "DENIED", "network-blocked", /network rules/, 1],
  [
    "private endpoint only",
    denied("ForbiddenByConnection"),
    "DENIED",
    "network-blocked",
    /private endpoint/,
    1,
  ],
  [
    "firewall, told in text",
    denied(undefined, "Client address is not authorized and caller is not a trusted service."),
    "DENIED",
    "network-blocked",
    /network rules/,
    1,
  ],
  [
    "no role, told in text",
    denied(undefined, "Caller is not authorized to perform action on resource."),
    "DENIED",
    "no-role",
    /role/,
    1,
  ],
  [
    "disabled, told in text",
    denied(undefined, "Operation get is not allowed on a disabled secret."),
    "DENIED",
    "secret-disabled",
    /Enable it/,
    1,
  ],
  [
    "another 403",
    answer(403, "<h1>no</h1>", { "content-type": "text/html" }),
    "DENIED",
    "permission-denied",
    /access was refused/,
    1,
  ],
  [
    "another tenant's token",
    refusal(401, "Unauthorized", "AKV10032: Invalid issuer."),
    "DENIED",
    "wrong-tenant",
    /another tenant/,
    2,
  ],
  [
    "a token that is no good",
    refusal(401, "Unauthorized", secret.value),
    "DENIED",
    "token-refused",
    /a new one too/,
    2,
  ],
  [
    "a name it does not take",
    refusal(400, "BadParameter", secret.value),
    "INVALID",
    "bad-request",
    /Check both/,
    1,
  ],
  [
    "throttled",
    refusal(429, "Throttled", secret.value),
    "UNREACHABLE",
    "rate-limited",
    /no more requests/,
    3,
  ],
  ["500", refusal(500, "InternalServerError", secret.value), "UNREACHABLE", "server-error", /failed/, 3],
  [
    "503",
    answer(503, secret.value, { "content-type": "text/html" }),
    "UNREACHABLE",
    "server-error",
    /failed/,
    3,
  ],
  ["connection reset", "reset", "UNREACHABLE", "network", /cannot be reached/, 3],
  ["answer cut off", "cut", "UNREACHABLE", "network", /cannot be reached/, 3],
  [
    "SEC-23 a redirect",
    answer(302, secret.value, { location: "https://elsewhere.localhost/secrets/acme" }),
    "INVALID",
    "redirect",
    /redirects/,
    1,
  ],
  [
    "SEC-23 a redirect to itself",
    answer(307, "", { location: "/secrets/acme?api-version=7.6" }),
    "INVALID",
    "redirect",
    /redirects/,
    1,
  ],
  ["SEC-30 no JSON", answer(200, `{"value":"${secret.value}`), "INVALID", "malformed-response", noSecret, 1],
  [
    "SEC-30 no JSON by its type",
    answer(200, bundle(secret.value), { "content-type": "text/html" }),
    "INVALID",
    "malformed-response",
    noSecret,
    1,
  ],
  ["SEC-30 an array", answer(200, [secret.value]), "INVALID", "malformed-response", noSecret, 1],
  ["SEC-30 null", answer(200, "null"), "INVALID", "malformed-response", noSecret, 1],
  ["SEC-30 nothing", answer(200, ""), "INVALID", "malformed-response", noSecret, 1],
  ["SEC-30 no value", answer(200, bundle(undefined)), "INVALID", "malformed-response", noSecret, 1],
  ["SEC-30 a value that is no text", answer(200, bundle(7)), "INVALID", "malformed-response", noSecret, 1],
  [
    "SEC-30 no identifier",
    answer(200, { value: secret.value, attributes: {} }),
    "INVALID",
    "malformed-response",
    noSecret,
    1,
  ],
  ["403 without a body", answer(403, ""), "DENIED", "permission-denied", /access was refused/, 1],
  ["404 without a body", answer(404, ""), "NOT_FOUND", "no-secret", /no such secret/, 1],
  ["503 without a body", answer(503, ""), "UNREACHABLE", "server-error", /failed/, 3],
  [
    "SEC-29 more than 1 MiB",
    answer(200, bundle("x".repeat(1_100_000))),
    "INVALID",
    "response-too-large",
    /larger than 1048576/,
    1,
  ],
];

test.each(table)("%s", async (_what, fault, code, reason, says, reads) => {
  const run = behind(fault);
  const thrown: AuthError = await run.thrown.then(
    () => expect.fail("it was read"),
    (error: AuthError) => error,
  );
  expect(thrown).toMatchObject({ code: `ERR_AUTH_${code}`, reason });
  expect(thrown.message).toMatch(says);
  expect(thrown.message).toMatch(/^azure-kv acme\.vault\.localhost:\d+\/acme: /);
  expect(run.reads()).toBe(reads);
  secret.check(thrown); // SEC-3, SEC-4: nothing of what was sent or read
  world.vault.check(thrown);
});

test("SEC-29 an answer that does not come ends the attempt", async () => {
  const run = behind("hang", { timeoutMs: 200 });
  expect(await failing(run.thrown)).toMatchObject({ code: "ERR_AUTH_UNREACHABLE", reason: "timeout" });
  expect(run.reads()).toBe(3);
});

test("the service's id of the request is told, if it is one", async () => {
  for (const [id, says] of [
    ["0f1e2d3c-4b5a-6978-8796-a5b4c3d2e1f0", / \(request id 0f1e2d3c-4b5a-6978-8796-a5b4c3d2e1f0\)$/],
    [`<${secret.value}>`, /mend the name\. If it was deleted: [^()]*$/],
  ] as const) {
    const run = behind({ ...refusal(404, "SecretNotFound"), headers: { "x-ms-request-id": id } });
    expect((await failing(run.thrown))["message"]).toMatch(says);
  }
});

test("a version that is disabled is not stepped back from", async () => {
  const { vault } = world;
  vault.fault(undefined);
  const old = vault.add("stepped", "old").id;
  vault.add("stepped", "new", { attributes: { enabled: false } });
  const at = { vault: vault.url, secret: "stepped", credential: vault.credential() };
  expect(await failing(fromAzureKeyVault(at))).toMatchObject({ reason: "secret-disabled" });
  expect(await fromAzureKeyVault({ ...at, version: old }).get()).toMatchObject({ version: old });
});

test("nobody at that address is unreachable, and no certificate of ours makes another host the vault", async () => {
  const { vault } = world;
  const at = { secret: "acme", credential: vault.credential(), ttlMs: 0 };
  const clock = fakeClock();
  const closed = fromAzureKeyVault({ ...at, vault: "https://acme.vault.localhost:1", clock });
  expect(await failing(overPauses(clock, closed.get()))).toMatchObject({ reason: "network" });
  const misnamed = fromAzureKeyVault({ ...at, vault: `https://acme.else.localhost:${vault.port}`, clock });
  expect(await failing(overPauses(clock, misnamed.get()))).toMatchObject({ reason: "network" });
});

describe("a chain", () => {
  const next = fixed({ type: "api-key", key: new Secret("the-next") });
  test("goes on where there is no secret", async () => {
    const { vault } = world;
    vault.fault(undefined);
    const none = fromAzureKeyVault({ vault: vault.url, secret: "none", credential: vault.credential() });
    expect(await chain(none, next).get()).toMatchObject({ type: "api-key" });
  });

  test("SEC-68 stops where it is denied", async () => {
    const { vault } = world;
    vault.fault(denied("ForbiddenByRbac"));
    const at = { vault: vault.url, secret: "acme", credential: vault.credential() };
    expect(await failing(chain(fromAzureKeyVault(at), next))).toMatchObject({ reason: "no-role" });
    vault.fault(undefined);
  });
});
