/** Filled areas. */
import { type CollectionStyle, PolyCollection } from "../artists/collections.js";
import { steps } from "../artists/line.js";
import { type Patch, patchOf, patchTable } from "../artists/patches.js";
import { type Color, toRgba } from "../color/colors.js";
import { broadcast, checkSameLength, type Matrix, type Positions, readVector, type Vector } from "../data.js";
import { Path, type Point } from "../geometry.js";
import {
  as,
  color,
  data,
  flag,
  isOptions,
  list,
  number,
  type Options,
  pick,
  readCall,
  readOptions,
  text,
  words,
} from "../options.js";
import { rcParams } from "../rc/rcParams.js";
import { BarAxes } from "./bars.js";

const fillTable = {
  where: data<readonly boolean[] | Vector>(),
  interpolate: flag,
  step: words("pre", "post", "mid"),
  color,
  facecolor: color,
  fc: as("facecolor", color),
  edgecolor: color,
  ec: as("edgecolor", color),
  linewidth: number,
  lw: as("linewidth", number),
  linestyle: text,
  ls: as("linestyle", text),
  alpha: number,
  label: text,
  zorder: number,
  hatch: text,
};

export type FillOptions = Options<typeof fillTable>;

const stackTable = {
  labels: list<string>("list of str"),
  colors: list<Color>("list of colors"),
  alpha: number,
  baseline: words("zero", "sym"),
  linewidth: number,
  edgecolor: color,
  zorder: number,
};

