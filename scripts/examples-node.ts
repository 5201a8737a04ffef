// `pnpm e2e` runs the tests of the READMEs with a Node that knows the installed packages only, not the sources.
process.execPath = process.env["AUTH_EXAMPLES_NODE"] as string;
