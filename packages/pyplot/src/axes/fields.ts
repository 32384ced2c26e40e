/** Values over a plane: meshes, contours, arrows. */
import { type LineStyle, linestyle } from "../artists/artist.js";
import { contourWidth, type Field, QuadContourSet } from "../artists/contour.js";
import { type MeshCorners, QuadMesh } from "../artists/mesh.js";
import { Quiver } from "../artists/quiver.js";
import { formatNumber, formatPercent, general, ScalarFormatter } from "../axis/formatters.js";
import { LogLocator, MaxNLocator } from "../axis/locators.js";
import { getCmap, ListedColormap } from "../color/colormaps.js";
import { type Color, type Rgba, toRgba } from "../color/colors.js";
import { BoundaryNorm, LogNorm, Normalize } from "../color/norms.js";
import {
  type Data,
  extent,
  type Matrix,
  range,
  readMatrix,
  readValues,
  readVector,
  type Values,
  type Vector,
} from "../data.js";
import type { Point } from "../geometry.js";
import {
  as,
  color,
  data,
  flag,
  kind,
  number,
  type Options,
  type Read,
  readCall,
  readOptions,
  text,
  words,
} from "../options.js";
import { rcParams } from "../rc/rcParams.js";
import { type Bins, binOf, histogramBinEdges } from "../statistics/histogram.js";
import { ImageAxes } from "./images.js";
import { mappableTable, readColors } from "./lines.js";

const meshTable = {
  ...mappableTable,
  alpha: number,
  shading: words("auto", "flat", "nearest"),
  edgecolors: data<Color | "face" | "none">(),
  edgecolor: as("edgecolors", data<Color | "face" | "none">()),
  linewidth: number,
  lw: as("linewidth", number),
  zorder: number,
  label: text,
};
export type MeshOptions = Options<typeof meshTable>;

const contourTable = {
  ...mappableTable,
  levels: data<number | Vector>(),
  colors: data<Color | readonly Color[]>(),
  alpha: number,
  linewidths: data<number | Vector>(),
  linestyles: data<LineStyle | readonly LineStyle[]>(),
  negativeLinestyles: linestyle,
  origin: words("upper", "lower"),
  extent: kind<readonly [number, number, number, number]>(
    "[x0, x1, y0, y1]",
    (v) => Array.isArray(v) && v.length === 4,
  ),
  extend: words("neither", "both", "min", "max"),
  zorder: number,
};
export type ContourOptions = Options<typeof contourTable>;

const quiverTable = {
  ...mappableTable,
  color: data<Color | readonly Color[]>(),
  scale: number,
  scaleUnits: words("xy", "width"),
  angles: words("uv", "xy"),
  pivot: words("tail", "mid", "middle", "tip"),
  units: words("width"),
  width: number,
  headwidth: number,
  headlength: number,
  headaxislength: number,
  minshaft: number,
  minlength: number,
  alpha: number,
  label: text,
  zorder: number,
};
export type QuiverOptions = Options<typeof quiverTable>;

const labelTable = {
  fmt: data<string | ((level: number) => string) | Record<number, string>>(),
  fontsize: kind<number | string>("float or str", (v) => typeof v === "number" || typeof v === "string"),
  inline: flag,
  colors: color,
};
const hist2dTable = {
  ...meshTable,
  bins: data<Bins | readonly [Bins, Bins]>(),
  range: data<readonly [readonly [number, number], readonly [number, number]]>(),
  density: flag,
  weights: data<Vector>(),
  cmin: number,
  cmax: number,
};

/** Axes on which fields can be drawn. */
export class FieldAxes extends ImageAxes {
  /**
   * A grid of cells whose colours stand for values; x and y give the corners or, if they are as many as the values, the
   * middles of the cells.
   *
   * @example ax.pcolormesh(x, y, z, { cmap: "RdBu", shading: "nearest" })
   */
  pcolormesh(
    ...args: [C: Matrix, options?: MeshOptions] | [X: Data, Y: Data, C: Matrix, options?: MeshOptions]
  ): QuadMesh {
    return this.#mesh("pcolormesh", args);
  }

