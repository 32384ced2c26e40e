/** The outlines of DejaVu's letters, which every picture brings along: text looks the same wherever it is seen. */
import { readJson } from "../assets.js";

/** A kind of letters. */
export type Face = "normal" | "bold" | "italic" | "monospace";

/** One font: the width and the outline of each character, and how far pairs of letters move together. */
export interface Font {
  readonly unitsPerEm: number;
  readonly glyphs: Readonly<Record<string, readonly [width: number, outline: string]>>;
  readonly kerning: Readonly<Record<string, number>>;
}

let fonts: Record<Face, Font> | undefined;

/** The font of a kind of letters. */
export function fontOf(face: Face): Font {
  fonts ??= readJson<Record<Face, Font>>("fonts.json.gz");
  return fonts[face];
}

/** The height of an `l` and the depth of a `p`, in sizes of the font: a line of text is this high. */
export const ascent = 0.7598;
export const descent = 0.2075;
