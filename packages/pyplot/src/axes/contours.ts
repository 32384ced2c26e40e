/** Lines of equal value and the areas between them. */
import { type LineStyle, linestyle } from "../artists/artist.js";
import { contourWidth, type Field, QuadContourSet } from "../artists/contour.js";
import { formatText, general, ScalarFormatter } from "../axis/formatters.js";
import { LogLocator, MaxNLocator } from "../axis/locators.js";
import { getCmap, ListedColormap } from "../color/colormaps.js";
import type { Color, Rgba } from "../color/colors.js";
import { BoundaryNorm, LogNorm } from "../color/norms.js";
import { expectColors, mappableTable, normOf } from "../color/options.js";
import { type Data, extent, type Matrix, readMatrix, readVector, type Vector } from "../data.js";
import { color, data, flag, kind, number, numberOrText, type Options, readOptions, words } from "../options.js";
import { rcParams } from "../rc/rcParams.js";
import { placesOf, readGrid } from "./grids.js";
import { MeshAxes } from "./meshes.js";

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

const labelTable = {
  fmt: data<string | ((level: number) => string) | Record<number, string>>(),
  fontsize: numberOrText,
  inline: flag,
  colors: color,
};

/** Axes on which contours can be drawn. */
export class ContourAxes extends MeshAxes {
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
    const norm = normOf(read);
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
      return formatText(fmt, level);
    };
    CS.setLabels({ write, size: fontsize, color: colors, isInline: inline });
  }
}

const isOneColor = (value: readonly unknown[]): boolean => value.length > 0 && typeof value[0] === "number";

function cycled(colors: Color | readonly Color[], count: number): Rgba[] {
  const list = expectColors("contour", colors);
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
