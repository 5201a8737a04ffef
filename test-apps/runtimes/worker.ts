// A workers runtime: `workerd test` calls this.
import { smoke } from "./smoke.ts";

// biome-ignore lint/style/noDefaultExport: that is how a worker is exported
export default {
  async test(): Promise<void> {
    console.log((await smoke()).join("\n"));
  },
};
