import { pipeline, type Readable, Transform } from "node:stream";
import { maxAnswerBytes, named } from "./transport.ts";

export interface Limited {
  readonly request: { readonly protocol?: string; readonly hostname?: string };
}

const loopback = /^(?:127\.0\.0\.1|\[?::1\]?|localhost)$/;

/** What the SDK does not look at itself: where a request goes, and how long its answer is. */
export const limits = {
  /** SEC-20: an endpoint comes from the environment, too, so it is known only now. */
  check({ protocol, hostname = "" }: Limited["request"]): void {
    if (protocol !== "https:" && !loopback.test(hostname)) throw named("InsecureTransport");
  },

  /** SEC-29: the same bytes, or an error and a closed socket. */
  atMost(body: Readable, most: number = maxAnswerBytes): Readable {
    let seen = 0;
    const counter = new Transform({
      transform(chunk: Uint8Array, _encoding, done) {
        seen += chunk.length;
        if (seen > most) done(named("ResponseTooLarge"));
        else done(null, chunk);
      },
    });
    return pipeline(body, counter, () => {}); // an error comes out of `counter`, to whoever reads it
  },
} as const;
