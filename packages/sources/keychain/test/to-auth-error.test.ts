import { canary } from "@auth/testkit";
import { describe, expect, test } from "vitest";
import { toAuthError } from "../src/to-auth-error.ts";

const locked = { code: "ERR_AUTH_DENIED", reason: "locked" };
const denied = { code: "ERR_AUTH_DENIED", reason: "permission-denied" };
const ambiguous = { code: "ERR_AUTH_INVALID", reason: "ambiguous" };
const notText = { code: "ERR_AUTH_INVALID", reason: "not-utf8" };
const tooLarge = { code: "ERR_AUTH_INVALID", reason: "secret-too-large" };
const away = { code: "ERR_AUTH_UNAVAILABLE", reason: "no-keychain" };
const noBackend = { code: "ERR_AUTH_UNAVAILABLE", reason: "no-backend" };
const hangs = { code: "ERR_AUTH_UNREACHABLE", reason: "timeout" };

const doing = { source: "keychain acme/alice", what: "get", item: '"alice" of "acme"' } as const;
const meaning = (message: string, code?: string) =>
  toAuthError(Object.assign(new Error(message), { code }), doing);

describe("SEC-81 what keychains say, word for word", () => {
  // Linux: seen. macOS and Windows: as their systems and the sources of the modules spell it.
  test.each([
    ["Couldn't access platform storage: Secret Service: unlock prompt was dismissed", locked],
    ["zbus error: org.freedesktop.Secret.Error.IsLocked: Cannot get secret of a locked object", locked],
    ["SS Error: object locked", locked],
    ["Cannot create an item in a locked collection", locked],
    ["Platform failure: User interaction is not allowed.", locked],
    [
      'Entry is matched by 2 credentials: [Entry { inner: Wrapper { path: Path("/org/freedesktop/secrets/collection/login/3\\0") } }]',
      ambiguous,
    ],
    ["Password data is not valid UTF-8", notText],
    ["Attribute 'password' is longer than the platform limit of 2560 chars", tooLarge],
    [
      "Platform failure: DBus error: Did not receive a reply. Possible causes include: the remote application did not send a reply, the message bus security policy blocked the reply, the reply timeout expired, or the network connection was broken.",
      hangs,
    ],
    [
      "Platform failure: DBus error: Using X11 for dbus-daemon autolaunch was disabled at compile time, set your DBUS_SESSION_BUS_ADDRESS instead",
      away,
    ],
    ["Cannot autolaunch D-Bus without X11 $DISPLAY", away],
    [
      "Platform failure: DBus error: The name org.freedesktop.secrets was not provided by any .service files",
      away,
    ],
    [
      "Platform failure: DBus error: Failed to connect to socket /nonexistent: No such file or directory",
      away,
    ],
    ["Platform failure: DBus error: Address does not contain a colon", away],
    ["Could not connect: No such file or directory", away],
    ["Couldn't access platform storage: Secret Service: no result found", away],
    ["Object does not exist at path “/org/freedesktop/secrets/collection/login”", away],
    ["No keychain is available. You may need to restart your computer.", away],
    ["A specified logon session does not exist. It may already have been terminated.", away],
    ["Platform failure: The user name or passphrase you entered is not correct.", denied],
    ["User canceled the operation.", denied],
    ["Couldn't access platform storage: AccessDenied", denied],
  ])("%s", (message, expected) => {
    expect(meaning(message)).toMatchObject(expected);
  });

  test.each([
    ["Cannot find native binding. npm has a bug related to optional dependencies", "undefined", noBackend],
    ["Cannot find module '../build/Release/keytar.node'", "MODULE_NOT_FOUND", noBackend],
    ["Cannot find package 'keytar' imported from …", "ERR_MODULE_NOT_FOUND", noBackend],
    ["libsecret-1.so.0: cannot open shared object file", "ERR_DLOPEN_FAILED", noBackend],
    ["Access to this API has been restricted.", "ERR_ACCESS_DENIED", noBackend],
    ["no process can be started", "ERR_NO_SCRIPT", noBackend],
    ["no process can be started", "ERR_SINGLE_EXECUTABLE", noBackend],
  ])("%s (%s)", (message, code, expected) => {
    expect(meaning(message, code)).toMatchObject(expected);
  });
});

test("Deno's refusal has a name, and no code", () => {
  const refusal = Object.assign(new Error("Requires run access"), { name: "NotCapable" });
  expect(toAuthError(refusal, doing)).toMatchObject(noBackend);
});

test.each([
  ["get", "read-failed"],
  ["set", "save-failed"],
  ["delete", "save-failed"],
] as const)("what is unknown is no absence: %s", (what, reason) => {
  const error = toAuthError(new Error("Benutzerinteraktion ist nicht zulässig."), { ...doing, what });
  expect(error).toMatchObject({ code: "ERR_AUTH_UNREACHABLE", reason, retryable: true });
});

test.each([undefined, null, "", 7, Symbol("odd"), Object.freeze({}), { message: 1n }])(
  "whatever is thrown is an error of ours: %s",
  (thrown) => {
    expect(toAuthError(thrown, doing)).toMatchObject({ reason: "read-failed" });
  },
);

test("SEC-3 SEC-4 the words of a backend go nowhere, whether they are known or not", () => {
  const secret = canary("words");
  for (const said of ["unlock prompt was dismissed", "something new"])
    secret.check(meaning(`${said} ${secret.value}`, secret.value));
});

test("SEC-7 a megabyte of words is looked at in linear time", () => {
  for (const word of ["matched by ", "a", "interaction "]) {
    const error = meaning(word.repeat(1_000_000 / word.length));
    expect(error.reason).toBe("read-failed");
  }
});