  /** As `pcolormesh`. */
  pcolor(...args: [C: Matrix, options?: MeshOptions] | [X: Data, Y: Data, C: Matrix, options?: MeshOptions]): QuadMesh {
    return this.#mesh("pcolor", args);
  }

  #mesh(functionName: string, args: readonly unknown[]): QuadMesh {
    const [read, at] = readGrid(functionName, args, "C", meshTable);
    const C = readMatrix(at.C, "C");
    const [rows, columns] = C.shape as [number, number];
    const corners = cornersOf(at.X, at.Y, rows, columns, read.shading ?? "auto");
    const edges =
      read.edgecolors === undefined || read.edgecolors === "none" || read.edgecolors === "face"
        ? []
        : [toRgba(read.edgecolors)];
    const mesh = new QuadMesh(corners, {
      ...(read.alpha !== undefined && { alpha: read.alpha }),
      ...(read.zorder !== undefined && { zorder: read.zorder }),
      edgecolors: edges,
      linewidths: [read.linewidth ?? 1],
    });
    mesh.mapValues(C.values, getCmap(read.cmap), read.norm ?? new Normalize(read.vmin, read.vmax));
    this.currentImage = mesh;
    return this.add(mesh);
  }

  /**
   * How many points fall into each cell of a grid; also as `[counts, xedges, yedges, image]`.
   *
   * @example ax.hist2d(x, y, [20, 30], { cmap: "Blues" })
   */
  hist2d(
    x: Vector,
    y: Vector,
    ...rest:
      | [bins?: Bins | readonly [Bins, Bins], options?: Options<typeof hist2dTable>]
      | [options?: Options<typeof hist2dTable>]
  ) {
    const [read, at] = readCall("hist2d", [x, y, ...rest], ["x", "y", "bins"], 2, hist2dTable);
    const { bins = 10, range: limits, density, weights, cmin, cmax, ...style } = read;
    const [xs, ys] = [readVector(at.x, "x"), readVector(at.y, "y")];
    if (xs.length !== ys.length) throw new Error("x and y must have the same length.");
    const two = (Array.isArray(bins) && bins.length === 2 ? bins : [bins, bins]) as unknown as readonly [Bins, Bins];
    const xedges = histogramBinEdges(xs, two[0], limits?.[0]);
    const yedges = histogramBinEdges(ys, two[1], limits?.[1]);
    const [columns, rows] = [xedges.length - 1, yedges.length - 1];
    const w = weights === undefined ? undefined : readVector(weights, "weights");
    const counts = Array.from({ length: columns }, () => new Float64Array(rows));
    const isIn = (v: number, edges: Float64Array): boolean =>
      v >= (edges[0] as number) && v <= (edges.at(-1) as number);
    for (const [i, px] of xs.entries()) {
      const py = ys[i] as number;
      if (!isIn(px, xedges) || !isIn(py, yedges)) continue;
      const column = counts[binOf(px, xedges)] as Float64Array;
      const row = binOf(py, yedges);
      column[row] = (column[row] as number) + (w?.[i] ?? 1);
    }
    if (density) {
      const total = counts.reduce((sum, column) => sum + column.reduce((a, b) => a + b, 0), 0);
      for (const [c, column] of counts.entries())
        column.forEach((n, r) => (column[r] = n / total / widthOf(xedges, c) / widthOf(yedges, r)));
    }
    const hide = (n: number): number =>
      (cmin !== undefined && n < cmin) || (cmax !== undefined && n > cmax) ? Number.NaN : n;
    const C = Array.from({ length: rows }, (_, r) => counts.map((column) => hide(column[r] as number)));
    const image = this.pcolormesh(xedges, yedges, C, style);
    const result = { h: counts, xedges, yedges, image };
    return {
      ...result,
      *[Symbol.iterator](): Generator<unknown> {
        yield* [counts, xedges, yedges, image];
      },
    };
  }

  /**
   * Lines of equal value. `levels` are the values, or about how many of them.
   *
   * @example const lines = ax.contour(x, y, z, [0, 1, 2]); ax.clabel(lines);
   */
  contour(
    ...args:
      | [Z: Matrix, levels?: number | Vector | null, options?: ContourOptions]
      | [Z: Matrix, options?: ContourOptions]
      | [X: Data, Y: Data, Z: Matrix, levels?: number | Vector | null, options?: ContourOptions]
      | [X: Data, Y: Data, Z: Matrix, options?: ContourOptions]
  ): QuadContourSet {
    return this.#contours("contour", args, false);
  }

  /** Areas between lines of equal value; see `contour`. */
  contourf(
    ...args:
      | [Z: Matrix, levels?: number | Vector | null, options?: ContourOptions]
      | [Z: Matrix, options?: ContourOptions]
      | [X: Data, Y: Data, Z: Matrix, levels?: number | Vector | null, options?: ContourOptions]
      | [X: Data, Y: Data, Z: Matrix, options?: ContourOptions]
  ): QuadContourSet {
    return this.#contours("contourf", args, true);
  }

  #contours(functionName: string, args: readonly unknown[], isFilled: boolean): QuadContourSet {
    const [read, at] = readGrid(functionName, args, "Z", contourTable, ["levels"]);
    const Z = readMatrix(at.Z, "Z");
    const [rows, columns] = Z.shape as [number, number];
    if (rows < 2 || columns < 2)
      throw new TypeError(`Input z must be at least a (2, 2) shaped array, but has shape (${rows}, ${columns})`);
    const field: Field = { values: Z.values, rows, columns, place: placesOf(at.X, at.Y, rows, columns, read) };
    const isLog = read.norm instanceof LogNorm;
    const levels = levelsOf(read.levels, Z.values, isLog, isFilled, read.extend);
    const cmap =
      Array.isArray(read.colors) && !isOneColor(read.colors)
        ? new ListedColormap(read.colors as readonly Color[])
        : getCmap(read.cmap);
    const layers = isFilled
      ? levels
          .slice(1)
          .map((level, i) => (isLog ? Math.sqrt(level * (levels[i] as number)) : (level + (levels[i] as number)) / 2))
      : levels;
    const norm = read.norm ?? new Normalize(read.vmin, read.vmax);
    norm.autoscaleNone(levels);
    const extend = read.extend ?? "neither";
    const wanted = [
      ...(extend === "both" || extend === "min" ? [Number.NEGATIVE_INFINITY] : []),
      ...layers,
      ...(extend === "both" || extend === "max" ? [Number.POSITIVE_INFINITY] : []),
    ];
    const shades =
      read.colors === undefined
        ? (isFilled ? wanted : layers).map((v) => cmap.at(norm.call(v)))
        : cycled(read.colors, wanted.length);
    const isOne = read.colors !== undefined && new Set(shades.map(String)).size === 1;
    const negative = read.negativeLinestyles ?? rcParams["contour.negative_linestyle"];
    const styles =
      read.linestyles === undefined
        ? levels.map((level): LineStyle => (isOne && level < 0 ? negative : "-"))
        : lineStyles(read.linestyles);
    const set = new QuadContourSet(field, {
      levels,
      colors: shades,
      cmap,
      norm: read.colors === undefined ? norm : new BoundaryNorm(levels, cmap.N),
      isFilled,
      linewidths: [...readVector(read.linewidths ?? contourWidth(), "linewidths")],
      linestyles: styles,
      alpha: read.alpha,
      zorder: read.zorder,
      extend,
    });
    this.currentImage = set;
    return this.add(set);
  }

  /** Writes the values on the lines of a contour plot. */
  clabel(CS: QuadContourSet, options: Options<typeof labelTable> = {}): void {
    const { fmt, fontsize = rcParams["font.size"], inline = true, colors } = readOptions("clabel", labelTable, options);
    const plain = new ScalarFormatter({ useOffset: false });
    const [low = 0, high = 1] = [CS.levels[0], CS.levels.at(-1)];
    plain.setTicks(CS.levels, {
      limits: [low, high],
      tickSpace: 9,
      leastPositive: 1,
      scaleName: "linear",
      majorTicks: () => [],
    });
    const write = (level: number): string => {
      if (typeof fmt === "function") return fmt(level);
      if (typeof fmt === "object" && fmt !== null) return fmt[level] ?? general(level);
      if (typeof fmt !== "string") return plain.format(level);
      return fmt.includes("{")
        ? fmt.replace(/\{x?:?([^}]*)\}/, (_, spec: string) => formatNumber(level, spec))
        : formatPercent(fmt, level);
    };
    CS.setLabels({ write, size: fontsize, color: colors, isInline: inline });
  }

  /**
   * An arrow for each vector (u, v), at x and y or at the points of a grid; c are values that a colormap colours.
   *
   * @example ax.quiver(x, y, u, v, { color: "C1" })
   */
  quiver(
    ...args:
      | [U: Data, V: Data, options?: QuiverOptions]
      | [U: Data, V: Data, C: Data, options?: QuiverOptions]
      | [X: Data, Y: Data, U: Data, V: Data, options?: QuiverOptions]
      | [X: Data, Y: Data, U: Data, V: Data, C: Data, options?: QuiverOptions]
  ): Quiver {
    const given = args.filter((arg) => arg !== undefined);
    const last = given.at(-1);
    const count =
      typeof last === "object" && last !== null && Object.getPrototypeOf(last) === Object.prototype
        ? given.length - 1
        : given.length;
    const places = count >= 4 ? ["X", "Y", "U", "V", "C"] : ["U", "V", "C"];
    const [read, at] = readCall("quiver", given, places, count >= 4 ? 4 : 2, quiverTable);
    const [U, V] = [readValues(at.U, "U"), readValues(at.V, "V")];
    if (U.values.length !== V.values.length)
      throw new Error(`U and V must have the same size, but have ${U.values.length} and ${V.values.length}`);
    const [x, y] = gridPoints(at.X, at.Y, U);
    const shade = read.color === undefined ? [toRgba("k")] : (readColors(read.color) as Rgba[]);
    const {
      scale,
      scaleUnits,
      width,
      headwidth = 3,
      headlength = 5,
      headaxislength = 4.5,
      minshaft = 1,
      minlength = 1,
      pivot = "tail",
      angles = "uv",
      alpha,
      label,
      zorder,
    } = read;
    const arrows = new Quiver(x, y, U.values, V.values, {
      facecolors: shade,
      edgecolors: [],
      linewidths: [0],
      scale,
      scaleUnits,
      width,
      headwidth,
      headlength,
      headaxislength,
      minshaft,
      minlength,
      pivot,
      angles,
      ...(alpha !== undefined && { alpha }),
      ...(label !== undefined && { label }),
      ...(zorder !== undefined && { zorder }),
    });
    if (at.C !== undefined) {
      const values = readValues(at.C, "C").values;
      if (values.length !== x.length) throw new Error(`C has ${values.length} values for ${x.length} arrows`);
      arrows.mapValues(values, getCmap(read.cmap), read.norm ?? new Normalize(read.vmin, read.vmax));
      this.currentImage = arrows;
    }
    return this.add(arrows);
  }
}

