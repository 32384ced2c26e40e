/** Many shapes at once: the marks of a scatter plot, lines, polygons. */
import type { Canvas, PathStyle } from "../canvas/svg.js";
import type { Colormap } from "../color/colormaps.js";
import { type Color, type Rgba, toHex, toRgba } from "../color/colors.js";
import { type Mappable, mapColors, type Normalize, withAlpha } from "../color/norms.js";
import { alongLine, type Box, Path, type Point } from "../geometry.js";
import type { Read } from "../options.js";
import { rcParams } from "../rc/rcParams.js";
import {
  Artist,
  type artistTable,
  type Bounds,
  type Coordinates,
  type Details,
  dashesOf,
  type Frame,
  type LegendEntry,
  type LineStyle,
  mostDetails,
} from "./artist.js";
import type { Marker } from "./markers.js";

/** The item at a place of a list that is repeated. */
const cyclic = <T>(list: readonly T[], i: number): T | undefined => list[i % list.length];

/** What colours a collection. */
export interface CollectionStyle extends Read<typeof artistTable> {
  facecolors?: readonly Rgba[] | undefined;
  /** `"face"` where each edge is as its shape. */
  edgecolors?: readonly Rgba[] | "face" | undefined;
  linewidths?: readonly number[] | undefined;
  linestyle?: LineStyle | undefined;
  hatch?: string | undefined;
}

/** Many shapes, whose colours may stand for values. */
export abstract class Collection extends Artist implements Mappable {
  cmap!: Colormap;
  norm!: Normalize;
  #values: Float64Array | undefined;
  protected collectionStyle: CollectionStyle;

  constructor(style: CollectionStyle, zorder = 1) {
    super(style, zorder);
    this.collectionStyle = style;
  }

  /** The values for which the colours stand. */
  get array(): Float64Array | undefined {
    return this.#values;
  }

  /** Lets colours stand for values. */
  mapValues(values: Float64Array, cmap: Colormap, norm: Normalize): this {
    this.#values = values;
    this.cmap = cmap;
    this.norm = norm;
    norm.autoscaleNone(values);
    return this;
  }

  /** Sets the values at the ends of the colours. */
  setClim(vmin: number, vmax: number): this {
    [this.norm.vmin, this.norm.vmax] = [vmin, vmax];
    return this;
  }

  /** Sets the colour inside. */
  setFacecolor(color: Color): this {
    this.collectionStyle = { ...this.collectionStyle, facecolors: [toRgba(color)] };
    return this;
  }

  /** Sets the colour of the edge. */
  setEdgecolor(color: Color): this {
    this.collectionStyle = { ...this.collectionStyle, edgecolors: [toRgba(color)] };
    return this;
  }

  /** Sets the colours inside and of the edges. */
  setColor(color: Color): this {
    return this.setFacecolor(color).setEdgecolor(color);
  }

  /** Sets the width of lines, in points. */
  setLinewidth(width: number): this {
    this.collectionStyle = { ...this.collectionStyle, linewidths: [width] };
    return this;
  }

  /** How the shape at a place is drawn. */
  protected styles(): (i: number) => PathStyle {
    const {
      facecolors = [],
      edgecolors = "face",
      linewidths = [rcParams["patch.linewidth"]],
      linestyle,
      hatch,
    } = this.collectionStyle;
    const faces = this.#values ? mapColors(this.#values, this) : facecolors;
    return (i) => {
      const fill = cyclic(faces, i);
      const edge = edgecolors === "face" ? fill : cyclic(edgecolors, i);
      const width = cyclic(linewidths, i) ?? 1;
      const dashes = linestyle === undefined ? [] : dashesOf(linestyle, width);
      return {
        fill: fill && withAlpha(fill, this.alpha),
        stroke: edge && dashes !== null ? withAlpha(edge, this.alpha) : undefined,
        width,
        dashes: dashes ?? [],
        hatch,
      };
    };
  }

  override legendEntry(): LegendEntry {
    return { label: this.label, draw: (canvas: Canvas, box: Box) => canvas.path(Path.ofBox(box), this.styles()(0)) };
  }
}

/** The same shape at many points, in sizes of their own: a scatter plot. */
export class PathCollection extends Collection {
  constructor(
    public xs: Float64Array,
    public ys: Float64Array,
    readonly marker: Marker,
    /** The squares of the sizes, in points. */
    public sizes: Float64Array,
    style: CollectionStyle,
  ) {
    super(style, 1);
  }

  /** Moves the marks. */
  setOffsets(points: readonly Point[]): this {
    this.xs = Float64Array.from(points, (p) => p[0]);
    this.ys = Float64Array.from(points, (p) => p[1]);
    return this;
  }

  /** The points at which the marks are. */
  getOffsets(): Point[] {
    return Array.from(this.xs, (x, i): Point => [x, this.ys[i] as number]);
  }

  /** Sets the areas of the marks, in points². */
  setSizes(sizes: readonly number[]): this {
    this.sizes = Float64Array.from(sizes);
    return this;
  }

