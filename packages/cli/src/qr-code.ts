import type { Style } from "./paint.ts";

/** Two modules of a column in one character, by whether the upper and the lower one are ink. */
const blocks = [" ", "▄", "▀", "█"] as const;

/**
 * A QR code of half blocks, `room` permitting: dark on light, as cameras want it. Without colors, what is light is drawn, as most
 * terminals are dark.
 */
export async function qrCode(
  text: string,
  style: Style,
  room: { readonly columns: number; readonly rows: number },
): Promise<string | undefined> {
  const { encode } = await import("uqr");
  const { data, size } = encode(text, { border: 2 });
  if (size + 2 > room.columns || Math.ceil(size / 2) > room.rows) return undefined;
  const drawn = (x: number, y: number): number =>
    y < size && (data[y]?.[x] === true) === style.hasColors ? 1 : 0;
  const lines: string[] = [];
  for (let y = 0; y < size; y += 2) {
    const line = Array.from({ length: size }, (_, x) => blocks[2 * drawn(x, y) + drawn(x, y + 1)]);
    lines.push(`  ${style.ink(line.join(""))}\n`);
  }
  return lines.join("");
}
