import type { Interaction, InteractionStep } from "@auth/core";
import type { Context } from "./context.ts";
import { qrCode } from "./qr-code.ts";
import { clean } from "./text.ts";
import { fromNow, instant } from "./when.ts";

type CodeStep = Extract<InteractionStep, { type: "device-code" }>;

export interface CodeDisplay extends Disposable {
  readonly show: Interaction;
}

/**
 * Shows a person the code of a login and where to enter it; on a terminal also as a QR code, with the time that is left. Opens
 * nothing (SEC-94).
 */
export function codeDisplay(context: Context, profile: string): CodeDisplay {
  let timer: NodeJS.Timeout | undefined;
  let over = false;
  return {
    async show(step) {
      if (step.type !== "device-code") return;
      const { options, err } = context;
      if (options.json) return context.say(JSON.stringify({ deviceCode: shown(step) }));
      context.say(await text(step, context, profile));
      if (!err.isTerminal || over) return;
      const wait = (): void => context.progress(err.dim(`Waiting for you, ${left(step.expiresAt)} left`));
      wait();
      timer = setInterval(wait, 1_000).unref();
    },
    [Symbol.dispose]() {
      over = true;
      clearInterval(timer);
      context.progress("");
    },
  };
}

async function text(step: CodeStep, { io, err }: Context, profile: string): Promise<string> {
  const { userCode, verificationUri, verificationUriComplete, expiresAt } = shown(step);
  const rows = [
    ["Page", verificationUri],
    ["Code", userCode],
    ...(verificationUriComplete ? [["Both", verificationUriComplete]] : []),
  ];
  const lines = rows.map(([word, value = ""]) => `  ${err.dim(`${word}  `)}${err.bold(value)}\n`).join("");
  const says = `Log in to ${profile} in a browser, on any device:\n${lines}`;
  if (!err.isTerminal)
    return `${says}The code is good until ${instant(expiresAt)}, ${fromNow(expiresAt, Date.now())}.`;
  const columns = io.stderr.columns ?? 80;
  const taken = rows.reduce((sum, [, value = ""]) => sum + Math.ceil((value.length + 8) / columns), 2);
  const room = { columns, rows: (io.stderr.rows ?? 24) - taken };
  const code = await qrCode(verificationUriComplete ?? verificationUri, err, room);
  return `${code ?? ""}${says}`.trimEnd();
}

/** As it may be shown (SEC-123). */
function shown({ userCode, verificationUri, verificationUriComplete, expiresAt }: CodeStep): CodeStep {
  const address = (uri: string): string => clean(new URL(uri).href);
  return {
    type: "device-code",
    userCode: clean(userCode),
    verificationUri: address(verificationUri),
    ...(verificationUriComplete !== undefined && {
      verificationUriComplete: address(verificationUriComplete),
    }),
    expiresAt,
  };
}

/** `14:59` */
function left(until: Date): string {
  const seconds = Math.max(0, Math.ceil((until.getTime() - Date.now()) / 1_000));
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
}
