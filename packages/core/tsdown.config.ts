import type { UserConfig } from "tsdown";
import base from "../../tsdown.base.ts";

// An app with a fixed token needs no engine: `createAuth` imports it when it is called for, so a bundler can split it off.
// The other files are few, because each costs time to load. Declarations are built apart: they have no such needs.
const code: UserConfig = {
  ...base,
  dts: false,
  publint: false,
  attw: false,
  // Comments and blanks cost every start; names are kept for stack traces. The declarations keep the words.
  minify: { compress: false, mangle: false },
  outputOptions: {
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
