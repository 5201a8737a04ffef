import type { FileHandle } from "node:fs/promises";
import { setImmediate as turn } from "node:timers/promises";
import type { Files } from "../../src/system.ts";
import { type Hooks, steppingFiles } from "./stepping-files.ts";

/** So many steps of one actor before the next one's turn. */
export interface Run {
  readonly actor: number;
  readonly steps: number;
}

/** Lets several actors call the file system one step at a time, in an order that is given. */
export class StepScheduler {
  readonly #disk: Files;
  readonly #waiting = new Map<number, (() => void)[]>();
  readonly #handles: FileHandle[] = [];
  #busy = 0;

  constructor(disk: Files) {
    this.#disk = disk;
  }

  /** The file system of one actor. It dies before its step `dies`: that one never comes back. */
  files(actor: number, dies: number | undefined, died: () => void): Files {
    let steps = 0;
    const hooks: Hooks = {
      before: async () => {
        await new Promise<void>((go) => {
          this.#waiting.set(actor, [...(this.#waiting.get(actor) ?? []), go]);
        });
        if (dies !== undefined && ++steps >= dies) {
          died();
          this.#busy--;
          await new Promise(() => {}); // for ever
        }
      },
      after: (step, result) => {
        this.#busy--;
        if (step.name === "open" && result) this.#handles.push(result as FileHandle);
      },
    };
    return steppingFiles(hooks, this.#disk);
  }

  /** Goes by the plan, and then in turn, until nobody has anything left to do; `wake`: there is more, because time passed. */
  async play(plan: readonly Run[], actors: number, wake: () => boolean = () => false): Promise<void> {
    await this.#settled();
    for (const { actor, steps } of plan)
      for (let step = 0; step < steps && (await this.#step(actor)); step++);
    do {
      await this.#settled();
      for (let idle = 0; idle < actors; )
        for (let actor = 0; actor < actors; actor++) idle = (await this.#step(actor)) ? 0 : idle + 1;
    } while (wake());
    for (const handle of this.#handles) await handle.close();
  }

  async #step(actor: number): Promise<boolean> {
    const go = this.#waiting.get(actor)?.shift();
    if (!go) return false;
    this.#busy++;
    go();
    await this.#settled();
    return true;
  }

  /** What goes on with a call's result has come to its next call, or to its end. */
  async #settled(): Promise<void> {
    do await turn();
    while (this.#busy > 0);
  }
}
