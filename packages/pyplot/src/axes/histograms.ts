/** Histograms. */
import type { BarContainer } from "../artists/containers.js";
import { type Patch, type PatchOptions, patchOf, patchTable } from "../artists/patches.js";
import type { Color } from "../color/colors.js";
import { broadcast, type Data, range, readSets, readVector, type Vector } from "../data.js";
import { Path, type Point } from "../geometry.js";
import { data, flag, kind, number, type Options, readCall, words } from "../options.js";
import { rcParams } from "../rc/rcParams.js";
import { type Bins, histogram, histogramBinEdges } from "../statistics/histogram.js";
import { PieAxes } from "./pies.js";

const bins = data<Bins>();
const histTable = {
  ...patchTable,
  bins,
  range: kind<readonly [number, number]>("(float, float)", (v) => Array.isArray(v) && v.length === 2),
  density: flag,
  weights: data<Data>(),
  cumulative: kind<boolean | number>("bool or -1", (v) => typeof v === "boolean" || v === -1 || v === 1),
  bottom: data<Vector | number>(),
  histtype: words("bar", "barstacked", "step", "stepfilled"),
  align: words("left", "mid", "right"),
  orientation: words("vertical", "horizontal"),
  rwidth: number,
  log: flag,
  color: data<Color | readonly Color[]>(),
  label: data<string | readonly string[]>(),
  stacked: flag,
};
export type HistOptions = Options<typeof histTable>;

/** What `hist` returns: the heights, the edges of the bins and what was drawn; also as `[n, bins, patches]`. */
export interface HistResult {
  readonly n: Float64Array | Float64Array[];
  readonly bins: Float64Array;
  readonly patches: BarContainer | Patch[] | (BarContainer | Patch[])[];
  [Symbol.iterator](): Iterator<unknown>;
}

/** Axes on which histograms can be drawn. */
export class HistogramAxes extends PieAxes {
  /**
   * How many values fall into each bin. Several sets stand side by side, or on top of one another (`stacked`).
   *
   * @example const [n, bins] = ax.hist(values, 30, { density: true, alpha: 0.7 });
   * @throws Error for edges that do not rise.
   * @see https://matplotlib.org/stable/api/_as_gen/matplotlib.pyplot.hist.html
   */
  hist(
    x: Data,
    ...rest:
      | [bins?: Bins | null, range?: readonly [number, number] | null, options?: HistOptions]
      | [bins?: Bins | null, options?: HistOptions]
      | [options?: HistOptions]
  ): HistResult {
    const [read, at] = readCall("hist", [x, ...rest], ["x", "bins", "range"], 1, histTable);
    const sets = readSets(at.x, "x").map((set) => set.filter((v) => !Number.isNaN(v)));
    const weights = read.weights === undefined ? undefined : readSets(read.weights, "weights");
    if (weights?.some((w, i) => w.length !== sets[i]?.length))
      throw new Error("weights should have the same shape as x");
    const { histtype = "bar", cumulative = false, orientation = "vertical", density = false, log = false } = read;
    const isStacked = read.stacked === true || histtype === "barstacked";
    const edges = histogramBinEdges(
      flat(sets),
      read.bins ?? rcParams["hist.bins"],
      read.range,
      weights && flat(weights),
    );
    let heights = sets.map((set, i) => histogram(set, edges, density && !isStacked, weights?.[i]));
    if (isStacked) heights = stack(heights);
    if (isStacked && density) heights = asDensity(heights, edges);
    if (cumulative) heights = heights.map((h) => cumulate(h, edges, density, cumulative === -1));
    const colors =
      colorList(read.color, sets.length) ??
      sets.map(() => (sets.length === 1 ? this.nextPatchColor() : this.nextLineColor()));
    if (colors.length !== sets.length)
      throw new Error(
        `The 'color' keyword argument must have one color per dataset, but ${sets.length} datasets and ${colors.length} colors were provided`,
      );
    const labels = typeof read.label === "string" ? [read.label] : (read.label ?? []);
    if (log) orientation === "vertical" ? this.setYscale("log") : this.setXscale("log");
    const drawing: HistDrawing = {
      edges,
      heights,
      isUpright: orientation === "vertical",
      isStacked,
      histtype,
      align: read.align ?? "mid",
      rwidth: read.rwidth,
      bottom: read.bottom,
      isLog: log,
    };
    const {
      bins: _b,
      range: _r,
      density: _d,
      weights: _w,
      cumulative: _c,
      bottom: _o,
      histtype: _h,
      align: _a,
      orientation: _v,
      rwidth: _rw,
      log: _l,
      color: _co,
      label: _la,
      stacked: _s,
      ...style
    } = read;
    const draw = histtype.startsWith("step") ? this.#outlines.bind(this) : this.#histBars.bind(this);
    const patches = draw(drawing, colors, labels, style as PatchOptions);
    const isOne = sets.length === 1;
    const result = {
      n: isOne ? (heights[0] as Float64Array) : heights,
      bins: edges,
      patches: isOne ? (patches[0] as BarContainer | Patch[]) : patches,
    };
    return {
      ...result,
      *[Symbol.iterator]() {
        yield* [result.n, result.bins, result.patches];
      },
    };
  }

