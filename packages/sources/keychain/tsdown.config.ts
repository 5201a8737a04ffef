import type { UserConfig } from "tsdown";
import base from "../../../tsdown.base.ts";

// The process that asks the keychain is a program of its own, which nobody imports.
const config: UserConfig = { ...base, entry: [...(base.entry as string[]), "src/keychain-process.ts"] };

export default config;
