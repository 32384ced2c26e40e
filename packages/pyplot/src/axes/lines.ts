/** Lines: `plot` and its kin, scatter plots, error bars, stems, straight lines and spans across the axes. */
import { type LineStyle, linestyle } from "../artists/artist.js";
import { type CollectionStyle, LineCollection, PathCollection } from "../artists/collections.js";
import { ErrorbarContainer, noLegend, StemContainer } from "../artists/containers.js";
import { parseFormat } from "../artists/formatString.js";
import { Line2D, type LineOptions, lineTable } from "../artists/line.js";
import { markerOf } from "../artists/markers.js";
import { Patch, type PatchOptions, patchTable } from "../artists/patches.js";
import { type Colormap, getCmap } from "../color/colormaps.js";
import { type Color, isColor, type Rgba, toRgba } from "../color/colors.js";
import { Normalize } from "../color/norms.js";
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
import { Path, type Point } from "../geometry.js";
import {
  as,
  color,
  data,
  flag,
  isOptions,
  kind,
  number,
  type Options,
  type Read,
  readCall,
  readOptions,
  text,
} from "../options.js";
import { rcParams } from "../rc/rcParams.js";
import { LimitAxes } from "./limits.js";

/** Colours of many things: one for all, one for each, or values that a colormap makes colours of. */
export type Colors = Color | readonly Color[] | Data;
const colors = data<Colors>();
const cmap = kind<Colormap | string>(
  "Colormap or str",
  (v) => typeof v === "string" || (typeof v === "object" && v !== null),
);
const norm = kind<Normalize>("Normalize", (v) => v instanceof Normalize);
/** The options of everything whose colours stand for values. */
export const mappableTable = { cmap, norm, vmin: number, vmax: number };

