/**
 * The account that a login is kept under: its name, where every keychain keeps that apart from others and a person can read it;
 * else what can be read of it, and a digest. Windows does not tell upper from lower case.
 */
export function itemAccount(key: string): string {
  if (/^[a-z\d][a-z\d ._@:/+-]{0,127}$/.test(key)) return key;
  const { createHash } = process.getBuiltinModule("node:crypto");
  const digest = createHash("sha256").update(key).digest("hex").slice(0, 32);
  return `${key.replace(/[^\w ._@:/+-]/g, "_").slice(0, 64)} #${digest}`;
}
