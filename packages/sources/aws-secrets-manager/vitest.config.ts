import { project } from "../../../vitest.shared.ts";

const shared = project("aws-secrets-manager");
// As Node resolves it: the SDK's "module" build is for bundlers, and Node cannot load it.
const conditions = ["src", "node"];

export default {
  ...shared,
  resolve: { conditions },
  ssr: { resolve: { conditions, externalConditions: ["src"] } },
  test: { ...shared.test, globalSetup: ["test/support/global-setup.ts"] },
};
