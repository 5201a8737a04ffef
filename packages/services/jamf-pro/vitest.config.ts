import { project } from "../../../vitest.shared.ts";

// As Node resolves it: the SDK's "module" build is for bundlers, and Node cannot load it.
const conditions = ["src", "node"];

export default {
  ...project("jamf-pro"),
  resolve: { conditions },
  ssr: { resolve: { conditions, externalConditions: ["src"] } },
};
