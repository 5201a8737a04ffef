/** What a grant needs that talks to a server. Loaded with the first such call: an app with a fixed token never pays for it. */
export { askServer } from "./ask-server.ts";
export { blame } from "./blame.ts";
export { listen } from "./listen.ts";
export { logout } from "./logout.ts";
export { otherType } from "./other-type.ts";
export { status } from "./status.ts";
export { look, transaction } from "./transaction.ts";