/** Reads `(C)` or `(X, Y, C)`, with more places after it. */
function readGrid<T extends typeof meshTable | typeof contourTable>(
  functionName: string,
  args: readonly unknown[],
  name: string,
  table: T,
  more: readonly string[] = [],
): [Read<T>, Record<string, unknown>] {
  const isMatrix = (v: unknown): boolean => {
    const first = Array.isArray(v) ? (v[0] as unknown) : undefined;
    return typeof first === "object" || (typeof v === "object" && v !== null && (v as { ndim?: number }).ndim === 2);
  };
  const isArray = (v: unknown): boolean =>
    typeof v === "object" && v !== null && Object.getPrototypeOf(v) !== Object.prototype;
  const hasGrid = args.length >= 3 && isArray(args[1]) && isMatrix(args[2]);
  const places = hasGrid ? ["X", "Y", name, ...more] : [name, ...more];
  return readCall(functionName, args, places, hasGrid ? 3 : 1, table);
}

const widthOf = (edges: Float64Array, i: number): number => (edges[i + 1] as number) - (edges[i] as number);
const isOneColor = (value: readonly unknown[]): boolean => value.length > 0 && typeof value[0] === "number";

function cycled(colors: Color | readonly Color[], count: number): Rgba[] {
  const list = readColors(colors);
  if (!list) throw new Error("contour: colors must be a color or a list of colors");
  return Array.from({ length: count }, (_, i) => list[i % list.length] as Rgba);
}

