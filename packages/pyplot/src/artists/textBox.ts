/** The box around a text. */
import type { Canvas } from "../canvas/svg.js";
import { toRgba } from "../color/colors.js";
import { Box, Path } from "../geometry.js";
import { as, color, number, type Read, text } from "../options.js";
import type { PlacedText } from "../text/layout.js";
import { dashesOf, linestyle } from "./artist.js";

/** The options of a box around text. */
export const boxStyleTable = {
  boxstyle: text,
  facecolor: color,
  fc: as("facecolor", color),
  edgecolor: color,
  ec: as("edgecolor", color),
  color,
  alpha: number,
  pad: number,
  linewidth: number,
  lw: as("linewidth", number),
  linestyle,
  ls: as("linestyle", linestyle),
};
type BoxStyle = Read<typeof boxStyleTable>;

/** The numbers in `"round,pad=0.5,rounding_size=0.2"`. */
function parseStyle(
  { boxstyle = "square", pad }: BoxStyle,
  size: number,
): { isRound: boolean; pad: number; radius: number } {
  const [name = "", ...settings] = boxstyle.split(",").map((part) => part.trim());
  if (!["square", "round", "round4", "circle"].includes(name)) {
    throw new Error(`Unknown style: '${name}'; known box styles are square, round, round4, circle`);
  }
  const values = Object.fromEntries(settings.map((one) => one.split("=") as [string, string]));
  const isPlain = boxstyle === "square" && pad !== undefined;
  const padding = isPlain ? pad : size * Number(values.pad ?? 0.3);
  const radius = values.rounding_size === undefined ? padding : size * Number(values.rounding_size);
  return { isRound: name !== "square", pad: padding, radius };
}

/** How far the box is from the text, in points. */
export function textBoxPadding(style: BoxStyle, size: number): number {
  return parseStyle(style, size).pad;
}

/** Draws the box behind a text. */
export function drawTextBox(canvas: Canvas, placed: PlacedText, style: BoxStyle, size: number, alpha?: number): void {
  const { isRound, pad, radius } = parseStyle(style, size);
  const { layout, origin, rotation } = placed;
  const box = new Box(0, 0, layout.width, layout.height).expand(pad);
  const angle = (-rotation * Math.PI) / 180;
  const [cos, sin] = [Math.cos(angle), Math.sin(angle)];
  const shape = isRound ? Path.roundedBox(box, radius) : Path.ofBox(box);
  const width = style.linewidth ?? 1;
  canvas.path(
    shape.transform((x, y) => [origin[0] + x * cos - y * sin, origin[1] + x * sin + y * cos]),
    {
      fill: toRgba(style.facecolor ?? style.color ?? "C0", style.alpha ?? alpha),
      stroke: toRgba(style.edgecolor ?? style.color ?? "black", style.alpha ?? alpha),
      width,
      dashes: dashesOf(style.linestyle ?? "-", width) ?? [],
    },
  );
}
