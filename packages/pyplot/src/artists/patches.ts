/** Filled shapes: rectangles, circles, polygons, wedges, arrows. */
import type { Canvas, PathStyle } from "../canvas/svg.js";
import { type Color, toRgba } from "../color/colors.js";
import { alongLine, type Box, Path, type Point } from "../geometry.js";
import { as, color, flag, number, type Options, type Read, readOptions, text, words } from "../options.js";
import { rcParams } from "../rc/rcParams.js";
import {
  Artist,
  artistTable,
  type Bounds,
  type Coordinates,
  dashesOf,
  type Frame,
  type LegendEntry,
  type LineStyle,
  linestyle,
} from "./artist.js";

/** The options of filled shapes. */
export const patchTable = {
  ...artistTable,
  color,
  facecolor: color,
  fc: as("facecolor", color),
  edgecolor: color,
  ec: as("edgecolor", color),
  linewidth: number,
  lw: as("linewidth", number),
  linestyle,
  ls: as("linestyle", linestyle),
  fill: flag,
  hatch: text,
  joinstyle: words("miter", "round", "bevel"),
  capstyle: words("butt", "round", "projecting"),
};
export type PatchOptions = Options<typeof patchTable>;
export type PatchProperties = Read<typeof patchTable>;

/** A filled shape. */
export class Patch extends Artist {
  facecolor: Color;
  edgecolor: Color | undefined;
  linewidth: number;
  linestyle: LineStyle;
  fill: boolean;
  hatch: string | undefined;
  joinstyle: "miter" | "round" | "bevel";
  capstyle: "butt" | "round" | "projecting";
  sticky: Pick<Bounds, "stickyX" | "stickyY"> = {};
  /** The coordinates of the shape if they are not data. */
  transform: Coordinates | undefined;
  /** Whether x or y alone are data (`axhspan`). */
  space: "data" | "xaxis" | "yaxis" = "data";

  constructor(
    readonly path: Path,
    options: PatchProperties = {},
  ) {
    super(options, 1);
    this.facecolor = options.facecolor ?? options.color ?? rcParams["patch.facecolor"];
    this.edgecolor = options.edgecolor ?? options.color;
    this.fill = options.fill ?? true;
    this.linewidth = options.linewidth ?? rcParams["patch.linewidth"];
    this.linestyle = options.linestyle ?? "-";
    this.hatch = options.hatch;
    this.joinstyle = options.joinstyle ?? "miter";
    this.capstyle = options.capstyle ?? "butt";
  }

  protected override get table() {
    return patchTable;
  }

  override set(properties: Record<string, unknown>): this {
    super.set(properties);
    if (properties.color !== undefined) this.facecolor = this.edgecolor = properties.color as Color;
    return this;
  }

  /** Sets the colour inside. */
  setFacecolor(value: Color): this {
    return this.set({ facecolor: value });
  }

  /** The colour inside. */
  getFacecolor(): Color {
    return this.facecolor;
  }

  /** Sets the colour of the edge. */
  setEdgecolor(value: Color): this {
    return this.set({ edgecolor: value });
  }

  /** Sets the colours inside and of the edge. */
  setColor(value: Color): this {
    return this.set({ color: value });
  }

  /** Sets the width of lines, in points. */
  setLinewidth(width: number): this {
    return this.set({ linewidth: width });
  }

  /** Sets the pattern inside: some of `/ \ | - + x o O . *`. */
  setHatch(hatch: string): this {
    return this.set({ hatch });
  }

  protected get style(): PathStyle {
    const hasEdge = this.edgecolor !== undefined || !this.fill || rcParams["patch.force_edgecolor"];
    const edge = this.edgecolor ?? (hasEdge ? rcParams["patch.edgecolor"] : undefined);
    const dashes = dashesOf(this.linestyle, this.linewidth);
    return {
      fill: this.fill ? toRgba(this.facecolor, this.alpha) : undefined,
      stroke: edge === undefined || dashes === null ? undefined : toRgba(edge, this.alpha),
      width: this.linewidth,
      dashes: dashes ?? [],
      join: this.joinstyle,
      cap: this.capstyle,
      hatch: this.hatch,
    };
  }

  protected coordinates(frame: Frame): Coordinates {
    const spaces = { data: frame.transData, xaxis: frame.transXaxis, yaxis: frame.transYaxis };
    return this.transform ?? spaces[this.space];
  }

  protected shape(frame: Frame): Path {
    return this.path.transform(this.coordinates(frame).map);
  }

