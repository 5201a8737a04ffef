/** One spelling of a secret, and the pieces of it that give it away. */
export interface Form {
  readonly name: string;
  readonly pieces: readonly string[];
  /** What to look at: the text itself, unless the form needs it in another spelling. */
  readonly view: (text: string) => string;
}

export interface Sighting {
  /** `base64`, `hex` … */
  readonly form: string;
  /** What stands before it. */
  readonly before: string;
}

/** This much of a secret is already a leak. */
const shortest = 8;

const asIs = (text: string): string => text;
/** UTF-16 seen as single bytes is the text with zeros in between. */
const withoutZeros = (text: string): string => text.replaceAll("\0", "");
const unescaped = (text: string): string =>
  text.replace(/%([0-9a-f]{2})/gi, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
const bareHex = (text: string): string => text.toLowerCase().replace(/0x|[\s:,-]/g, "");

/** Every run of `length` characters. */
function pieces(text: string, length: number): string[] {
  return Array.from({ length: Math.max(0, text.length - length + 1) }, (_, at) =>
    text.slice(at, at + length),
  );
}

/**
 * The base64 of `core` inside the base64 of a longer text, as in `user:secret` of a Basic header: which characters stand
 * there depends on the position modulo 3. The outermost ones mix with their neighbours and are left out.
 */
function base64Pieces(core: string, encoding: "base64" | "base64url"): string[] {
  return [0, 1, 2].flatMap((offset) => {
    const inner = Buffer.from("\0".repeat(offset) + core, "latin1")
      .toString(encoding)
      .replace(/=+$/, "");
    return pieces(inner.slice(4, -4), 11); // eleven characters are eight bytes
  });
}

/** The forms of a random ASCII text of at least 16 characters. */
export function formsOf(core: string): readonly Form[] {
  const reversed = Array.from(core).reverse().join("");
  const hex = Buffer.from(core, "latin1").toString("hex");
  return [
    { name: "plain", pieces: pieces(core, shortest), view: withoutZeros },
    { name: "URL-encoded", pieces: pieces(core, shortest), view: unescaped },
    { name: "reversed", pieces: pieces(reversed, shortest), view: asIs },
    { name: "base64", pieces: base64Pieces(core, "base64"), view: asIs },
    { name: "base64url", pieces: base64Pieces(core, "base64url"), view: asIs },
    { name: "hex", pieces: pieces(hex, 2 * shortest), view: bareHex },
  ];
}

/** The first form of a secret that `text` holds. */
export function findForm(text: string, forms: readonly Form[]): Sighting | undefined {
  for (const form of forms) {
    const view = form.view(text);
    for (const piece of form.pieces) {
      const at = view.indexOf(piece);
      if (at < 0) continue;
      return { form: form.name, before: view.slice(Math.max(0, at - 40), at) };
    }
  }
  return undefined;
}

/** `text` without any piece of the secret. */
export function withoutForms(text: string, forms: readonly Form[]): string {
  const pieces = forms.flatMap((form) => form.pieces);
  return pieces.reduce((rest, piece) => rest.replaceAll(piece, "[secret]"), text);
}