  protected override styles(): (i: number) => PathStyle {
    const style = super.styles();
    if (this.marker.isFilled) return (i) => ({ ...style(i), join: this.marker.join });
    return (i) => {
      const { fill, stroke, ...rest } = style(i);
      return { ...rest, stroke: fill ?? stroke };
    };
  }

  #size(i: number): number {
    return Math.sqrt(this.sizes[i % this.sizes.length] as number) * this.marker.scale;
  }

  override draw(canvas: Canvas, frame: Frame): void {
    const style = this.styles();
    const points = this.#points(frame);
    canvas.marks(
      this.marker.path,
      points.map((at, i) => ({ at, size: this.#size(i), style: style(i) })),
    );
  }

  #points({ transData }: Frame): Point[] {
    return Array.from(this.xs, (x, i) => transData.map(x, this.ys[i] as number));
  }

  override bounds(): Bounds {
    const isSeen = (v: number, i: number): boolean =>
      Number.isFinite(v) && Number.isFinite(this.xs[i]) && Number.isFinite(this.ys[i]);
    return { x: this.xs.filter(isSeen), y: this.ys.filter(isSeen) };
  }

  override obstacles(frame: Frame): Point[] {
    return this.#points(frame);
  }

  override details(): Details | undefined {
    const color = toHex(this.styles()(0).fill ?? "black");
    return this.xs.length <= mostDetails ? { points: { label: this.label, color, x: this.xs, y: this.ys } } : undefined;
  }

  override legendEntry(): LegendEntry {
    return {
      label: this.label,
      draw: (canvas: Canvas, box: Box, scale: number): void => {
        const at: Point = [(box.left + box.right) / 2, (box.top + box.bottom) / 2 + box.height / 8];
        canvas.marks(this.marker.path, [{ at, size: this.#size(0) * scale, style: this.styles()(0) }]);
      },
    };
  }
}

/** Lines that do not hang together. */
export class LineCollection extends Collection {
  constructor(
    readonly segments: readonly (readonly Point[])[],
    style: CollectionStyle & { isInLimits?: boolean; space?: "data" | "xaxis" | "yaxis" } = {},
    readonly sticky: Pick<Bounds, "stickyX" | "stickyY"> = {},
  ) {
    super(style, 2);
    this.#isInLimits = style.isInLimits ?? true;
    this.#space = style.space ?? "data";
  }

  readonly #isInLimits: boolean;
  readonly #space: "data" | "xaxis" | "yaxis";

  override draw(canvas: Canvas, frame: Frame): void {
    const { map } = this.#coordinates(frame);
    const style = this.lineStyle();
    for (const [i, segment] of this.segments.entries()) {
      canvas.path(Path.polyline(segment.map(([x, y]) => map(x, y))), style(i));
    }
  }

  #coordinates(frame: Frame): Coordinates {
    return { data: frame.transData, xaxis: frame.transXaxis, yaxis: frame.transYaxis }[this.#space];
  }

  /** How the line at a place is drawn. */
  lineStyle(): (i: number) => PathStyle {
    const style = this.styles();
    return (i) => {
      const { fill, stroke, ...rest } = style(i);
      return { ...rest, stroke: stroke ?? fill, hatch: undefined };
    };
  }

  override bounds(): Bounds | undefined {
    if (!this.#isInLimits) return undefined;
    const points = this.segments.flat();
    return {
      x: this.#space === "yaxis" ? undefined : points.map((p) => p[0]),
      y: this.#space === "xaxis" ? undefined : points.map((p) => p[1]),
      ...this.sticky,
    };
  }

  override *obstacles(frame: Frame): Iterable<Point> {
    const { map } = this.#coordinates(frame);
    for (const segment of this.segments) yield* alongLine(segment.map(([x, y]) => map(x, y)));
  }

  override legendEntry(): LegendEntry {
    return {
      label: this.label,
      draw: (canvas: Canvas, box: Box): void => {
        const y = (box.top + box.bottom) / 2;
        canvas.path(
          Path.polyline([
            [box.left, y],
            [box.right, y],
          ]),
          this.lineStyle()(0),
        );
      },
    };
  }
}

/** Filled shapes in data. */
export class PolyCollection extends Collection {
  constructor(
    readonly paths: readonly Path[],
    style: CollectionStyle,
    readonly sticky: Pick<Bounds, "stickyX" | "stickyY"> = {},
  ) {
    super(style, 1);
  }

  override draw(canvas: Canvas, { transData }: Frame): void {
    const style = this.styles();
    for (const [i, path] of this.paths.entries()) canvas.path(path.transform(transData.map), style(i));
  }

  override bounds(): Bounds {
    const points = this.paths.flatMap((path) => [...path.points()]);
    return { x: points.map((p) => p[0]), y: points.map((p) => p[1]), ...this.sticky };
  }

  override *obstacles({ transData }: Frame): Iterable<Point> {
    for (const path of this.paths) yield* alongLine(path.transform(transData.map).points());
  }
}
