import { project } from "../vitest.shared.ts";

const shared = project("demo");
const moto = "../packages/sources/aws-secrets-manager/test/support/global-setup.ts";

export default { ...shared, test: { ...shared.test, globalSetup: [moto] } };
