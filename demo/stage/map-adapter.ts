type Entry = Record<string, unknown> & { readonly grantId?: string };

/** Where the authorization server keeps what it gives out: this process. `seen` is told of every token. */
export function mapAdapter(seen: (token: string) => void): (model: string) => object {
  const entries = new Map<string, Entry>();
  const secret: ReadonlySet<string> = new Set(["AccessToken", "ClientCredentials", "RefreshToken"]);
  return (model) => {
    const at = (id: string): string => `${model} ${id}`;
    return {
      async upsert(id: string, entry: Entry) {
        if (secret.has(model)) seen(id);
        entries.set(at(id), entry);
      },
      async find(id: string) {
        return entries.get(at(id));
      },
      async consume(id: string) {
        entries.set(at(id), { ...entries.get(at(id)), consumed: Math.floor(Date.now() / 1_000) });
      },
      async destroy(id: string) {
        entries.delete(at(id));
      },
      async revokeByGrantId(grantId: string) {
        for (const [key, entry] of entries) if (entry.grantId === grantId) entries.delete(key);
      },
    };
  };
}