function lineStyles(value: LineStyle | readonly LineStyle[]): readonly LineStyle[] {
  const isOne = typeof value === "string" || typeof value[0] === "number";
  return isOne ? [value as LineStyle] : (value as readonly LineStyle[]);
}

/** The levels that were asked for, or about so many round ones. */
function levelsOf(
  given: unknown,
  values: Float64Array,
  isLog: boolean,
  isFilled: boolean,
  extend: string = "neither",
): number[] {
  const [low, high] = extent(values) ?? [0, 1];
  if (given !== undefined && typeof given !== "number") {
    const levels = [...readVector(given, "levels")];
    if (levels.some((level, i) => i > 0 && level <= (levels[i - 1] as number)))
      throw new Error("Contour levels must be increasing");
    if (isFilled && levels.length < 2) throw new Error("Filled contours require at least 2 levels.");
    return levels;
  }
  const count = (given as number | undefined) ?? 7;
  const ticks = isLog
    ? new LogLocator().tickValues(low, high)
    : new MaxNLocator(count + 1, { minNTicks: 1 }).tickValues(low, high);
  let from = Math.max(
    0,
    ticks.findLastIndex((t) => t < low),
  );
  const over = ticks.findIndex((t) => t > high);
  let to = over < 0 ? ticks.length : over + 1;
  if (extend === "min" || extend === "both") from++;
  if (extend === "max" || extend === "both") to--;
  if (to - from < 3) [from, to] = [0, ticks.length];
  return ticks.slice(from, to);
}

