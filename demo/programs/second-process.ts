import { parent } from "./parent.ts";
import { type Place, service } from "./service.ts";

/** What the demo hears of the other process. */
export interface SecondProcess {
  readonly pid: number;
  readonly status: number;
  /** The token's random id: made for logs. */
  readonly tokenId: string | undefined;
}

// The same program once more, in a process that knows nothing.
const place = await parent.input<Place>();
const { auth, api } = service(place);
const { status } = await api(`${place.api}/orders?from=second`);
const report: SecondProcess = { pid: process.pid, status, tokenId: auth.peek()?.id };
parent.report(report);
