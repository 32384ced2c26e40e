/** A text about a point, with an arrow to it. */
import type { Canvas } from "../canvas/svg.js";
import { type Color, toRgba } from "../color/colors.js";
import { Box, Path, type Point } from "../geometry.js";
import { as, color, data, flag, number, type Options, type Read, readOptions, text, words } from "../options.js";
import { fontSize } from "../rc/rcParams.js";
import { type Coordinates, dashesOf, type Frame, linestyle } from "./artist.js";
import { Text, textTable } from "./text.js";

/** The styles of arrows. */
export const arrowStyles = ["-", "->", "<-", "<->", "-|>", "<|-", "<|-|>", "|-|", "simple", "fancy", "wedge"] as const;

const arrowTable = {
  arrowstyle: text,
  connectionstyle: text,
  color,
  facecolor: color,
  fc: as("facecolor", color),
  edgecolor: color,
  ec: as("edgecolor", color),
  linewidth: number,
  lw: as("linewidth", number),
  linestyle,
  ls: as("linestyle", linestyle),
  alpha: number,
  shrinkA: number,
  shrinkB: number,
  mutationScale: number,
  width: number,
  headwidth: number,
  headlength: number,
  shrink: number,
};
export type ArrowProps = Options<typeof arrowTable>;

const systems = words("data", "axes fraction", "figure fraction", "offset points");
export const annotateTable = {
  ...textTable,
  xycoords: systems,
  textcoords: systems,
  arrowprops: data<ArrowProps>(),
  annotationClip: flag,
};
export type AnnotateOptions = Options<typeof annotateTable>;

/** The size of the figure, for coordinates that are shares of it. */
interface FigureSize {
  readonly width: number;
  readonly height: number;
}

/** A text with an arrow. */
export class Annotation extends Text {
  readonly #arrow: Read<typeof arrowTable> | undefined;
  readonly #systems: { xy: string; text: string };

  constructor(
    words: string,
    readonly xy: Point,
    xytext: Point,
    options: Read<typeof annotateTable>,
    readonly figure: FigureSize,
  ) {
    super(xytext[0], xytext[1], words, options);
    this.#arrow = options.arrowprops ? readOptions("annotate", arrowTable, options.arrowprops) : undefined;
    const { arrowstyle } = this.#arrow ?? {};
    if (arrowstyle !== undefined && !arrowStyles.includes(arrowstyle.split(",")[0] as "-")) {
      throw new Error(`Unknown style: '${arrowstyle}'; known arrow styles are ${arrowStyles.join(", ")}`);
    }
    this.#systems = { xy: options.xycoords ?? "data", text: options.textcoords ?? options.xycoords ?? "data" };
  }

  #map(system: string, [x, y]: Point, frame: Frame): Point {
    if (system === "axes fraction") return frame.transAxes.map(x, y);
    if (system === "figure fraction") return [x * this.figure.width, (1 - y) * this.figure.height];
    if (system === "offset points") {
      const [px, py] = this.#target(frame);
      return [px + x, py - y];
    }
    return frame.transData.map(x, y);
  }

  #target(frame: Frame): Point {
    return this.#map(this.#systems.xy, this.xy, frame);
  }

  protected override point(frame: Frame): Point {
    return (
      (this.transform as Coordinates | undefined)?.map(this.x, this.y) ??
      this.#map(this.#systems.text, [this.x, this.y], frame)
    );
  }

  override draw(canvas: Canvas, frame: Frame): void {
    const target = this.#target(frame);
    if (this.#systems.xy === "data" && !frame.box.expand(0.5).contains(target)) return;
    if (this.#arrow) this.#drawArrow(canvas, frame, target, this.#arrow);
    super.draw(canvas, frame);
  }

  #drawArrow(canvas: Canvas, frame: Frame, target: Point, arrow: Read<typeof arrowTable>): void {
    const { arrowstyle, connectionstyle = "arc3", linewidth = 1 } = arrow;
    const at = this.point(frame);
    const around = this.extentOnCanvas(frame) ?? new Box(at[0], at[1], at[0], at[1]);
    const start: Point = [(around.left + around.right) / 2, (around.top + around.bottom) / 2];
    const curve = new Curve(start, target, bend(connectionstyle));
    const size = arrow.mutationScale ?? fontSize(this.fontsize);
    const both = arrow.shrink === undefined ? 2 : arrow.shrink * curve.length;
    const { shrinkA = both, shrinkB = both } = arrow;
    const from = curve.leave(around, shrinkA);
    const to = curve.length === 0 ? 1 : curve.reach(shrinkB);
    if (from >= to) return;
    const stroke = toRgba((arrow.edgecolor ?? arrow.color ?? "black") as Color, arrow.alpha);
    const fill = toRgba((arrow.facecolor ?? arrow.color ?? (arrowstyle ? stroke : "C0")) as Color, arrow.alpha);
    const dashes = dashesOf(arrow.linestyle ?? "-", linewidth) ?? [];
    const solid = arrowstyle === undefined || ["simple", "fancy", "wedge"].includes(arrowstyle.split(",")[0] as string);
    if (solid) {
      const shape = solidArrow(curve, from, to, headOf(arrow, arrowstyle, size));
      canvas.path(shape, { fill, stroke, width: linewidth, dashes });
      return;
    }
    const style = (arrowstyle as string).split(",")[0] as string;
    canvas.path(curve.part(from, to), { stroke, width: linewidth, dashes, cap: "round", join: "round" });
    const { length = 0.4, width = 0.2 } = headSizes(arrowstyle as string);
    for (const [mark, at, sign] of [
      [style.at(-1), to, 1],
      [style[0], from, -1],
    ] as const) {
      const isHead = (mark === ">" && sign === 1) || (mark === "<" && sign === -1);
      if (isHead) {
        const head = headAt(curve.at(at), curve.direction(at, sign), length * size, width * size);
        const isFilled = style.includes("|");
        canvas.path(isFilled ? head.close() : head, {
          fill: isFilled ? fill : undefined,
          stroke,
          width: linewidth,
          cap: "round",
          join: "miter",
        });
      }
    }
  }
}

