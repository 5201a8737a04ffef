import { canary, type FakeClock, fakeClock } from "@auth/testkit";
import { describe, expect, test } from "vitest";
import { type FromAwsSecretsManagerOptions, fromAwsSecretsManager } from "../src/index.ts";
import type { Fault } from "./support/aws-front.ts";
import { failing, secretOf, unhurried } from "./support/outcome.ts";
import { useWorld } from "./support/world.ts";

const world = useWorld();
const secret = canary("told");

/** What one read comes to, in time that passes by itself. */
async function read(options: Partial<FromAwsSecretsManagerOptions> = {}, clock: FakeClock = fakeClock()) {
  await using provider = fromAwsSecretsManager({ secretId: "team/app", clock, ...options });
  const outcome = await unhurried(clock, failing(provider));
  secret.check(outcome);
  return outcome;
}

/** A refusal by AWS, whose words quote what nobody may see. */
const refusal = (type: string, message = "", status = 400): Fault => ({
  status,
  type,
  message: `${message} ${secret.value}`,
});

describe("each refusal has a meaning of its own", () => {
  const never = { requests: 1 };
  const again = { requests: 3 };
  const rows: [type: string, code: string, reason: string, expected: { requests: number }, fault?: Fault][] =
    [
      ["ResourceNotFoundException", "NOT_FOUND", "no-secret", never],
      [
        "ResourceNotFoundException for a stage",
        "NOT_FOUND",
        "no-version",
        never,
        refusal(
          "ResourceNotFoundException",
          "Secrets Manager can't find the specified secret value for staging label: X",
        ),
      ],
      [
        "InvalidRequestException, deleted",
        "INVALID",
        "pending-deletion",
        never,
        refusal("InvalidRequestException", "You can't perform this operation … marked for deletion."),
      ],
      [
        "InvalidParameterException, deleted",
        "INVALID",
        "pending-deletion",
        never,
        refusal("InvalidParameterException", "the secret is scheduled for deletion"),
      ],
      ["InvalidRequestException", "INVALID", "bad-request", never],
      ["InvalidParameterException", "INVALID", "bad-request", never],
      ["ValidationException", "INVALID", "bad-request", never],
      ["AccessDeniedException", "DENIED", "permission-denied", never],
      [
        "AccessDeniedException of KMS",
        "DENIED",
        "kms-denied",
        never,
        refusal("AccessDeniedException", "Access to KMS is not allowed"),
      ],
      ["DecryptionFailure", "INVALID", "decryption-failed", never],
      ["ExpiredTokenException", "INTERACTION_REQUIRED", "login-needed", never],
      ["UnrecognizedClientException", "DENIED", "sign-in-refused", never],
      ["InvalidSignatureException", "DENIED", "sign-in-refused", never],
      ["IncompleteSignature", "DENIED", "sign-in-refused", never],
      ["ThrottlingException", "UNREACHABLE", "rate-limited", again],
      ["TooManyRequestsException", "UNREACHABLE", "rate-limited", again],
      ["LimitExceededException", "UNREACHABLE", "rate-limited", again],
      ["a bare 429", "UNREACHABLE", "rate-limited", again, { status: 429 }],
      [
        "InternalServiceError",
        "UNREACHABLE",
        "server-error",
        again,
        refusal("InternalServiceError", "", 500),
      ],
      ["a bare 503", "UNREACHABLE", "server-error", again, { status: 503 }],
      ["an unknown 500", "UNREACHABLE", "server-error", again, refusal("NewException", "", 500)],
      ["an unknown refusal", "INVALID", "bad-request", never, refusal("NewException")],
      ["SEC-4 a reset connection", "UNREACHABLE", "network", again, "reset"],
      [
        "SEC-23 a redirect",
        "INVALID",
        "redirect",
        never,
        { status: 302, headers: { location: "http://127.0.0.1:1/" } },
      ],
      ["no JSON", "INVALID", "malformed-response", never, { status: 200, body: `<b>${secret.value}</b>` }],
      ["neither text nor bytes", "INVALID", "malformed-response", never, { status: 200, body: "{}" }],
      // How a proxy on the way, or a firewall, refuses.
      ...[403, 404, 407].map(
        (status) =>
          [
            `a web page, ${status}`,
            "INVALID",
            "malformed-response",
            never,
            { status, body: "<html>blocked</html>" },
          ] as [string, string, string, { requests: number }, Fault],
      ),
      [
        "SEC-29 an answer without end",
        "INVALID",
        "response-too-large",
        never,
        { status: 200, body: Buffer.alloc(2 ** 21, JSON.stringify(secret.value)) },
      ],
    ];

  test.each(rows)("%s", async (type, code, reason, { requests }, fault = refusal(type)) => {
    world().front.fault(...Array.from({ length: requests + 1 }, () => fault));
    expect(await read()).toMatchObject({ code: `ERR_AUTH_${code}`, reason });
    expect(world().front.reads()).toBe(requests);
  });

  test("the message has AWS's request id, and a page to go on with", async () => {
    world().front.fault(refusal("AccessDeniedException"));
    expect(await read()).toMatchObject({
      message: expect.stringMatching(
        /^aws-sm team\/app: .*secretsmanager:GetSecretValue.*request id 0f4c1b2a-/,
      ),
      status: 400,
    });
  });

  test("SEC-3 SEC-4 nothing of AWS's words is kept, however deep one looks", async () => {
    world().front.fault(refusal("AccessDeniedException"));
    await using provider = fromAwsSecretsManager({ secretId: "team/app" });
    const error = await provider.get().catch((thrown: unknown) => thrown);
    secret.check(error);
    expect((error as Error).cause).toMatchObject({ name: "AccessDeniedException", message: "withheld" });
  });
});