const scatterTable = {
  ...mappableTable,
  s: data<Vector | number>(),
  c: colors,
  color: as("colorAll", colors),
  colorAll: colors,
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
export type ScatterOptions = Omit<Options<typeof scatterTable>, "colorAll">;

const errorTable = {
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
  orientation: kind<"vertical" | "horizontal">("str", (v) => v === "vertical" || v === "horizontal"),
};
const linesTable = {
  colors,
  color: as("colors", colors),
  linestyles: linestyle,
  linestyle: as("linestyles", linestyle),
  ls: as("linestyles", linestyle),
  linewidths: number,
  linewidth: as("linewidths", number),
  lw: as("linewidths", number),
  label: text,
  alpha: number,
  zorder: number,
};
export type LinesOptions = Options<typeof linesTable>;
const stepTable = {
  ...lineTable,
  where: kind<"pre" | "post" | "mid">("'pre', 'post' or 'mid'", (v) => v === "pre" || v === "post" || v === "mid"),
};

/** What `plot` takes: sets of y, or of x and y, each with a format string or without, and options for all. */
export type PlotArgs = readonly (Positions | Data | string | LineOptions | number)[];

/** One colour for each item, from one colour or a list of them; `undefined` for what is no colour. */
export function readColors(value: unknown): Rgba[] | undefined {
  if (isColor(value)) return [toRgba(value)];
  if (Array.isArray(value) && value.length > 0 && value.every(isColor)) return value.map((one) => toRgba(one as Color));
  return undefined;
}

/** Axes on which lines can be drawn. */
export class LineAxes extends LimitAxes {
  /**
   * Lines through points, or markers at them.
   *
   * Takes y, or x and y, with a format string (`"r--"`: colour, marker, line style) or without; several such groups in a
   * row; and options for all of them. A matrix is a line for each column.
   *
   * @example ax.plot(epochs, losses, "C1o-", { label: "loss", linewidth: 2 })
   * @throws Error where x and y differ in length, or the format string makes no sense.
   * @see https://matplotlib.org/stable/api/_as_gen/matplotlib.pyplot.plot.html
   */
  plot(...args: PlotArgs): Line2D[] {
    const rest = [...args];
    const options = isOptions(rest.at(-1)) ? rest.pop() : {};
    const style = readOptions("plot", lineTable, options);
    const groups: { x?: unknown; y: unknown; format: string }[] = [];
    while (rest.length > 0) {
      const first = rest.shift();
      const hasX = rest.length > 0 && typeof rest[0] !== "string";
      const y = hasX ? rest.shift() : first;
      const format = typeof rest[0] === "string" ? (rest.shift() as string) : "";
      groups.push(hasX ? { x: first, y, format } : { y, format });
    }
    const sets = groups.flatMap(({ x, y, format }) =>
      this.#pairs(x, y).map((pair) => ({ ...pair, format: parseFormat(format) })),
    );
    return sets.map(({ x, y, format }) => {
      const given = { ...format, ...style };
      return this.add(new Line2D(x, y, { ...given, color: given.color ?? this.nextLineColor() }));
    });
  }

  /** The lines that x and y make: one for each column. */
  #pairs(x: unknown, y: unknown): { x: Float64Array; y: Float64Array }[] {
    const isNamed = Array.isArray(y) && typeof y[0] === "string";
    const ys = isNamed ? [this.readY(y, "y")] : readSetsOfColumns(y, "y");
    const length = (ys[0] as Float64Array).length;
    if (x === undefined) return ys.map((one) => ({ x: range(length), y: one }));
    const isWide = !(Array.isArray(x) && typeof x[0] === "string") && readValues(x, "x").shape.length === 2;
    const xs = isWide ? readSetsOfColumns(x, "x") : [this.readX(x, "x")];
    const count = Math.max(xs.length, ys.length);
    if (xs.length > 1 && ys.length > 1 && xs.length !== ys.length) {
      throw new Error(`x has ${xs.length} columns but y has ${ys.length} columns`);
    }
    return Array.from({ length: count }, (_, i) => {
      const pair = { x: (xs[i] ?? xs[0]) as Float64Array, y: (ys[i] ?? ys[0]) as Float64Array };
      checkSameLength(pair.x, pair.y);
      return pair;
    });
  }

  /** `plot` with both axes logarithmic. */
  loglog(...args: PlotArgs): Line2D[] {
    this.setXscale("log");
    this.setYscale("log");
    return this.plot(...args);
  }

  /** `plot` with x logarithmic. */
  semilogx(...args: PlotArgs): Line2D[] {
    this.setXscale("log");
    return this.plot(...args);
  }

  /** `plot` with y logarithmic. */
  semilogy(...args: PlotArgs): Line2D[] {
    this.setYscale("log");
    return this.plot(...args);
  }

  /** A line of steps: `where` says whether it rises before (`"pre"`), after (`"post"`) or between (`"mid"`) the points. */
  step(
    x: Positions,
    y: Data,
    ...rest: [format: string, options?: Options<typeof stepTable>] | [options?: Options<typeof stepTable>]
  ): Line2D[] {
    const [format, given = {}] = typeof rest[0] === "string" ? [rest[0], rest[1]] : ["", rest[0]];
    const { where = "pre", ...style } = readOptions("step", stepTable, given ?? {});
    return this.plot(x, y, format, { ...style, drawstyle: `steps-${where}` as const } as LineOptions);
  }

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
    const faces = read.facecolors ?? read.colorAll ?? read.c;
    const isHollow = faces === "none";
    const given = isHollow ? [toRgba("none")] : readColors(faces);
    const edge = read.edgecolors ?? (isHollow ? this.nextPatchColor() : rcParams["scatter.edgecolors"]);
    const style: CollectionStyle = {
      ...(read.alpha !== undefined && { alpha: read.alpha }),
      ...(read.label !== undefined && { label: read.label }),
      ...(read.zorder !== undefined && { zorder: read.zorder }),
      ...(read.clipOn !== undefined && { clipOn: read.clipOn }),
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
    marks.mapValues(array, getCmap(read.cmap), read.norm ?? new Normalize(read.vmin, read.vmax));
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
    const alpha = style.alpha === undefined ? {} : { alpha: style.alpha };
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

  #lines(functionName: string, args: readonly unknown[], isUpright: boolean): LineCollection {
    const places = isUpright ? ["x", "ymin", "ymax"] : ["y", "xmin", "xmax"];
    const [read, given] = readCall(functionName, args, [...places, "colors", "linestyles", "label"], 3, linesTable);
    const [at, low, high] = places.map((name) => given[name]);
    const positions = isUpright ? this.readX(at) : this.readY(at);
    const [from, to] = [
      broadcast(low, positions.length, places[1] as string),
      broadcast(high, positions.length, places[2] as string),
    ];
    const segments = Array.from(positions, (p, i): Point[] => {
      const [a, b] = [from[i] as number, to[i] as number];
      return isUpright
        ? [
            [p, a],
            [p, b],
          ]
        : [
            [a, p],
            [b, p],
          ];
    });
    const shades = readColors(read.colors ?? "C0");
    if (!shades) throw new Error(`${functionName}: colors must be a color or a list of colors`);
    const { linestyles = "solid", linewidths = rcParams["lines.linewidth"], colors: _, ...style } = read;
    return this.add(
      new LineCollection(segments, {
        ...style,
        facecolors: shades,
        linewidths: [linewidths],
        linestyle: linestyles as LineStyle,
      }),
    );
  }

  /** Upright lines at x from `ymin` to `ymax`. */
  vlines(
    x: Positions | number,
    ymin: Vector | number,
    ymax: Vector | number,
    ...rest:
      | [colors?: Colors | null, linestyles?: LineStyle | null, label?: string, options?: LinesOptions]
      | [options?: LinesOptions]
  ): LineCollection {
    return this.#lines("vlines", [x, ymin, ymax, ...rest], true);
  }

  /** Level lines at y from `xmin` to `xmax`. */
  hlines(
    y: Positions | number,
    xmin: Vector | number,
    xmax: Vector | number,
    ...rest:
      | [colors?: Colors | null, linestyles?: LineStyle | null, label?: string, options?: LinesOptions]
      | [options?: LinesOptions]
  ): LineCollection {
    return this.#lines("hlines", [y, xmin, xmax, ...rest], false);
  }

  /** A level line across the axes, from `xmin` to `xmax` as shares of their width. */
  axhline(
    ...args:
      | [y?: number, xmin?: number, xmax?: number, options?: LineOptions]
      | [y?: number, options?: LineOptions]
      | [options?: LineOptions]
  ): Line2D {
    const [style, at] = readCall("axhline", args, ["y", "xmin", "xmax"], 0, lineTable);
    const { y = 0, xmin = 0, xmax = 1 } = at as Partial<Record<string, number>>;
    return this.add(
      new Line2D(
        Float64Array.of(xmin, xmax),
        Float64Array.of(y, y),
        { color: this.cycleColorAt(0), ...style },
        "yaxis",
      ),
    );
  }

  /** An upright line across the axes, from `ymin` to `ymax` as shares of their height. */
  axvline(
    ...args:
      | [x?: number, ymin?: number, ymax?: number, options?: LineOptions]
      | [x?: number, options?: LineOptions]
      | [options?: LineOptions]
  ): Line2D {
    const [style, at] = readCall("axvline", args, ["x", "ymin", "ymax"], 0, lineTable);
    const { x = 0, ymin = 0, ymax = 1 } = at as Partial<Record<string, number>>;
    return this.add(
      new Line2D(
        Float64Array.of(x, x),
        Float64Array.of(ymin, ymax),
        { color: this.cycleColorAt(0), ...style },
        "xaxis",
      ),
    );
  }

  /** A straight line without ends through a point, with a slope or through a second point. */
  axline(
    xy1: Point,
    ...rest:
      | [xy2?: Point | null, options?: LineOptions & { slope?: number }]
      | [options?: LineOptions & { slope?: number }]
  ): Line2D {
    const [{ slope, ...style }, { xy2 }] = readCall("axline", [xy1, ...rest], ["xy1", "xy2"], 1, {
      ...lineTable,
      slope: number,
    });
    const [x, y] = xy1;
    if ((xy2 === undefined) === (slope === undefined))
      throw new TypeError("Exactly one of 'xy2' and 'slope' must be given");
    const [x2, y2] = (xy2 as Point | undefined) ?? [x + 1, y + (slope as number)];
    const line = new Line2D(Float64Array.of(x, x2), Float64Array.of(y, y2), { color: this.nextLineColor(), ...style });
    line.isEndless = true;
    return this.add(line);
  }

  /** A level band across the axes. */
  axhspan(
    ymin: number,
    ymax: number,
    ...rest: [xmin?: number, xmax?: number, options?: PatchOptions] | [options?: PatchOptions]
  ): Patch {
    const [read, at] = readCall("axhspan", [ymin, ymax, ...rest], ["ymin", "ymax", "xmin", "xmax"], 2, patchTable);
    const { xmin = 0, xmax = 1 } = at as { xmin?: number; xmax?: number };
    return this.#span(Path.rectangle(xmin, ymin, xmax - xmin, ymax - ymin), read, "yaxis");
  }

  /** An upright band across the axes. */
  axvspan(
    xmin: number,
    xmax: number,
    ...rest: [ymin?: number, ymax?: number, options?: PatchOptions] | [options?: PatchOptions]
  ): Patch {
    const [read, at] = readCall("axvspan", [xmin, xmax, ...rest], ["xmin", "xmax", "ymin", "ymax"], 2, patchTable);
    const { ymin = 0, ymax = 1 } = at as { ymin?: number; ymax?: number };
    return this.#span(Path.rectangle(xmin, ymin, xmax - xmin, ymax - ymin), read, "xaxis");
  }

  #span(path: Path, style: ConstructorParameters<typeof Patch>[1], space: "xaxis" | "yaxis"): Patch {
    const patch = new Patch(path, style);
    patch.space = space;
    return this.add(patch);
  }
}

/** A vector is one set, a matrix one for each column. */
function readSetsOfColumns(value: unknown, name: string): Float64Array[] {
  const { shape } = readValues(value, name);
  if (shape.length > 2)
    throw new Error(`x and y can be no greater than 2D, but ${name} has shape [${shape.join(", ")}]`);
  return shape.length === 2 ? readSetsByColumn(value, name) : [readVector(value, name)];
}

function readSetsByColumn(value: unknown, name: string): Float64Array[] {
  const { values, shape } = readValues(value, name);
  const [rows = 0, count = 0] = shape;
  return Array.from({ length: count }, (_, c) =>
    Float64Array.from({ length: rows }, (_, r) => values[r * count + c] as number),
  );
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
