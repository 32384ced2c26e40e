/** Lines through points, with markers on them. */

import type { Canvas, PathStyle } from "../canvas/svg.js";
import { type Rgba, toHex, toRgba } from "../color/colors.js";
import { readVector } from "../data.js";
import { alongLine, type Box, Path, type Point, thinned } from "../geometry.js";
import { as, color, kind, number, type Options, type Read, text, words } from "../options.js";
import { rcParams } from "../rc/rcParams.js";
import {
  Artist,
  type Bounds,
  type Coordinates,
  type Details,
  dashesOf,
  type Frame,
  type LegendEntry,
  type LineStyle,
  mostDetails,
  strokeTable,
} from "./artist.js";
import { type Marker, markerOf } from "./markers.js";

const cap = words("butt", "round", "projecting");
const join = words("miter", "round", "bevel");

/** The options of lines. */
export const lineTable = {
  ...strokeTable,
  marker: text,
  markersize: number,
  ms: as("markersize", number),
  markerfacecolor: color,
  mfc: as("markerfacecolor", color),
  markeredgecolor: color,
  mec: as("markeredgecolor", color),
  markeredgewidth: number,
  mew: as("markeredgewidth", number),
  fillstyle: words("full", "none"),
  drawstyle: words("default", "steps", "steps-pre", "steps-mid", "steps-post"),
  ds: as("drawstyle", words("default", "steps", "steps-pre", "steps-mid", "steps-post")),
  markevery: kind<number>("int", Number.isInteger),
  dashes: kind<readonly number[]>("list of float", Array.isArray),
  solidCapstyle: cap,
  dashCapstyle: cap,
  solidJoinstyle: join,
  dashJoinstyle: join,
};
export type LineOptions = Options<typeof lineTable>;
type LineProperties = Read<typeof lineTable>;

/** Which of the coordinates of a line are data and which fractions of the axes. */
export type LineSpace = "data" | "xaxis" | "yaxis" | "axes";

/** A line, as `plot` makes it. */
export class Line2D extends Artist {
  color: NonNullable<LineProperties["color"]>;
  linewidth: number;
  linestyle: LineStyle;
  marker: string;
  markersize: number;
  markerfacecolor: LineProperties["markerfacecolor"];
  markeredgecolor: LineProperties["markeredgecolor"];
  markeredgewidth: number;
  fillstyle: LineProperties["fillstyle"];
  drawstyle: string;
  markevery: number | undefined;
  dashes: readonly number[] | undefined;
  readonly #caps: Pick<LineProperties, "solidCapstyle" | "dashCapstyle" | "solidJoinstyle" | "dashJoinstyle">;
  /** Set where the first point lies and the direction, for a line without ends. */
  isEndless = false;
  transform: Coordinates | undefined;

  constructor(
    public xs: Float64Array,
    public ys: Float64Array,
    options: LineProperties = {},
    readonly space: LineSpace = "data",
  ) {
    super(options, 2);
    this.color = options.color ?? "C0";
    this.linewidth = options.linewidth ?? rcParams["lines.linewidth"];
    this.linestyle = options.linestyle ?? rcParams["lines.linestyle"];
    this.marker = options.marker ?? rcParams["lines.marker"];
    this.markersize = options.markersize ?? rcParams["lines.markersize"];
    this.markerfacecolor = options.markerfacecolor;
    this.markeredgecolor = options.markeredgecolor;
    this.markeredgewidth = options.markeredgewidth ?? rcParams["lines.markeredgewidth"];
    this.fillstyle = options.fillstyle;
    this.drawstyle = options.drawstyle ?? "default";
    this.markevery = options.markevery;
    this.dashes = options.dashes;
    this.#caps = options;
    dashesOf(this.linestyle, 1);
    markerOf(this.marker);
  }

  protected override get table() {
    return lineTable;
  }

  /** Sets the values. */
  setData(x: unknown, y: unknown): this {
    [this.xs, this.ys] = [readVector(x, "x"), readVector(y, "y")];
    return this;
  }

  /** Sets the x of all points. */
  setXdata(x: unknown): this {
    this.xs = readVector(x, "x");
    return this;
  }

  /** Sets the y of all points. */
  setYdata(y: unknown): this {
    this.ys = readVector(y, "y");
    return this;
  }

  /** The x and the y of all points. */
  getData(): [Float64Array, Float64Array] {
    return [this.xs, this.ys];
  }

  /** The x of all points. */
  getXdata(): Float64Array {
    return this.xs;
  }

  /** The y of all points. */
  getYdata(): Float64Array {
    return this.ys;
  }

  /** Sets the colour. */
  setColor(value: NonNullable<LineProperties["color"]>): this {
    return this.set({ color: value });
  }

  /** The colour. */
  getColor(): NonNullable<LineProperties["color"]> {
    return this.color;
  }

  /** Sets the width of lines, in points. */
  setLinewidth(width: number): this {
    return this.set({ linewidth: width });
  }

  /** Sets the dashes: `"-"`, `"--"`, `"-."`, `":"` or `"None"`. */
  setLinestyle(style: LineStyle): this {
    dashesOf(style, 1);
    return this.set({ linestyle: style });
  }

