/** Lines of equal value, or the areas between them. */
import { contours } from "d3-contour";
import type { Canvas } from "../canvas/svg.js";
import type { Colormap } from "../color/colormaps.js";
import { type Color, type Rgba, toRgba } from "../color/colors.js";
import { type Mappable, type Normalize, withAlpha } from "../color/norms.js";
import { type Box, Path, type Point } from "../geometry.js";
import { fontSize, rcParams } from "../rc/rcParams.js";
import { layoutText, placeText } from "../text/layout.js";
import { Artist, type Bounds, dashesOf, type Frame, type LineStyle } from "./artist.js";

/** Values at points of a grid. */
export interface Field {
  readonly values: Float64Array;
  readonly rows: number;
  readonly columns: number;
  /** The place of a point in data, from fractions of columns and rows. */
  place(column: number, row: number): Point;
}

export interface ContourStyle {
  readonly levels: readonly number[];
  readonly colors: readonly Rgba[];
  readonly cmap: Colormap;
  readonly norm: Normalize;
  readonly isFilled: boolean;
  readonly linewidths: readonly number[];
  readonly linestyles: readonly LineStyle[];
  readonly alpha: number | undefined;
  readonly zorder: number | undefined;
  /** Whether what is below the first or above the last level is filled too. */
  readonly extend: "neither" | "both" | "min" | "max";
}

interface Labels {
  readonly write: (level: number) => string;
  readonly size: number | string;
  readonly color: Color | undefined;
  readonly isInline: boolean;
}

/** A contour plot. */
export class QuadContourSet extends Artist implements Mappable {
  readonly levels: readonly number[];
  readonly bandColors: readonly Rgba[];
  readonly cmap: Colormap;
  readonly norm: Normalize;
  readonly isFilled: boolean;
  readonly #field: Field;
  readonly #style: ContourStyle;
  readonly #rings = new Map<number, readonly (readonly Point[])[]>();
  #labels: Labels | undefined;

  constructor(field: Field, style: ContourStyle) {
    super({ alpha: style.alpha, ...(style.zorder !== undefined && { zorder: style.zorder }) }, style.isFilled ? 1 : 2);
    this.#field = field;
    this.#style = style;
    ({ levels: this.levels, cmap: this.cmap, norm: this.norm, isFilled: this.isFilled } = style);
    // What lies outside of the levels has colours of its own, which no scale of colours shows.
    this.bandColors = style.extend === "both" || style.extend === "min" ? style.colors.slice(1) : style.colors;
  }

