/** What to do next about a token. */
export type Action = "use" | "use-and-refresh" | "keep-alive" | "refresh" | "exchange" | "login-needed";
