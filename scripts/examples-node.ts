// `pnpm e2e` runs the tests of the READMEs with a Node that knows the installed packages only, not the sources.
const { AUTH_EXAMPLES_NODE } = process.env;
if (AUTH_EXAMPLES_NODE) process.execPath = AUTH_EXAMPLES_NODE;
