/** Marks at points, with errors and stems. */
import { type CollectionStyle, LineCollection, PathCollection } from "../artists/collections.js";
import { ErrorbarContainer, noLegend, StemContainer } from "../artists/containers.js";
import { parseFormat } from "../artists/formatString.js";
import { Line2D, type LineOptions, lineTable } from "../artists/line.js";
import { markerOf } from "../artists/markers.js";
import { type Colormap, getCmap } from "../color/colormaps.js";
import { toRgba } from "../color/colors.js";
import type { Normalize } from "../color/norms.js";
import { type Colors, colors, mappableTable, normOf, readColors } from "../color/options.js";
import {
  broadcast,
  checkSameLength,
  type Data,
  type Positions,
  range,
  readValues,
  readVector,
  type Vector,
} from "../data.js";
import type { Point } from "../geometry.js";
import {
  as,
  color,
  data,
  flag,
  isOptions,
  number,
  type Options,
  pick,
  type Read,
  readCall,
  text,
  words,
} from "../options.js";
import { rcParams } from "../rc/rcParams.js";
import { SpanAxes } from "./spans.js";

const scatterTable = {
  ...mappableTable,
  s: data<Vector | number>(),
  c: colors,
  color: colors,
  marker: text,
  alpha: number,
  linewidths: data<number | Vector>(),
  linewidth: as("linewidths", data<number | Vector>()),
  lw: as("linewidths", data<number | Vector>()),
  edgecolors: colors,
  edgecolor: as("edgecolors", colors),
  ec: as("edgecolors", colors),
  facecolors: colors,
  facecolor: as("facecolors", colors),
  label: text,
  zorder: number,
  clipOn: flag,
};

export type ScatterOptions = Options<typeof scatterTable>;

/** The options of error bars. */
export const errorTable = {
  ...lineTable,
  yerr: data<Data | number>(),
  xerr: data<Data | number>(),
  fmt: text,
  ecolor: color,
  elinewidth: number,
  capsize: number,
  capthick: number,
  errorevery: number,
};

export type ErrorbarOptions = Options<typeof errorTable>;

const stemTable = {
  linefmt: text,
  markerfmt: text,
  basefmt: text,
  bottom: number,
  label: text,
  orientation: words("vertical", "horizontal"),
};

/** Axes on which points can be drawn. */
export class PointAxes extends SpanAxes {
  /**
   * A mark at each point; `s` is its area in points², and `c` its colour, or a value that a colormap makes a colour of.
   *
   * @example ax.scatter(x, y, 20, labels, { cmap: "tab10", alpha: 0.5 })
   * @see https://matplotlib.org/stable/api/_as_gen/matplotlib.pyplot.scatter.html
   */
  scatter(
    x: Positions,
    y: Positions,
    ...rest:
      | [s?: Vector | number | null, c?: Colors | null, options?: ScatterOptions]
      | [s?: Vector | number | null, options?: ScatterOptions]
      | [options?: ScatterOptions]
  ): PathCollection {
    const [read, at] = readCall("scatter", [x, y, ...rest], ["x", "y", "s", "c"], 2, scatterTable);
    const [xs, ys] = [this.readX(at.x), this.readY(at.y)];
    if (xs.length !== ys.length) throw new Error("x and y must be the same size");
    const sizes = read.s === undefined ? Float64Array.of(rcParams["lines.markersize"] ** 2) : readVector(read.s, "s");
    if (sizes.length !== 1 && sizes.length !== xs.length)
      throw new Error("s must be a scalar, or float array-like with the same size as x and y");
    const marker = markerOf(read.marker ?? rcParams["scatter.marker"]);
    if (!marker) throw new Error("scatter needs a marker");
    const faces = read.facecolors ?? read.color ?? read.c;
    const isHollow = faces === "none";
    // As many numbers as points are values, also where they could be the parts of one colour.
    const areValues = faces === read.c && isNumbers(faces, xs.length);
    const given = isHollow ? [toRgba("none")] : areValues ? undefined : readColors(faces);
    const edge = read.edgecolors ?? (isHollow ? this.nextPatchColor() : rcParams["scatter.edgecolors"]);
    const style: CollectionStyle = {
      ...pick(read, "alpha", "label", "zorder", "clipOn"),
      facecolors: given ?? [toRgba(faces === undefined ? this.nextPatchColor() : "C0")],
      edgecolors: edge === "face" ? "face" : (readColors(edge) ?? "face"),
      linewidths: [
        ...readVector(
          read.linewidths ?? rcParams[marker.isFilled ? "patch.linewidth" : "lines.linewidth"],
          "linewidths",
        ),
      ],
    };
    const marks = new PathCollection(xs, ys, marker, sizes, style);
    if (faces !== undefined && !given) this.#mapValues(marks, faces, xs.length, read);
    return this.add(marks);
  }