function headSizes(style: string): { length?: number; width?: number } {
  const found = Object.fromEntries(
    style
      .split(",")
      .slice(1)
      .map((part) => part.split("=") as [string, string]),
  );
  return {
    ...(found.head_length !== undefined && { length: Number(found.head_length) }),
    ...(found.head_width !== undefined && { width: Number(found.head_width) }),
  };
}

interface Head {
  readonly tail: number;
  readonly width: number;
  readonly length: number;
}

/** The widths of a filled arrow in points. */
function headOf(arrow: Read<typeof arrowTable>, style: string | undefined, size: number): Head {
  if (style === undefined)
    return { tail: arrow.width ?? 4, width: arrow.headwidth ?? 12, length: arrow.headlength ?? 12 };
  if (style.startsWith("fancy")) return { tail: 0.4 * size, width: 0.4 * size, length: 0.4 * size };
  if (style.startsWith("wedge")) return { tail: 0.3 * size, width: 0, length: 0 };
  return { tail: 0.2 * size, width: 0.5 * size, length: 0.5 * size };
}

/** How much a connection is bent: the share in `arc3,rad=0.2`. */
function bend(style: string): number {
  const [name = "", ...settings] = style.split(",");
  if (name !== "arc3") throw new Error(`Unknown style: '${name}'; the known connection style is arc3`);
  const radius = settings.map((one) => one.split("=")).find(([key]) => key?.trim() === "rad");
  return radius ? Number(radius[1]) : 0;
}

/** A quadratic curve from one point to another. */
class Curve {
  readonly #control: Point;
  readonly length: number;

  constructor(
    readonly start: Point,
    readonly end: Point,
    radius: number,
  ) {
    const [dx, dy] = [end[0] - start[0], end[1] - start[1]];
    this.#control = [(start[0] + end[0]) / 2 - radius * dy, (start[1] + end[1]) / 2 + radius * dx];
    this.length = Math.hypot(dx, dy);
  }

  /** The point at a place from 0 to 1. */
  at(t: number): Point {
    const mix = (a: number, c: number, b: number): number => (1 - t) ** 2 * a + 2 * t * (1 - t) * c + t * t * b;
    return [mix(this.start[0], this.#control[0], this.end[0]), mix(this.start[1], this.#control[1], this.end[1])];
  }

  /** The direction at a place, forwards or backwards. */
  direction(t: number, sign: number): Point {
    const slope = (a: number, c: number, b: number): number => sign * ((1 - t) * (c - a) + t * (b - c));
    return [slope(this.start[0], this.#control[0], this.end[0]), slope(this.start[1], this.#control[1], this.end[1])];
  }

  /** The first place that is out of a box and then so far on. */
  leave(box: Box, gap: number): number {
    for (let t = 0; t < 1; t += 0.005) if (!box.contains(this.at(t))) return t + gap / this.length;
    return 1;
  }

  /** The last place that is at least so far from the end. */
  reach(gap: number): number {
    return 1 - gap / this.length;
  }

  /** The curve from one place to another. */
  part(from: number, to: number): Path {
    const points = Array.from({ length: 33 }, (_, i) => this.at(from + ((to - from) * i) / 32));
    return Path.polyline(points);
  }
}

function headAt([x, y]: Point, [dx, dy]: Point, length: number, width: number): Path {
  const size = Math.hypot(dx, dy) || 1;
  const [ux, uy] = [dx / size, dy / size];
  const [bx, by] = [x - ux * length, y - uy * length];
  return new Path()
    .moveTo(bx - uy * width, by + ux * width)
    .lineTo(x, y)
    .lineTo(bx + uy * width, by - ux * width);
}

function solidArrow(curve: Curve, from: number, to: number, { tail, width, length }: Head): Path {
  const neck = Math.max(from, to - length / curve.length);
  const side = (t: number, by: number): Point => {
    const [x, y] = curve.at(t);
    const [dx, dy] = curve.direction(t, 1);
    const size = Math.hypot(dx, dy) || 1;
    return [x - (dy / size) * by, y + (dx / size) * by];
  };
  const places = Array.from({ length: 17 }, (_, i) => from + ((neck - from) * i) / 16);
  const taper = (t: number): number => (width === 0 ? 1 - (t - from) / Math.max(1e-9, neck - from) : 1);
  const left = places.map((t) => side(t, (tail / 2) * taper(t)));
  const right = places.map((t) => side(t, (-tail / 2) * taper(t)));
  return Path.polyline(
    [...left, side(neck, width / 2), curve.at(to), side(neck, -width / 2), ...right.toReversed()],
    true,
  );
}
