import { project } from "../../../vitest.shared.ts";

const shared = project("aws-secrets-manager");

export default { ...shared, test: { ...shared.test, globalSetup: ["test/support/global-setup.ts"] } };
