const { fetch: real } = globalThis; // whatever a test puts in its place

/** A request as a grant sent it. */
export interface SentRequest {
  readonly request: Request;
  /** The fake wall clock when it was sent. */
  readonly at: number;
}

/**
 * The `fetch` that a grant under test is given: it goes to the real server, and can be held up, answered by the suite, or
 * made to fail.
 */
export class Wire {
  readonly sent: SentRequest[] = [];
  /** In place of the server. */
  answer: (() => Response) | undefined;
  /** Runs while the request is under way. */
  onSend: (() => Promise<void>) | undefined;
  #underWay = 0;
  #held: PromiseWithResolvers<void> | undefined;
  readonly #watchers = new Set<() => void>();
  readonly #now: () => number;

  constructor(now: () => number) {
    this.#now = now;
  }

  /** Somebody waits for the network: no time passes meanwhile. */
  get busy(): boolean {
    return this.#underWay > 0;
  }

  readonly fetch: typeof fetch = async (input, init) => {
    const request = new Request(input, init);
    request.signal.throwIfAborted();
    this.sent.push({ request: request.clone(), at: this.#now() });
    for (const look of this.#watchers) look();
    this.#underWay++;
    try {
      if (this.#held) await Promise.race([this.#held.promise, aborted(request.signal)]);
      await this.onSend?.();
      const response = this.answer ? this.answer() : await real(request);
      // Whole, so that nobody waits for the network any more once the answer is there.
      const body = await response.arrayBuffer();
      const whole = new Response(/^(?:204|205|304)$/.test(`${response.status}`) ? null : body, response);
      return Object.defineProperty(whole, "url", { value: response.url || request.url });
    } finally {
      this.#underWay--;
    }
  };

  /** From now on requests wait before they reach the server, until the returned function is called. */
  hold(): () => void {
    const held = Promise.withResolvers<void>();
    this.#held = held;
    return () => {
      if (this.#held === held) this.#held = undefined;
      held.resolve();
    };
  }

  /** No connection, from now on. The failure quotes `secret`, as low layers do. */
  cut(secret: string): void {
    this.answer = () => {
      const cause = Object.assign(new Error(`connect ECONNREFUSED (${secret})`), { code: "ECONNREFUSED" });
      throw new TypeError("fetch failed", { cause });
    };
  }

  mend(): void {
    this.answer = undefined;
  }

  /** Resolves when one more request has been sent than now. */
  next(): Promise<void> {
    const enough = this.sent.length + 1;
    return new Promise((resolve) => {
      const look = (): void => {
        if (this.sent.length < enough) return;
        this.#watchers.delete(look);
        resolve();
      };
      this.#watchers.add(look);
    });
  }
}

function aborted(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) =>
    signal.addEventListener("abort", () => reject(signal.reason), { once: true }),
  );
}