  override draw(canvas: Canvas, frame: Frame): void {
    canvas.path(this.shape(frame), this.style);
  }

  override bounds(): Bounds | undefined {
    if (this.transform) return undefined;
    const points = [...this.path.points()];
    return {
      x: this.space === "yaxis" ? undefined : points.map((p) => p[0]),
      y: this.space === "xaxis" ? undefined : points.map((p) => p[1]),
      ...this.sticky,
    };
  }

  override obstacles(frame: Frame): Iterable<Point> {
    return alongLine(this.shape(frame).points());
  }

  override legendEntry(): LegendEntry {
    return { label: this.label, draw: (canvas: Canvas, box: Box) => canvas.path(Path.ofBox(box), this.style) };
  }
}

const rectangleTable = { ...patchTable, angle: number };

/**
 * A rectangle with its lower left corner at `xy`.
 *
 * @example ax.addPatch(new Rectangle([0.2, 0.3], 0.5, 0.2, { fill: false, edgecolor: "r" }))
 */
export class Rectangle extends Patch {
  readonly #corner: Point;
  readonly #size: Point;

  constructor(xy: Point, width: number, height: number, options: Options<typeof rectangleTable> = {}) {
    const read = readOptions("Rectangle", rectangleTable, options);
    const turn = ((read.angle ?? 0) * Math.PI) / 180;
    const [cos, sin] = [Math.cos(turn), Math.sin(turn)];
    const [x, y] = xy;
    const straight = Path.rectangle(0, 0, width, height);
    super(
      straight.transform((dx, dy) => [x + dx * cos - dy * sin, y + dx * sin + dy * cos]),
      read,
    );
    this.#corner = xy;
    this.#size = [width, height];
  }

  /** The left edge. */
  getX(): number {
    return this.#corner[0];
  }

  /** The lower edge. */
  getY(): number {
    return this.#corner[1];
  }

  /** The lower left corner. */
  getXy(): Point {
    return this.#corner;
  }

  /** The width. */
  getWidth(): number {
    return this.#size[0];
  }

  /** The height. */
  getHeight(): number {
    return this.#size[1];
  }
}

/** An ellipse around `xy`. */
export class Ellipse extends Patch {
  constructor(xy: Point, width: number, height: number, options: Options<typeof rectangleTable> = {}) {
    const read = readOptions("Ellipse", rectangleTable, options);
    const turn = ((read.angle ?? 0) * Math.PI) / 180;
    const [cos, sin] = [Math.cos(turn), Math.sin(turn)];
    const path = Path.ellipse(0, 0, width / 2, height / 2);
    super(
      path.transform((dx, dy) => [xy[0] + dx * cos - dy * sin, xy[1] + dx * sin + dy * cos]),
      read,
    );
  }
}

/**
 * A circle around `xy`.
 *
 * @example ax.addPatch(new Circle([0, 0], 0.5, { facecolor: "C1" }))
 */
export class Circle extends Patch {
  constructor(xy: Point, radius = 5, options: PatchOptions = {}) {
    const read = readOptions("Circle", patchTable, options);
    super(Path.ellipse(xy[0], xy[1], radius, radius), read);
  }
}

const polygonTable = { ...patchTable, closed: flag };

/** A polygon through points. */
export class Polygon extends Patch {
  constructor(xy: readonly Point[], options: Options<typeof polygonTable> = {}) {
    const read = readOptions("Polygon", polygonTable, options);
    super(Path.polyline(xy, read.closed ?? true), read);
  }
}

const wedgeTable = { ...patchTable, width: number };

/** A part of a circle or, with `width`, of a ring; angles in degrees against the clock. */
export class Wedge extends Patch {
  constructor([x, y]: Point, radius: number, theta1: number, theta2: number, options: Options<typeof wedgeTable> = {}) {
    const read = readOptions("Wedge", wedgeTable, options);
    const path = new Path().arc(x, y, radius, theta1, theta2);
    if (read.width === undefined) path.lineTo(x, y);
    else path.arc(x, y, radius - read.width, theta2, theta1);
    super(path.close(), read);
  }
}

/** A patch from straight lines through data, as a bar, a histogram's outline or a span. */
export function patchOf(path: Path, options: PatchProperties, sticky: Pick<Bounds, "stickyX" | "stickyY"> = {}): Patch {
  const patch = new Patch(path, options);
  patch.sticky = sticky;
  return patch;
}
