const begin = /^-----BEGIN ([A-Z0-9 ]{1,40})-----/;

/**
 * A PEM as a variable, a `.env` or a platform's form keeps it: in quotes that were to be taken off, and with line breaks that
 * became a backslash and an n. Neither character is in PEM (RFC 7468 §3), so nothing else can be meant.
 */
export function withLineBreaks(text: string): string {
  const whole = text.trim();
  const quoted = /^["']-----BEGIN /.test(whole) && whole.endsWith(whole.charAt(0));
  const bare = quoted ? whole.slice(1, -1) : whole;
  return begin.test(bare) ? bare.replace(/\\r\\n|\\[nr]/g, "\n").trim() : bare;
}

/** What is wrong with a PEM that is no key, as far as its frame tells; nothing for what is no PEM. */
export function pemFlaw(text: string): string | undefined {
  if (text.startsWith("LS0tLS1CRUdJTi"))
    return "the private key is a PEM in base64. Store it decoded, or have its source decode it";
  const [, label = ""] = begin.exec(text) ?? [];
  if (!label) return undefined;
  if (!text.trimEnd().endsWith(`-----END ${label}-----`))
    return "the private key breaks off: it has no last line, so what stored it took it for one line only. Write its line breaks as \\n, put it in quotes, or keep it in a file";
  if (label === "ENCRYPTED PRIVATE KEY" || /^(?:Proc-Type|DEK-Info):/m.test(text))
    return 'the private key has a password, and nobody to ask for it. Take it off: "openssl pkcs8 -topk8 -nocrypt"';
  if (label !== "PRIVATE KEY" && label.endsWith("PRIVATE KEY"))
    return `the private key is a "${label}", and PKCS #8 is needed. Convert it: "openssl pkcs8 -topk8 -nocrypt"`;
  if (label !== "PRIVATE KEY")
    return `the private key is a "${label}", which cannot sign. Store the private key`;
  return undefined;
}
