import type { Place, Service } from "../programs/service.ts";
import type { Ledger } from "../show/ledger.ts";
import type { Screen } from "../show/screen.ts";
import type { Api } from "../stage/api.ts";
import type { AuthorizationServer } from "../stage/authorization-server.ts";
import type { PrivateFolder } from "../stage/private-folder.ts";

/** What every step works with. */
export interface Scene {
  readonly screen: Screen;
  readonly ledger: Ledger;
  readonly folder: PrivateFolder;
  readonly server: AuthorizationServer;
  readonly api: Api;
  readonly place: Place;
  readonly service: Service;
}

/** One part of the story: it shows something, and puts what it measured into the ledger. */
export interface Step {
  readonly title: string;
  run(scene: Scene): Promise<void>;
}
