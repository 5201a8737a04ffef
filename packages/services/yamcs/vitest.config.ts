import { project } from "../../../vitest.shared.ts";

const shared = project("yamcs");

export default { ...shared, test: { ...shared.test, globalSetup: ["test/support/global-setup.ts"] } };
