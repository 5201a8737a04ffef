/** Keeps everything until the server ends; the built-in one forgets after a thousand entries. */
export function mapAdapter(): (model: string) => object {
  type Entry = Record<string, unknown> & { grantId?: string; consumed?: number };
  const entries = new Map<string, Entry>();
  return (model) => {
    const at = (id: string): string => `${model} ${id}`;
    return {
      async upsert(id: string, entry: Entry) {
        entries.set(at(id), entry);
      },
      async find(id: string) {
        return entries.get(at(id));
      },
      async findByUserCode(userCode: string) {
        return [...entries.values()].find((entry) => entry["userCode"] === userCode);
      },
      async consume(id: string) {
        const entry = entries.get(at(id));
        if (entry) entry.consumed = Math.floor(Date.now() / 1_000);
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
