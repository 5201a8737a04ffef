/**
 * Where a text stops being JSON, to stand right behind "is not strict JSON": the engine's own count of lines and columns. Its words
 * are dropped, for they quote the text.
 */
export function jsonPlace(text: string): string {
  try {
    JSON.parse(text);
    return "";
  } catch (error) {
    const { message } = error as Error;
    const [, line, column] = /\(line (\d+) column (\d+)\)$/.exec(message) ?? [];
    if (line !== undefined) return ` at line ${line}, column ${column}`;
    return message.endsWith("end of JSON input") ? ": it ends too early" : "";
  }
}