  /** Sets the marker; `"None"` for none. */
  setMarker(marker: string): this {
    markerOf(marker);
    return this.set({ marker });
  }

  /** Sets the size of the markers, in points. */
  setMarkersize(size: number): this {
    return this.set({ markersize: size });
  }

  #coordinates(frame: Frame): Coordinates {
    const spaces = { data: frame.transData, xaxis: frame.transXaxis, yaxis: frame.transYaxis, axes: frame.transAxes };
    return this.transform ?? spaces[this.space];
  }

  #points(frame: Frame): Point[] {
    const { map } = this.#coordinates(frame);
    const points: Point[] = [];
    for (let i = 0; i < this.xs.length; i++) points.push(map(this.xs[i] as number, this.ys[i] as number));
    return this.isEndless ? throughBox(points, frame.box) : points;
  }

  override draw(canvas: Canvas, frame: Frame): void {
    const points = this.#points(frame);
    this.#drawLine(canvas, Path.polyline(thinned(steps(points, this.drawstyle))));
    const every = this.markevery ?? 1;
    this.#drawMarkers(canvas, every === 1 ? points : points.filter((_, i) => i % every === 0));
  }

  #drawLine(canvas: Canvas, path: Path): void {
    const dashes = this.dashes?.map((d) => d * this.linewidth) ?? dashesOf(this.linestyle, this.linewidth);
    if (dashes === null) return;
    const isSolid = dashes.length === 0;
    canvas.path(path, {
      stroke: toRgba(this.color, this.alpha),
      width: this.linewidth,
      dashes,
      cap:
        (isSolid ? this.#caps.solidCapstyle : this.#caps.dashCapstyle) ??
        (rcParams[isSolid ? "lines.solid_capstyle" : "lines.dash_capstyle"] as "butt"),
      join: (isSolid ? this.#caps.solidJoinstyle : this.#caps.dashJoinstyle) ?? "round",
    });
  }

  #drawMarkers(canvas: Canvas, points: readonly Point[], scale = 1): void {
    const marker = markerOf(this.marker);
    if (!marker) return;
    const style = this.#markerStyle(marker);
    const size = this.markersize * marker.scale * scale;
    canvas.marks(
      marker.path,
      points.map((at) => ({ at, size, style })),
    );
  }

  #markerStyle(marker: Marker): PathStyle {
    const own = (value: LineProperties["color"]): Rgba => toRgba(value ?? this.color, this.alpha);
    const fill = this.fillstyle === "none" || !marker.isFilled ? undefined : own(this.markerfacecolor);
    return { fill, stroke: own(this.markeredgecolor), width: this.markeredgewidth, join: marker.join };
  }

  override bounds(): Bounds | undefined {
    if (this.transform || this.space === "axes") return undefined;
    if (this.space === "xaxis") return { x: this.xs };
    if (this.space === "yaxis") return { y: this.ys };
    const isSeen = (_: number, i: number): boolean => Number.isFinite(this.xs[i]) && Number.isFinite(this.ys[i]);
    return { x: this.xs.filter(isSeen), y: this.ys.filter(isSeen) };
  }

  override obstacles(frame: Frame): Iterable<Point> {
    const points = this.#points(frame);
    return dashesOf(this.linestyle, 1) === null ? points : alongLine(steps(points, this.drawstyle));
  }

  override details(): Details | undefined {
    const isPlain = this.space === "data" && !this.transform && !this.isEndless && this.xs.length <= mostDetails;
    return isPlain ? { points: { label: this.label, color: toHex(this.color), x: this.xs, y: this.ys } } : undefined;
  }

  override legendEntry(): LegendEntry {
    return {
      label: this.label,
      draw: (canvas: Canvas, box: Box, scale: number): void => {
        const y = (box.top + box.bottom) / 2;
        this.#drawLine(
          canvas,
          Path.polyline([
            [box.left, y],
            [box.right, y],
          ]),
        );
        this.#drawMarkers(canvas, [[(box.left + box.right) / 2, y]], scale);
      },
    };
  }
}

/** A line of steps through points: up at the next, in the middle, or at the one before. */
export function steps(points: readonly Point[], style: string): readonly Point[] {
  if (style === "default") return points;
  const path: Point[] = [];
  for (const [i, at] of points.entries()) {
    const before = points[i - 1];
    if (before) {
      const turn = style === "steps-post" ? at[0] : style === "steps-mid" ? (before[0] + at[0]) / 2 : before[0];
      path.push([turn, before[1]], [turn, at[1]]);
    }
    path.push(at);
  }
  return path;
}

/** The straight line through two points from one side of a box to the other. */
function throughBox([a, b]: readonly Point[], box: Box): Point[] {
  if (!a || !b) return [];
  const [dx, dy] = [b[0] - a[0], b[1] - a[1]];
  if (Math.abs(dx) * box.height > Math.abs(dy) * box.width) {
    return [box.left, box.right].map((x): Point => [x, a[1] + ((x - a[0]) * dy) / dx]);
  }
  return [box.top, box.bottom].map((y): Point => [a[0] + ((y - a[1]) * dx) / dy, y]);
}
