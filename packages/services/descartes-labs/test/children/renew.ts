import { racer } from "@auth/testkit";
import { fromEnvironmentOrTokenJson } from "../../src/index.ts";

const { barrier, report, input } = racer();
const auth = fromEnvironmentOrTokenJson({ domain: String(input) });
await barrier();
report((await auth.getToken()).reveal());