  /** The outlines of all that is at or above a level, in columns and rows. */
  #above(level: number): readonly (readonly Point[])[] {
    let rings = this.#rings.get(level);
    if (!rings) {
      const { values, rows, columns } = this.#field;
      const shape = contours()
        .size([columns, rows])
        .smooth(true)
        .contour(values as unknown as number[], level);
      rings = shape.coordinates.flat() as unknown as Point[][];
      this.#rings.set(level, rings);
    }
    return rings;
  }

  /** d3-contour has the middle of a point at 0.5 and goes half a step around the grid: back to the points. */
  #inside([x, y]: Point): Point {
    const { rows, columns } = this.#field;
    return [Math.max(0, Math.min(columns - 1, x - 0.5)), Math.max(0, Math.min(rows - 1, y - 0.5))];
  }

  #isOutside([x, y]: Point): boolean {
    const { rows, columns } = this.#field;
    return x < 0.5 || y < 0.5 || x > columns - 0.5 || y > rows - 0.5;
  }

  /** The lines of a level, without the parts of outlines that run around the grid. */
  #lines(level: number): Point[][] {
    const lines: Point[][] = [];
    for (const ring of this.#above(level)) {
      const start = ring.findIndex((point) => this.#isOutside(point));
      const points = start < 0 ? ring : [...ring.slice(start, -1), ...ring.slice(0, start + 1)];
      let line: Point[] = [];
      for (const point of points) {
        if (!this.#isOutside(point)) line.push(this.#inside(point));
        else if (line.length > 0) {
          lines.push(line);
          line = [];
        }
      }
      if (line.length > 0) lines.push(line);
    }
    return lines.filter((line) => line.length > 1);
  }

  #placed(points: readonly Point[], { transData }: Frame): Point[] {
    return points.map(([c, r]) => transData.map(...this.#field.place(c, r)));
  }

  override draw(canvas: Canvas, frame: Frame): void {
    if (this.isFilled) this.#drawBands(canvas, frame);
    else this.#drawLines(canvas, frame);
  }

  #drawBands(canvas: Canvas, frame: Frame): void {
    const { extend } = this.#style;
    const edges = [...this.levels];
    if (extend === "both" || extend === "min") edges.unshift(Number.NEGATIVE_INFINITY);
    if (extend === "both" || extend === "max") edges.push(Number.POSITIVE_INFINITY);
    // The last band holds its upper edge.
    for (let i = 0; i + 1 < edges.length; i++) {
      const [low, high] = [edges[i] as number, edges[i + 1] as number];
      const lower = low === Number.NEGATIVE_INFINITY ? this.#above(-Number.MAX_VALUE) : this.#above(low);
      const upper =
        high === Number.POSITIVE_INFINITY || (i + 2 === edges.length && this.#isGreatest(high))
          ? []
          : this.#above(high);
      const outlines = [...lower, ...upper].map((ring) =>
        String(
          Path.polyline(
            this.#placed(
              ring.map((p) => this.#inside(p)),
              frame,
            ),
            true,
          ),
        ),
      );
      const color = this.#style.colors[i] as Rgba;
      canvas.area(outlines.join(""), withAlpha(color, this.alpha));
    }
  }

  #isGreatest(level: number): boolean {
    return this.#field.values.every((value) => !(value > level));
  }

  #drawLines(canvas: Canvas, frame: Frame): void {
    const taken: Box[] = [];
    for (const [i, level] of this.levels.entries()) {
      const { linewidths, linestyles } = this.#style;
      const width = linewidths[i % linewidths.length] as number;
      const dashes = dashesOf(linestyles[i % linestyles.length] as LineStyle, width) ?? [];
      const color = withAlpha(this.bandColors[i] as Rgba, this.alpha);
      for (const line of this.#lines(level)) {
        const points = this.#placed(line, frame);
        const parts = this.#labels ? this.#label(canvas, points, level, color, taken, frame) : [points];
        for (const part of parts) canvas.path(Path.polyline(part), { stroke: color, width, dashes });
      }
    }
  }

  /** Writes the levels on the lines. */
  setLabels(labels: Labels): void {
    this.#labels = labels;
  }

  /** Writes a level on the straightest part of a line that is long enough; returns the parts that stay. */
  #label(canvas: Canvas, points: Point[], level: number, color: Rgba, taken: Box[], frame: Frame): Point[][] {
    const labels = this.#labels as Labels;
    const words = labels.write(level);
    const layout = layoutText(words, { size: fontSize(labels.size) });
    const line = evenly(points, 2);
    const half = Math.ceil((layout.width + 4) / 4);
    let best: { at: number; length: number } | undefined;
    for (let at = half; at + half < line.length; at++) {
      const [a, b] = [line[at - half] as Point, line[at + half] as Point];
      const length = Math.hypot(b[0] - a[0], b[1] - a[1]);
      const middle = line[at] as Point;
      const isFree = frame.box.expand(-layout.height).contains(middle) && !taken.some((box) => box.contains(middle));
      if (isFree && (!best || length > best.length)) best = { at, length };
    }
    if (!best || best.length < 1.2 * layout.width) return [points];
    const [a, b] = [line[best.at - half] as Point, line[best.at + half] as Point];
    let angle = (-Math.atan2(b[1] - a[1], b[0] - a[0]) * 180) / Math.PI;
    if (angle > 90) angle -= 180;
    if (angle < -90) angle += 180;
    const placed = placeText(layout, line[best.at] as Point, "center", "center", angle);
    taken.push(placed.box.expand(layout.width));
    canvas.text(placed, labels.color === undefined ? color : toRgba(labels.color), words);
    return labels.isInline ? [line.slice(0, best.at - half + 1), line.slice(best.at + half)] : [points];
  }

  override bounds(): Bounds {
    const { rows, columns, place } = this.#field;
    const x: number[] = [];
    const y: number[] = [];
    for (const c of [0, columns - 1])
      for (let r = 0; r < rows; r++) {
        const [px, py] = place(c, r);
        x.push(px);
        y.push(py);
      }
    for (const r of [0, rows - 1])
      for (let c = 0; c < columns; c++) {
        const [px, py] = place(c, r);
        x.push(px);
        y.push(py);
      }
    const ends = (values: number[]): number[] => [Math.min(...values), Math.max(...values)];
    return { x, y, stickyX: ends(x), stickyY: ends(y) };
  }
}

/** Points along a line at even distances. */
function evenly(points: readonly Point[], step: number): Point[] {
  const even: Point[] = points[0] ? [points[0]] : [];
  let rest = step;
  for (let i = 1; i < points.length; i++) {
    const [a, b] = [points[i - 1] as Point, points[i] as Point];
    const length = Math.hypot(b[0] - a[0], b[1] - a[1]);
    let gone = rest;
    for (; gone <= length; gone += step)
      even.push([a[0] + ((b[0] - a[0]) * gone) / length, a[1] + ((b[1] - a[1]) * gone) / length]);
    rest = gone - length;
  }
  return even;
}

/** The width of contour lines that is used unless another is asked for. */
export const contourWidth = (): number => rcParams["contour.linewidth"] ?? rcParams["lines.linewidth"];
