/** The other end of `startChild`: what the demo tells this process, and what this process tells the demo. */
interface Told {
  readonly input?: unknown;
  readonly go?: true;
  readonly stop?: true;
}

const input = Promise.withResolvers<unknown>();
const go = Promise.withResolvers<void>();
let stop = false;

process.on("message", (told: Told) => {
  if ("input" in told) input.resolve(told.input);
  if (told.go) go.resolve();
  if (told.stop) stop = true;
});
process.on("disconnect", () => process.exit());

export const parent = {
  input: <Input>(): Promise<Input> => input.promise as Promise<Input>,
  /** Says that all is prepared, and waits for the start. */
  start(): Promise<void> {
    process.send?.({ ready: true });
    return go.promise;
  },
  get stopped(): boolean {
    return stop;
  },
  /** The last word. */
  report: (report: object): void => void process.send?.({ report }, () => process.disconnect()),
};