/** Axes on which areas can be filled. */
export class AreaAxes extends BarAxes {
  #area(functionName: string, args: readonly unknown[], isLevel: boolean): PolyCollection {
    const places = isLevel ? ["x", "y1", "y2", "where"] : ["y", "x1", "x2", "where"];
    const [read, given] = readCall(functionName, args, places, 2, fillTable);
    const along = isLevel ? this.readX(given[places[0] as string]) : this.readY(given[places[0] as string]);
    const first = broadcast(given[places[1] as string], along.length, places[1] as string);
    const second = broadcast(given[places[2] as string] ?? 0, along.length, places[2] as string);
    const isIn = read.where === undefined ? undefined : Array.from(read.where as ArrayLike<unknown>, Boolean);
    if (isIn && isIn.length !== along.length)
      throw new Error(`where size (${isIn.length}) does not match ${places[0]} size (${along.length})`);
    const paths: Path[] = [];
    for (const [from, to] of runs(along, first, second, isIn)) {
      const upper: Point[] = [];
      const lower: Point[] = [];
      for (let i = from; i < to; i++) {
        upper.push([along[i] as number, first[i] as number]);
        lower.push([along[i] as number, second[i] as number]);
      }
      const walk = (points: Point[]) => steps(points, read.step ? `steps-${read.step}` : "default");
      const outline = [...walk(upper), ...walk(lower).toReversed()];
      paths.push(Path.polyline(isLevel ? outline : outline.map(([a, b]): Point => [b, a]), true));
    }
    const shade = read.facecolor ?? read.color ?? this.nextPatchColor();
    const edge = read.edgecolor ?? read.color;
    const style: CollectionStyle = {
      ...pick(read, "alpha", "label", "zorder"),
      facecolors: [toRgba(shade)],
      edgecolors: edge === undefined ? [] : [toRgba(edge)],
      linewidths: [read.linewidth ?? rcParams["patch.linewidth"]],
      hatch: read.hatch,
      linestyle: read.linestyle,
    };
    return this.add(new PolyCollection(paths, style));
  }

  /**
   * Fills the area between two curves.
   *
   * @example ax.fillBetween(x, low, high, { alpha: 0.2, color: "C1" })
   */
  fillBetween(
    x: Positions,
    y1: Vector | number,
    ...rest:
      | [y2?: Vector | number, where?: readonly boolean[] | Vector | null, options?: FillOptions]
      | [y2?: Vector | number, options?: FillOptions]
      | [options?: FillOptions]
  ): PolyCollection {
    return this.#area("fillBetween", [x, y1, ...rest], true);
  }

  /** Fills the area between two curves over y. */
  fillBetweenx(
    y: Positions,
    x1: Vector | number,
    ...rest:
      | [x2?: Vector | number, where?: readonly boolean[] | Vector | null, options?: FillOptions]
      | [x2?: Vector | number, options?: FillOptions]
      | [options?: FillOptions]
  ): PolyCollection {
    return this.#area("fillBetweenx", [y, x1, ...rest], false);
  }

  /** Filled polygons through points. */
  fill(
    x: Vector,
    y: Vector,
    ...rest: [color?: string, options?: Options<typeof patchTable>] | [options?: Options<typeof patchTable>]
  ): Patch[] {
    const format = typeof rest[0] === "string" ? rest[0] : undefined;
    const options = rest.find((one) => isOptions(one));
    const [read, at] = readCall("fill", [x, y, ...(options ? [options] : [])], ["x", "y"], 2, patchTable);
    const [xs, ys] = [this.readX(at.x), this.readY(at.y)];
    checkSameLength(xs, ys);
    const path = Path.polyline(
      Array.from(xs, (px, i): Point => [px, ys[i] as number]),
      true,
    );
    return [this.add(patchOf(path, { facecolor: format ?? this.nextPatchColor(), ...read }))];
  }

  /** Areas on top of one another, one for each row of y. */
  stackplot(x: Positions, ...rest: (Matrix | Vector | Options<typeof stackTable>)[]): PolyCollection[] {
    const options = isOptions(rest.at(-1)) ? rest.pop() : undefined;
    const { labels = [], colors, baseline = "zero", ...style } = readOptions("stackplot", stackTable, options);
    const rows = rest.length === 1 ? rowsOf(rest[0]) : rest.map((row) => readVector(row, "y"));
    const xs = this.readX(x);
    const totals = new Float64Array(xs.length);
    for (const row of rows) {
      checkSameLength(xs, row);
      row.forEach((v, i) => (totals[i] = (totals[i] as number) + v));
    }
    let floor: Float64Array = baseline === "sym" ? totals.map((t) => -t / 2) : new Float64Array(xs.length);
    return rows.map((row, k) => {
      const top = floor.map((f, i) => f + (row[i] as number));
      const area = this.fillBetween(xs, floor, top, {
        facecolor: colors ? (colors[k % colors.length] as Color) : this.nextLineColor(),
        ...(labels[k] !== undefined && { label: labels[k] }),
        ...style,
      });
      if (k === 0 && baseline === "zero") Object.assign(area.sticky, { stickyY: [0] });
      floor = top;
      return area;
    });
  }
}

/** The stretches, as [from, to), in which all numbers are finite and the condition holds. */
function* runs(
  along: Float64Array,
  first: Float64Array,
  second: Float64Array,
  isIn?: readonly boolean[],
): Generator<[number, number]> {
  let from: number | undefined;
  for (let i = 0; i <= along.length; i++) {
    const isGood =
      i < along.length &&
      (isIn?.[i] ?? true) &&
      Number.isFinite(along[i]) &&
      Number.isFinite(first[i]) &&
      Number.isFinite(second[i]);
    if (isGood) from ??= i;
    else if (from !== undefined) {
      if (i - from > 0) yield [from, i];
      from = undefined;
    }
  }
}

function rowsOf(value: unknown): Float64Array[] {
  const rows = Array.isArray(value) && typeof value[0] !== "number" ? value : undefined;
  if (rows) return rows.map((row) => readVector(row, "y"));
  return value !== null &&
    typeof value === "object" &&
    Symbol.iterator in value &&
    (value as { ndim?: number }).ndim === 2
    ? [...(value as Iterable<unknown>)].map((row) => readVector(row, "y"))
    : [readVector(value, "y")];
}
