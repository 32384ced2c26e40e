/** Where the letters of a text stand: lines, kerning, and mathematics between dollar signs. */
import { Box, type Point } from "../geometry.js";
import { rcParams } from "../rc/rcParams.js";
import { ascent, descent, type Face, fontOf } from "./fonts.js";
import { isMath, layoutMath } from "./math.js";

/** How text looks. */
export interface TextStyle {
  readonly size: number;
  readonly weight?: string | number | undefined;
  readonly style?: string | undefined;
  readonly family?: string | readonly string[] | undefined;
}

/** A letter, with its left end on the baseline, y downwards. A letter that no font here has is drawn by the viewer's. */
export interface PlacedGlyph {
  readonly char: string;
  readonly face: Face;
  readonly size: number;
  readonly x: number;
  readonly y: number;
  readonly isForeign: boolean;
}

/** A straight line: of a fraction or a root. */
export interface Rule {
  readonly box: Box;
}

/** A line of text: its letters around the start of the baseline. */
export interface TextLine {
  readonly glyphs: readonly PlacedGlyph[];
  readonly rules: readonly Rule[];
  readonly width: number;
  readonly ascent: number;
  readonly descent: number;
}

/** A text of one or several lines; the box reaches from (0, 0) to (width, height), y downwards. */
export interface TextLayout extends Omit<TextLine, "ascent" | "descent"> {
  readonly height: number;
  /** From the top to the baseline of the last line. */
  readonly baseline: number;
}

/** The font that goes with a style. */
export function faceOf({ weight, style, family }: Omit<TextStyle, "size">): Face {
  const families = [family ?? rcParams["font.family"]].flat();
  if (families.some((one) => /mono/i.test(String(one)))) return "monospace";
  const heavy = weight ?? rcParams["font.weight"];
  if (typeof heavy === "number" ? heavy >= 600 : /bold|heavy|black/.test(heavy)) return "bold";
  return (style ?? rcParams["font.style"]) === "normal" ? "normal" : "italic";
}

/** The face that has a character: the wished one, else the plain one; `undefined` where none has. */
export function faceWith(char: string, face: Face): Face | undefined {
  if (fontOf(face).glyphs[char]) return face;
  return fontOf("normal").glyphs[char] ? "normal" : undefined;
}

/** The width of a character that the viewer's fonts draw: whole for East Asian ones and pictures. */
const foreignWidth = (char: string): number => ((char.codePointAt(0) as number) >= 0x1100 ? 1 : 0.6);

/** Letters side by side. */
export function layoutRun(text: string, face: Face, size: number): TextLine {
  const glyphs: PlacedGlyph[] = [];
  let x = 0;
  let previous = "";
  for (const char of text) {
    const found = faceWith(char, face);
    const font = fontOf(found ?? face);
    const scale = size / font.unitsPerEm;
    x += (font.kerning[previous + char] ?? 0) * scale;
    glyphs.push({ char, face: found ?? face, size, x, y: 0, isForeign: found === undefined });
    x += found ? (font.glyphs[char] as readonly [number, string])[0] * scale : foreignWidth(char) * size;
    previous = char;
  }
  return { glyphs, rules: [], width: x, ascent: ascent * size, descent: descent * size };
}

function layoutLine(text: string, face: Face, size: number): TextLine {
  return isMath(text) ? layoutMath(text, face, size) : layoutRun(text.replaceAll("\\$", "$"), face, size);
}

/** Lays out a text; lines are aligned to the left, the middle or the right of the longest. */
export function layoutText(
  text: string,
  style: TextStyle,
  align: "left" | "center" | "right" = "left",
  lineSpacing = 1.2,
): TextLayout {
  const face = faceOf(style);
  const lines = text.split("\n").map((line) => layoutLine(line, face, style.size));
  const width = Math.max(...lines.map((line) => line.width));
  const share = { left: 0, center: 0.5, right: 1 }[align];
  const glyphs: PlacedGlyph[] = [];
  const rules: Rule[] = [];
  let baseline = 0;
  for (const [i, line] of lines.entries()) {
    const above = lines[i - 1];
    baseline += above ? above.descent + Math.max(ascent * style.size, line.ascent) * lineSpacing : line.ascent;
    const dx = share * (width - line.width);
    for (const glyph of line.glyphs) glyphs.push({ ...glyph, x: glyph.x + dx, y: glyph.y + baseline });
    for (const { box } of line.rules) {
      rules.push({ box: new Box(box.left + dx, box.top + baseline, box.right + dx, box.bottom + baseline) });
    }
  }
  return { glyphs, rules, width, baseline, height: baseline + (lines.at(-1) as TextLine).descent };
}

export type HorizontalAlignment = "left" | "center" | "right";
export type VerticalAlignment = "top" | "bottom" | "center" | "baseline" | "center_baseline";

/** A text that has its place: turn the letters by `rotation` degrees against the clock and move them to `origin`. */
export interface PlacedText {
  readonly layout: TextLayout;
  readonly origin: Point;
  readonly rotation: number;
  /** The box around the turned text. */
  readonly box: Box;
}

/** Puts a text at a point, by the box around the turned text, or (`anchor`) turned around the aligned point. */
export function placeText(
  layout: TextLayout,
  [x, y]: Point,
  ha: HorizontalAlignment,
  va: VerticalAlignment,
  rotation = 0,
  isAnchored = false,
): PlacedText {
  const angle = (-rotation * Math.PI) / 180;
  const [cos, sin] = [Math.cos(angle), Math.sin(angle)];
  const turn = (px: number, py: number): Point => [px * cos - py * sin, px * sin + py * cos];
  const corners = [turn(0, 0), turn(layout.width, 0), turn(0, layout.height), turn(layout.width, layout.height)];
  const xs = corners.map((c) => c[0]);
  const ys = corners.map((c) => c[1]);
  const around = new Box(Math.min(...xs), Math.min(...ys), Math.max(...xs), Math.max(...ys));
  const share = { left: 0, center: 0.5, right: 1 }[ha];
  let anchor: Point;
  if (isAnchored) {
    const rows = {
      top: 0,
      bottom: layout.height,
      center: layout.height / 2,
      baseline: layout.baseline,
      center_baseline: layout.baseline / 2,
    };
    anchor = turn(share * layout.width, rows[va]);
  } else {
    const lift = rotation === 0 ? layout.height - layout.baseline : (layout.height - layout.baseline) * Math.abs(cos);
    const rows = {
      top: around.top,
      bottom: around.bottom,
      center: (around.top + around.bottom) / 2,
      baseline: around.bottom - lift,
      center_baseline: (around.top + around.bottom) / 2 - lift / 2,
    };
    anchor = [around.left + share * around.width, rows[va]];
  }
  const origin: Point = [x - anchor[0], y - anchor[1]];
  const box = new Box(
    around.left + origin[0],
    around.top + origin[1],
    around.right + origin[0],
    around.bottom + origin[1],
  );
  return { layout, origin, rotation, box };
}