/** The middle of neighbours, and as far beyond the ends: from the middles of cells their edges. */
function edgesOf(middles: Float64Array): Float64Array {
  const n = middles.length;
  if (n === 1) return Float64Array.of((middles[0] as number) - 0.5, (middles[0] as number) + 0.5);
  const at = (i: number): number => middles[i] as number;
  return Float64Array.from({ length: n + 1 }, (_, i) => {
    if (i === 0) return at(0) - (at(1) - at(0)) / 2;
    return i === n ? at(n - 1) + (at(n - 1) - at(n - 2)) / 2 : (at(i - 1) + at(i)) / 2;
  });
}

/** The corners of the cells of a mesh. */
function cornersOf(X: unknown, Y: unknown, rows: number, columns: number, shading: string): MeshCorners {
  const [gridX, gridY] =
    X === undefined ? [range(columns + 1), range(rows + 1)] : [readValues(X, "X"), readValues(Y, "Y")];
  const asGrid = (
    given: Float64Array | Values,
    isX: boolean,
  ): { values: Float64Array; rows: number; columns: number } => {
    if (given instanceof Float64Array)
      return { values: given, rows: isX ? 1 : given.length, columns: isX ? given.length : 1 };
    const { values, shape } = given;
    if (shape.length === 2) return { values, rows: shape[0] as number, columns: shape[1] as number };
    return { values, rows: isX ? 1 : values.length, columns: isX ? values.length : 1 };
  };
  const [gx, gy] = [asGrid(gridX, true), asGrid(gridY, false)];
  const [width, height] = [gx.columns, gy.rows];
  const isMiddle = width === columns && height === rows;
  if (!isMiddle && !(width === columns + 1 && height === rows + 1)) {
    throw new TypeError(
      `Dimensions of C (${rows}, ${columns}) should be one smaller than X(${width}) and Y(${height}) while using shading='${shading}'`,
    );
  }
  if (isMiddle && shading === "flat")
    throw new TypeError(
      `Dimensions of C (${rows}, ${columns}) should be one smaller than X(${width}) and Y(${height}) while using shading='flat'`,
    );
  const line = (grid: typeof gx, isX: boolean): ((r: number, c: number) => number) => {
    const along = isX ? grid.columns : grid.rows;
    const isFlat = isX ? grid.rows === 1 : grid.columns === 1;
    if (isFlat) {
      const values = isMiddle ? edgesOf(grid.values) : grid.values;
      return (r, c) => values[isX ? c : r] as number;
    }
    if (!isMiddle) return (r, c) => grid.values[r * grid.columns + c] as number;
    // Middles that differ from row to row: the mean of the four around a corner.
    const first = Float64Array.from({ length: along }, (_, i) => grid.values[isX ? i : i * grid.columns] as number);
    const values = edgesOf(first);
    return (r, c) => values[isX ? c : r] as number;
  };
  const [fx, fy] = [line(gx, true), line(gy, false)];
  const size = (rows + 1) * (columns + 1);
  const x = new Float64Array(size);
  const y = new Float64Array(size);
  for (let r = 0; r <= rows; r++)
    for (let c = 0; c <= columns; c++) {
      x[r * (columns + 1) + c] = fx(r, c);
      y[r * (columns + 1) + c] = fy(r, c);
    }
  return { x, y, rows, columns };
}

