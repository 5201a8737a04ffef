import { defineConfig } from "vitest/config";

const report = process.env["AUTH_TEST_REPORT"];

export default defineConfig({
  test: {
    projects: [
      "packages/*/vitest.config.ts",
      "packages/*/*/vitest.config.ts",
      "{bench,demo,fleet,race,scripts}/vitest.config.ts",
    ],
    globalSetup: ["./vitest.temporary.ts"],
    reporters: report ? ["default", ["json", { outputFile: report }]] : ["default"],
  },
});
