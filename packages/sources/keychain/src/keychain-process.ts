// The process in which the keychain is asked. A call cannot be interrupted, and holds up the end of the process it is made
// in; this one can be killed. Arguments: backend, store. Nothing secret goes through them, or through the environment.
import { type Ask, type Call, keytarBackend, type LinuxStore, napiBackend } from "./backends.ts";

interface Question {
  readonly id: number;
  readonly call: Call;
}

const [backend, store] = process.argv.slice(2);
let asking: Promise<Ask> | undefined;

async function load(): Promise<Ask> {
  if (backend === "keytar") {
    // @ts-expect-error: an optional peer, which need not be there
    const module = await import("keytar");
    return keytarBackend(module.default);
  }
  const { default: module } = await import("@napi-rs/keyring");
  return napiBackend(module, store as LinuxStore);
}

async function answer({ id, call }: Question): Promise<void> {
  try {
    asking ??= load();
    const ask = await asking;
    process.send?.({ id, value: await ask(call) });
  } catch (thrown) {
    const { message, code } = Object(thrown) as { message?: unknown; code?: unknown };
    process.send?.({ id, error: { message: String(message).slice(0, 2_000), code: String(code) } });
  }
}

// Ctrl-C, a closed terminal and a stopping service reach this process too. Whether a save comes to its end is not theirs to say: the
// program may be at its last words, and whenever it is gone, so is this one (SEC-65).
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, () => {});
process.on("message", (question: Question) => void answer(question));
// A call in flight would hold up `process.exit`.
process.on("disconnect", () => process.kill(process.pid, "SIGKILL"));