/** Where a place between the points of a grid is in data. */
function placesOf(
  X: unknown,
  Y: unknown,
  rows: number,
  columns: number,
  read: { origin?: string; extent?: readonly [number, number, number, number] },
): Field["place"] {
  if (X === undefined) {
    const { origin, extent: limits } = read;
    if (origin === undefined && !limits) return (c, r) => [c, r];
    const [x0, x1, y0, y1] = limits ?? [-0.5, columns - 0.5, -0.5, rows - 0.5];
    return (c, r) => {
      const row = origin === "upper" ? rows - 1 - r : r;
      if (origin === undefined) return [x0 + ((x1 - x0) * c) / (columns - 1), y0 + ((y1 - y0) * row) / (rows - 1)];
      return [x0 + ((x1 - x0) * (c + 0.5)) / columns, y0 + ((y1 - y0) * (row + 0.5)) / rows];
    };
  }
  const [gx, gy] = [readValues(X, "X"), readValues(Y, "Y")];
  const check = (grid: Values, name: string, length: number): void => {
    const fits =
      grid.shape.length === 2 ? grid.shape[0] === rows && grid.shape[1] === columns : grid.values.length === length;
    if (!fits)
      throw new TypeError(`Shapes of ${name} [${grid.shape.join(", ")}] and z [${rows}, ${columns}] do not match`);
  };
  check(gx, "x", columns);
  check(gy, "y", rows);
  const sample = (grid: Values, isX: boolean): ((c: number, r: number) => number) => {
    const at =
      grid.shape.length === 2
        ? (c: number, r: number) => grid.values[r * columns + c] as number
        : (c: number, r: number) => grid.values[isX ? c : r] as number;
    return (c, r) => {
      const [c0, r0] = [Math.min(columns - 1, Math.floor(c)), Math.min(rows - 1, Math.floor(r))];
      const [c1, r1] = [Math.min(columns - 1, c0 + 1), Math.min(rows - 1, r0 + 1)];
      const [fc, fr] = [c - c0, r - r0];
      return (1 - fr) * ((1 - fc) * at(c0, r0) + fc * at(c1, r0)) + fr * ((1 - fc) * at(c0, r1) + fc * at(c1, r1));
    };
  };
  const [sx, sy] = [sample(gx, true), sample(gy, false)];
  return (c, r) => [sx(c, r), sy(c, r)];
}

/** The points of a field of arrows: given for each, as the two sides of a grid, or the places in the matrix. */
function gridPoints(X: unknown, Y: unknown, { values, shape }: Values): [Float64Array, Float64Array] {
  const [rows, columns] = shape.length === 2 ? (shape as [number, number]) : [1, values.length];
  if (X === undefined) return [values.map((_, i) => i % columns), values.map((_, i) => Math.floor(i / columns))];
  const [x, y] = [readValues(X, "X").values, readValues(Y, "Y").values];
  if (x.length === values.length && y.length === values.length) return [x, y];
  if (x.length === columns && y.length === rows)
    return [values.map((_, i) => x[i % columns] as number), values.map((_, i) => y[Math.floor(i / columns)] as number)];
  throw new Error(
    `X and Y must have as many points as U (${values.length}), or be the sides of its grid, but have ${x.length} and ${y.length}`,
  );
}

export type { Point };
