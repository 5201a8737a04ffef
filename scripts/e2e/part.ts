/** What a part of the proof has to say, and what it found wrong. */
export interface Part {
  report?: string;
  problems: string[];
}
