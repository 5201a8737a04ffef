// Runs in a terminal of its own: asks, then prints what became of it, without the secret.
import { isAuthError } from "@auth/core";
import { fromPrompt } from "@auth/prompt";

const { plan = "ask", secret, ...options } = JSON.parse(process.argv[2] ?? "{}");
const leaving = new AbortController();
// A program that has something else to do would wait for ever for a question that never settles.
const busy = setInterval(() => {}, 60_000);

const plans: Record<string, () => void> = {
  abort: () => leaving.abort(new Error("the caller has left")),
  throw: () => {
    throw new Error("a bug elsewhere");
  },
  exit: () => process.exit(3),
  signal: () => process.kill(process.pid, process.argv[3] as NodeJS.Signals),
};
const act = plans[plan];
// Once a stopped program is back, it says so, when everybody else has seen the signal.
process.on("SIGCONT", () => setImmediate(() => console.log("<back>")));
// Acts when the question stands and the first key was pressed.
if (act) process.stdin.once("data", () => setImmediate(act));

const provider = fromPrompt(options);
const gets = plan === "twice" ? [provider.get(), provider.get()] : [provider.get({ signal: leaving.signal })];
if (plan === "two") gets.push(fromPrompt({ type: "api-key" }).get());
for (const outcome of await Promise.allSettled(gets)) {
  if (outcome.status === "rejected") {
    const { reason: error } = outcome;
    console.log(isAuthError(error) ? `<${error.code} ${error.reason}>` : `<${error.name}: ${error.message}>`);
    continue;
  }
  const found = outcome.value;
  const text =
    found.type === "password"
      ? found.password.reveal()
      : found.type === "api-key"
        ? found.key.reveal()
        : found.type === "access-token"
          ? found.token.reveal()
          : "";
  console.log(`<${found.type} ${found.account ?? "-"} ${text === secret ? "as typed" : "other"}>`);
}
clearInterval(busy);