describe("repeats are bounded (L3, L4, L5)", () => {
  test("two failures are forgiven", async () => {
    const name = await world().create("text");
    world().front.fault("reset", refusal("ThrottlingException"));
    const clock = fakeClock();
    await using provider = fromAwsSecretsManager({ secretId: name, clock });
    expect(secretOf(await unhurried(clock, provider.get()))).toBe("text");
    expect(world().front.reads()).toBe(3);
  });

  test("`attempts` says how often; a client of one's own is not made to repeat more", async () => {
    const throttled = Array.from({ length: 9 }, () => refusal("ThrottlingException"));
    world().front.fault(...throttled);
    expect(await read({ attempts: 1 })).toMatchObject({ reason: "rate-limited" });
    expect(world().front.reads()).toBe(1);
    expect(await read({ client: world().client({ maxAttempts: 1 }) })).toMatchObject({
      reason: "rate-limited",
    });
    expect(world().front.reads()).toBe(2);
  });

  test("a short Retry-After is waited for, a long one is told, and nothing is asked meanwhile", async () => {
    const clock = fakeClock();
    const busy = (after: string): Fault => ({ status: 503, headers: { "retry-after": after } });
    const name = await world().create("text");
    world().front.fault(busy("20"), busy("7200"));
    await using provider = fromAwsSecretsManager({ secretId: name, clock });
    const before = clock.monotonic();
    const outcome = { reason: "server-error", retryAfterMs: 3_600_000 };
    expect(await unhurried(clock, failing(provider))).toMatchObject(outcome);
    expect(clock.monotonic() - before).toBeGreaterThanOrEqual(20_000);
    expect(await failing(provider.get({ forceRefresh: true }))).toMatchObject(outcome);
    expect(world().front.reads()).toBe(2);
    await clock.advance(3_600_000);
    expect(secretOf(await provider.get())).toBe("text");
  });

  test("a Retry-After of more than 30 s is not waited for", async () => {
    world().front.fault({ status: 429, headers: { "retry-after": "31" } });
    expect(await read()).toMatchObject({ reason: "rate-limited", retryAfterMs: 31_000 });
    expect(world().front.reads()).toBe(1);
  });

  test("an attempt without an answer ends at `timeoutMs` (L1)", async () => {
    world().front.fault("hold");
    const clock = fakeClock();
    await using provider = fromAwsSecretsManager({
      secretId: "team/app",
      clock,
      attempts: 1,
      timeoutMs: 3_000,
    });
    const outcome = failing(provider);
    await world().front.held();
    await clock.advance(2_999);
    expect(await Promise.race([outcome, Promise.resolve("waiting")])).toBe("waiting");
    await clock.advance(1);
    expect(await outcome).toMatchObject({ code: "ERR_AUTH_UNREACHABLE", reason: "timeout" });
  });

  test("a clock that is an hour off is corrected by AWS's", async () => {
    const name = await world().create("text");
    world().front.now = () => Date.now() + 3_600_000;
    const clock = fakeClock();
    await using provider = fromAwsSecretsManager({ secretId: name, clock });
    expect(secretOf(await unhurried(clock, provider.get()))).toBe("text");
  });
});