  #histBars(
    { edges, heights, isUpright, isStacked, align, rwidth, bottom }: HistDrawing,
    colors: readonly Color[],
    labels: readonly string[],
    style: PatchOptions,
  ): BarContainer[] {
    const widths = edges.slice(1).map((edge, i) => edge - (edges[i] as number));
    const count = widths.length;
    const sets = heights.length;
    const share = rwidth === undefined ? (sets > 1 && !isStacked ? 0.8 : 1) : Math.max(0, Math.min(1, rwidth));
    const base = broadcast(bottom ?? 0, count, "bottom");
    return heights.map((height, k) => {
      const below = isStacked ? (heights[k - 1] ?? new Float64Array(count)) : new Float64Array(count);
      const parts = isStacked ? 1 : sets;
      const thick = widths.map((w) => (w * share) / parts);
      const shift = { left: -0.5, mid: 0, right: 0.5 }[align];
      const at = Float64Array.from(widths, (w, i) => {
        const middle = (edges[i] as number) + w / 2 + shift * w;
        return isStacked ? middle : middle + ((k - (sets - 1) / 2) * w * share) / parts;
      });
      const lengths = height.map((h, i) => h - (below[i] as number));
      const start = base.map((b, i) => b + (below[i] as number));
      const options = { ...style, color: colors[k] as Color, align: "center" as const };
      const bars = isUpright
        ? this.bar(at, lengths, thick, start, options)
        : this.barh(at, lengths, thick, start, options);
      if (labels[k] !== undefined) bars.patches[0]?.setLabel(labels[k]);
      return bars;
    });
  }

  #outlines(
    { edges, heights, isUpright, isStacked, histtype, align, bottom, isLog }: HistDrawing,
    colors: readonly Color[],
    labels: readonly string[],
    style: PatchOptions,
  ): Patch[][] {
    const first = (edges[1] as number) - (edges[0] as number);
    const shift = { left: -0.5, mid: 0, right: 0.5 }[align] * first;
    const floor = typeof bottom === "number" ? bottom : 0;
    const isFilled = histtype === "stepfilled";
    const at = (a: number, b: number): Point => (isUpright ? [a + shift, b] : [b, a + shift]);
    const patches = heights.map((height, k) => {
      const below = isStacked && isFilled ? heights[k - 1] : undefined;
      const top = [...height].flatMap((h, i): Point[] => [
        at(edges[i] as number, h + floor),
        at(edges[i + 1] as number, h + floor),
      ]);
      const foot = [...height].flatMap((_, i): Point[] => {
        const level = (below?.[i] ?? 0) + floor;
        return [at(edges[i] as number, level), at(edges[i + 1] as number, level)];
      });
      const points = isFilled ? [...top, ...foot.toReversed()] : [foot[0] as Point, ...top, foot.at(-1) as Point];
      const color = colors[k] as Color;
      const look = isFilled ? { facecolor: color } : { fill: false, edgecolor: color };
      const patch = patchOf(
        Path.polyline(points, isFilled),
        { ...look, ...(style as object), label: labels[k] ?? "" },
        isUpright ? { stickyY: [floor] } : { stickyX: [floor] },
      );
      if (isLog) patch.clipOn = true;
      return patch;
    });
    for (const patch of patches.toReversed()) this.add(patch);
    return patches.map((patch) => [patch]);
  }

  /** Outlines of values between edges, as `histogram` gives them. */
  stairs(
    values: Vector,
    ...rest:
      | [edges?: Vector, options?: PatchOptions & { baseline?: number; orientation?: "vertical" | "horizontal" }]
      | [options?: PatchOptions & { baseline?: number; orientation?: "vertical" | "horizontal" }]
  ): Patch {
    const table = { ...patchTable, baseline: number, orientation: words("vertical", "horizontal"), fill: flag };
    const [{ baseline = 0, orientation = "vertical", fill = false, ...style }, at] = readCall(
      "stairs",
      [values, ...rest],
      ["values", "edges"],
      1,
      table,
    );
    const heights = readVector(values, "values");
    const edges = at.edges === undefined ? range(heights.length + 1) : readVector(at.edges, "edges");
    if (edges.length !== heights.length + 1)
      throw new Error(
        `Size mismatch between "values" and "edges". Expected \`len(values) + 1 == len(edges)\`, but \`len(values) = ${heights.length}\` and \`len(edges) = ${edges.length}\`.`,
      );
    const shade = style.color ?? this.nextLineColor();
    const look = fill ? { facecolor: shade } : { fill: false, edgecolor: shade };
    const drawing = {
      edges,
      heights: [heights],
      isUpright: orientation === "vertical",
      isStacked: false,
      histtype: fill ? "stepfilled" : "step",
      align: "mid",
      rwidth: undefined,
      bottom: baseline,
      isLog: false,
    } as const;
    const { color: _c, ...others } = style;
    return (this.#outlines(drawing, [shade], [style.label ?? ""], { ...look, ...others })[0] as Patch[])[0] as Patch;
  }
}

