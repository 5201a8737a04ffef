import type { UserConfig } from "tsdown";
import base from "../../tsdown.base.ts";

// An app with a fixed token needs no engine: `createAuth` imports it when it is called for, so a bundler can split it off.
// The other files are few, because each costs time to load. Declarations are built apart: they have no such needs.
const code: UserConfig = {
  ...base,
  dts: false,
  publint: false,
  attw: false,
  outputOptions: {
    // A stack trace points to a line that can be read; only comments are left out. The declarations keep them.
    comments: false,
    codeSplitting: {
      includeDependenciesRecursively: false,
      groups: [
        { name: "store", test: /src\/(?:record|memory-store|json)/ },
        {
          name: "auth",
          test: /src\/(?!engine|index|debug|default|home|network|resolver|reference|payload|json)/,
        },
      ],
    },
  },
};

const declarations: UserConfig = { ...base, clean: false, dts: { sourcemap: false, emitDtsOnly: true } };

export default [code, declarations];
