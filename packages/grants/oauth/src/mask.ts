/** What a piece of the text stands for, and where it stands. */
interface View {
  /** In lower case, so that case hides nothing. */
  readonly text: string;
  /** Where in the original each character of `text` comes from. */
  readonly from: readonly number[];
  readonly to: readonly number[];
  /** Length → each piece of that length that may have to be hidden → where it stands. */
  readonly pieces: Map<number, Map<string, number[]>>;
}

/**
 * Hides secrets in a text of somebody else's: whole, or eight characters of them in a row (fewer of short ones); in any case,
 * HTML- or JSON-escaped, URL- or form-encoded, base64, base64url or hex (SEC-5). Linear time.
 */
export function mask(text: string, secrets: readonly string[]): string {
  const hidden = new Uint8Array(text.length);
  const [first, second] = [plain(text), unescaped(text)];
  const views = first.text === second.text ? [first] : [first, second];
  for (const secret of new Set(secrets)) {
    if (secret === "") continue;
    const part = Math.min(8, Math.max(4, Math.ceil(secret.length / 2)));
    for (const [spelling, perCharacter] of spellings(secret)) {
      const form = spelling.toLowerCase();
      const length = Math.min(part * perCharacter, form.length);
      for (const view of views) hide(view, form, length, hidden);
    }
  }
  let shown = "";
  for (let at = 0; at < text.length; at++) {
    if (!hidden[at]) shown += text[at];
    else if (!hidden[at - 1]) shown += "[secret]";
  }
  return shown;
}

/** Marks what the view has in common with `form`, where that is at least so long. */
function hide(view: View, form: string, length: number, hidden: Uint8Array): void {
  const places = piecesOf(view, length);
  for (let start = 0; start + length <= form.length && places.size > 0; start++) {
    const piece = form.slice(start, start + length);
    for (const place of places.get(piece) ?? [])
      hidden.fill(1, view.from[place], view.to[place + length - 1]);
    places.delete(piece); // hidden once is enough, however often it comes
  }
}

function piecesOf({ text, pieces }: View, length: number): Map<string, number[]> {
  const known = pieces.get(length);
  if (known) return known;
  const places = new Map<string, number[]>();
  for (let start = 0; start + length <= text.length; start++) {
    const piece = text.slice(start, start + length);
    const at = places.get(piece);
    if (at) at.push(start);
    else places.set(piece, [start]);
  }
  pieces.set(length, places);
  return places;
}

function plain(text: string): View {
  const from = Array.from({ length: text.length }, (_, at) => at);
  const lower = from.map((at) => lowered(text[at] ?? "")).join("");
  return { text: lower, from, to: from.map((at) => at + 1), pieces: new Map() };
}

const named: Readonly<Record<string, string>> = { amp: "&", lt: "<", gt: ">", quot: '"', apos: "'" };
/** An HTML reference, a JSON escape, or bytes in percent escapes. */
const escaped =
  /&(?:#(\d{1,7})|#x([\da-f]{1,6})|(amp|lt|gt|quot|apos));?|\\(?:u([\da-f]{4})|(["\\/]))|((?:%[\da-f]{2})+)/giy;

function unescaped(text: string): View {
  let plain = "";
  const from: number[] = [];
  const to: number[] = [];
  for (let at = 0, end = 0; at < text.length; at = end) {
    escaped.lastIndex = at;
    const found = escaped.exec(text);
    end = at + (found?.[0].length ?? 1);
    for (const character of (found ? meaning(found) : (text[at] ?? "")).split("")) {
      plain += lowered(character);
      from.push(at);
      to.push(end);
    }
  }
  return { text: plain, from, to, pieces: new Map() };
}

function meaning([all, decimal, hex, name, unit, character, bytes]: RegExpExecArray): string {
  if (bytes !== undefined) return fromBytes(bytes);
  if (character !== undefined) return character;
  if (name !== undefined) return named[name.toLowerCase()] ?? all;
  if (unit !== undefined) return String.fromCharCode(Number.parseInt(unit, 16));
  const code = decimal === undefined ? Number.parseInt(hex ?? "", 16) : Number(decimal);
  return code <= 0x10ffff ? String.fromCodePoint(code) : all;
}

function fromBytes(escapes: string): string {
  const bytes = Uint8Array.from(escapes.match(/[\da-f]{2}/gi) ?? [], (byte) => Number.parseInt(byte, 16));
  return new TextDecoder().decode(bytes);
}

/** A few letters are longer in lower case; positions must stay. */
function lowered(character: string): string {
  const lower = character.toLowerCase();
  return lower.length === character.length ? lower : character;
}

/** The ways a server may quote what it got, and how many characters each has for one of the secret. */
function spellings(secret: string): Map<string, number> {
  const bytes = Array.from(new TextEncoder().encode(secret));
  const base64 = btoa(bytes.map((byte) => String.fromCharCode(byte)).join(""));
  return new Map([
    [secret, 1],
    [new URLSearchParams([["", secret]]).toString().slice(1), 1],
    [base64, 1],
    [base64.replaceAll("+", "-").replaceAll("/", "_"), 1],
    [bytes.map((byte) => byte.toString(16).padStart(2, "0")).join(""), 2],
  ]);
}