  #mapValues(
    marks: PathCollection,
    values: unknown,
    count: number,
    read: { cmap?: Colormap | string; norm?: Normalize; vmin?: number; vmax?: number },
  ): void {
    const array = readVector(values, "c");
    if (array.length !== count)
      throw new Error(
        `'c' argument has ${array.length} elements, which is inconsistent with 'x' and 'y' with size ${count}.`,
      );
    marks.mapValues(array, getCmap(read.cmap), normOf(read));
    this.currentImage = marks;
  }

  /**
   * Points with bars that show how uncertain they are; `yerr` and `xerr` are one number, one for each point, or two
   * rows: how far down and up.
   *
   * @example ax.errorbar(x, y, { yerr: 0.2, fmt: "o", capsize: 3 })
   */
  errorbar(
    x: Positions,
    y: Positions,
    ...rest:
      | [yerr?: Data | number | null, xerr?: Data | number | null, fmt?: string, options?: ErrorbarOptions]
      | [yerr?: Data | number | null, options?: ErrorbarOptions]
      | [options?: ErrorbarOptions]
  ): ErrorbarContainer {
    const [read, at] = readCall("errorbar", [x, y, ...rest], ["x", "y", "yerr", "xerr", "fmt"], 2, errorTable);
    return this.addContainer(this.drawErrorbars(this.readX(at.x), this.readY(at.y), read));
  }

  /** Error bars that have no entry of their own in the legend. */
  protected drawErrorbars(xs: Float64Array, ys: Float64Array, read: Read<typeof errorTable>): ErrorbarContainer {
    const {
      yerr,
      xerr,
      fmt = "",
      ecolor,
      elinewidth,
      capsize = rcParams["errorbar.capsize"],
      capthick,
      errorevery = 1,
      label = "",
      ...style
    } = read;
    checkSameLength(xs, ys);
    const errors = {
      x: xerr === undefined ? undefined : readErrors(xerr, xs.length, "xerr"),
      y: yerr === undefined ? undefined : readErrors(yerr, xs.length, "yerr"),
    };
    const hasLine = fmt.toLowerCase() !== "none";
    const [line] = hasLine ? this.plot(xs, ys, fmt, { ...style, label: noLegend } as LineOptions) : [];
    const shade = ecolor ?? line?.color ?? style.color ?? this.nextLineColor();
    const alpha = pick(style, "alpha");
    const width = elinewidth ?? style.linewidth ?? rcParams["lines.linewidth"];
    const look: CollectionStyle = {
      facecolors: [toRgba(shade)],
      linewidths: [width],
      zorder: style.zorder ?? 2,
      label: noLegend,
      ...alpha,
    };
    const bars: LineCollection[] = [];
    const caps: Line2D[] = [];
    for (const direction of ["x", "y"] as const) {
      const error = errors[direction];
      if (!error) continue;
      const ends = [-1, 1].map((sign, k) => {
        const shift = (v: number, i: number): number => v + sign * ((error[k] as Float64Array)[i] as number);
        const moved = direction === "x" ? [xs.map(shift), ys] : [xs, ys.map(shift)];
        return moved.map((values) => values.filter((_, i) => i % errorevery === 0)) as [Float64Array, Float64Array];
      }) as [[Float64Array, Float64Array], [Float64Array, Float64Array]];
      const segments = Array.from(ends[0][0], (_, i) =>
        ends.map(([ex, ey]): Point => [ex[i] as number, ey[i] as number]),
      );
      bars.push(this.add(new LineCollection(segments, look)));
      if (capsize <= 0) continue;
      const cap = {
        color: shade,
        marker: direction === "y" ? "_" : "|",
        linestyle: "None",
        markersize: 2 * capsize,
        markeredgewidth: capthick ?? 1,
        label: noLegend,
        ...alpha,
      };
      for (const [ex, ey] of ends) caps.push(this.add(new Line2D(ex, ey, cap)));
    }
    const directions = (["x", "y"] as const).filter((direction) => errors[direction]);
    return new ErrorbarContainer(line, caps, bars, label, directions);
  }

  /** Lines from a base to each point, with a marker on top. */
  stem(
    ...args:
      | [heads: Vector, options?: Options<typeof stemTable>]
      | [locs: Vector, heads: Vector, options?: Options<typeof stemTable>]
  ): StemContainer {
    const places = args.filter((arg) => !isOptions(arg)).length === 1 ? ["heads"] : ["locs", "heads"];
    const [read, given] = readCall(
      "stem",
      args,
      [...places, "linefmt", "markerfmt", "basefmt"],
      places.length,
      stemTable,
    );
    const heads = readVector(given.heads, "heads");
    const locs = given.locs === undefined ? range(heads.length) : readVector(given.locs, "locs");
    checkSameLength(locs, heads, "locs and heads");
    const bottom = read.bottom ?? 0;
    const isUpright = read.orientation !== "horizontal";
    const line = { color: "C0", linestyle: "-", ...parseFormat(read.linefmt ?? "C0-") };
    const mark = { color: line.color, marker: "o", linestyle: "None", ...parseFormat(read.markerfmt ?? "") };
    const base = { color: "C3", linestyle: "-", ...parseFormat(read.basefmt ?? "C3-") };
    const at = (loc: number, head: number): Point => (isUpright ? [loc, head] : [head, loc]);
    const stemlines = this.add(
      new LineCollection(
        Array.from(locs, (loc, i) => [at(loc, bottom), at(loc, heads[i] as number)]),
        {
          facecolors: [toRgba(line.color)],
          linewidths: [rcParams["lines.linewidth"]],
          linestyle: line.linestyle,
          label: noLegend,
        },
      ),
    );
    const [xs, ys] = isUpright ? [locs, heads] : [heads, locs];
    const markerline = this.add(new Line2D(xs, ys, { ...mark, marker: mark.marker === "None" ? "o" : mark.marker }));
    const ends = Float64Array.of(Math.min(...locs), Math.max(...locs));
    const level = Float64Array.of(bottom, bottom);
    const baseline = this.add(new Line2D(...(isUpright ? ([ends, level] as const) : ([level, ends] as const)), base));
    return this.addContainer(new StemContainer(markerline, stemlines, baseline, read.label ?? ""));
  }
}

/** Whether a value is a list of so many numbers. */
function isNumbers(value: unknown, count: number): boolean {
  return Array.isArray(value) && value.length === count && value.every((one) => typeof one === "number");
}

/** How far bars reach down and up: from one number, one for each point, or two rows of them. */
export function readErrors(error: unknown, count: number, name: string): [Float64Array, Float64Array] {
  const { values, shape } = readValues(error, name);
  if (values.some((v) => v < 0)) throw new Error(`'${name}' must not contain negative values`);
  if (shape.length === 2 && shape[0] === 2)
    return [
      broadcast(values.slice(0, values.length / 2), count, name),
      broadcast(values.slice(values.length / 2), count, name),
    ];
  const one = broadcast(values, count, name);
  return [one, one];
}
