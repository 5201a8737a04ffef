import { racer } from "../../src/racer.ts";

const { input, barrier, report } = racer();
const { url, form } = input as { url: string; form: Record<string, string> };
await barrier();
const response = await fetch(url, { method: "POST", body: new URLSearchParams(form) });
report(response.status);