interface HistDrawing {
  readonly edges: Float64Array;
  readonly heights: readonly Float64Array[];
  readonly isUpright: boolean;
  readonly isStacked: boolean;
  readonly histtype: string;
  readonly align: "left" | "mid" | "right";
  readonly rwidth: number | undefined;
  readonly bottom: Vector | number | undefined;
  readonly isLog: boolean;
}

/** All values of several sets. */
function flat(sets: readonly Float64Array[]): Float64Array {
  if (sets.length === 1) return sets[0] as Float64Array;
  const all = new Float64Array(sets.reduce((size, set) => size + set.length, 0));
  let at = 0;
  for (const set of sets) {
    all.set(set, at);
    at += set.length;
  }
  return all;
}

function colorList(value: Color | readonly Color[] | undefined, count: number): readonly Color[] | undefined {
  if (value === undefined) return undefined;
  const isOne = typeof value === "string" || (value.length > 0 && typeof value[0] === "number");
  return isOne ? new Array<Color>(count).fill(value as Color) : (value as readonly Color[]);
}

function stack(heights: readonly Float64Array[]): Float64Array[] {
  let below: Float64Array | undefined;
  return heights.map(
    (height) => (below = below ? height.map((h, i) => h + ((below as Float64Array)[i] as number)) : height),
  );
}

function asDensity(heights: readonly Float64Array[], edges: Float64Array): Float64Array[] {
  const top = heights.at(-1) as Float64Array;
  const area = top.reduce((a, b) => a + b, 0);
  return heights.map((height) => height.map((h, i) => h / area / ((edges[i + 1] as number) - (edges[i] as number))));
}

function cumulate(heights: Float64Array, edges: Float64Array, isDensity: boolean, isReversed: boolean): Float64Array {
  const sum = new Float64Array(heights.length);
  let total = 0;
  for (let k = 0; k < heights.length; k++) {
    const i = isReversed ? heights.length - 1 - k : k;
    total += (heights[i] as number) * (isDensity ? (edges[i + 1] as number) - (edges[i] as number) : 1);
    sum[i] = total;
  }
  return sum;
}
