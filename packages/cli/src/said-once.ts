/** At the beginning of a line or of an item: the name of a source that ends in a path, and the same path as the subject. */
const twice = /^( *(?:- )?)[\w-]{1,40} ((?:~?\/|[a-z]:\\)[^\n]{1,400}?)(?: \([^)\n]*\))?: (?=\2[ .])/gim;

/** `file /run/acme: /run/acme is not there` says the path twice; people need it once. */
export function saidOnce(message: string): string {
  return message.replace(twice, "$1");
}

/** The same below a row that has the source's name already. */
export function saidBelow(provider: string, message: string): string {
  const rest = message.startsWith(`${provider}: `) ? message.slice(provider.length + 2) : message;
  const [subject = ""] = /(?:~?\/|[a-z]:\\).*$/i.exec(provider) ?? [];
  return subject !== "" && rest.startsWith(`${subject} `) ? rest.slice(subject.length + 1) : saidOnce(rest);
}
