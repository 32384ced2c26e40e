/** Histograms, box plots and violin plots. */
import type { Artist } from "../artists/artist.js";
import { LineCollection, type PolyCollection } from "../artists/collections.js";
import { Line2D } from "../artists/line.js";
import { type Patch, type PatchOptions, patchOf, patchTable } from "../artists/patches.js";
import { type Color, toRgba } from "../color/colors.js";
import { broadcast, type Data, extent, linspace, range, readSets, readVector, type Vector } from "../data.js";
import { Path, type Point } from "../geometry.js";
import { color, data, flag, kind, list, number, type Options, readCall, readOptions, words } from "../options.js";
import { rcParams } from "../rc/rcParams.js";
import { type BoxStats, boxplotStats } from "../statistics/boxStats.js";
import { type Bins, histogram, histogramBinEdges } from "../statistics/histogram.js";
import { gaussianKde } from "../statistics/kde.js";
import { BarAxes, type BarContainer } from "./bars.js";

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

const boxTable = {
  notch: flag,
  sym: kind<string>("str", (v) => typeof v === "string"),
  vert: flag,
  whis: kind<number | readonly [number, number]>(
    "float or (float, float)",
    (v) => typeof v === "number" || Array.isArray(v),
  ),
  positions: data<Vector>(),
  widths: data<Vector | number>(),
  patchArtist: flag,
  labels: list<string>("list of str"),
  tickLabels: list<string>("list of str"),
  showmeans: flag,
  meanline: flag,
  showcaps: flag,
  showbox: flag,
  showfliers: flag,
  manageTicks: flag,
  zorder: number,
  boxprops: data<Record<string, unknown>>(),
  flierprops: data<Record<string, unknown>>(),
  medianprops: data<Record<string, unknown>>(),
  meanprops: data<Record<string, unknown>>(),
  capprops: data<Record<string, unknown>>(),
  whiskerprops: data<Record<string, unknown>>(),
};
export type BoxplotOptions = Options<typeof boxTable>;

const violinTable = {
  positions: data<Vector>(),
  vert: flag,
  widths: data<Vector | number>(),
  showmeans: flag,
  showextrema: flag,
  showmedians: flag,
  quantiles: data<readonly number[] | readonly (readonly number[])[]>(),
  points: number,
  bwMethod: kind<number | "scott" | "silverman">(
    "float, 'scott' or 'silverman'",
    (v) => typeof v === "number" || v === "scott" || v === "silverman",
  ),
  color,
};
export type ViolinOptions = Options<typeof violinTable>;

/** What `hist` returns: the heights, the edges of the bins and what was drawn; also as `[n, bins, patches]`. */
export interface HistResult {
  readonly n: Float64Array | Float64Array[];
  readonly bins: Float64Array;
  readonly patches: BarContainer | Patch[] | (BarContainer | Patch[])[];
  [Symbol.iterator](): Iterator<unknown>;
}

/** What a box plot draws, by kind. */
export type BoxplotParts = Record<"boxes" | "medians" | "whiskers" | "caps" | "fliers" | "means", Artist[]>;
/** What a violin plot draws, by kind. */
export interface ViolinParts {
  bodies: PolyCollection[];
  cmeans?: LineCollection;
  cmins?: LineCollection;
  cmaxes?: LineCollection;
  cbars?: LineCollection;
  cmedians?: LineCollection;
  cquantiles?: LineCollection;
}

/** Axes on which distributions can be drawn. */
export class StatisticsAxes extends BarAxes {
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
      const options = { ...style, color: colors[k] as Color, label: labels[k] ?? "", align: "center" as const };
      return isUpright ? this.bar(at, lengths, thick, start, options) : this.barh(at, lengths, thick, start, options);
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

  /**
   * For each set a box from the first to the third quartile with the median, whiskers, and the values beyond them.
   *
   * @example ax.boxplot([a, b, c], { labels: ["a", "b", "c"], showmeans: true })
   * @see https://matplotlib.org/stable/api/_as_gen/matplotlib.pyplot.boxplot.html
   */
  boxplot(x: Data, options: BoxplotOptions = {}): BoxplotParts {
    const { whis = 1.5, labels, tickLabels, ...rest } = readOptions("boxplot", boxTable, options);
    return this.bxp(boxplotStats(readSets(x, "x"), whis, tickLabels ?? labels), rest);
  }

  /** A box plot from statistics, as `cbook.boxplotStats` gives them. */
  bxp(stats: readonly BoxStats[], options: BoxplotOptions = {}): BoxplotParts {
    const read = readOptions("bxp", boxTable, options);
    const {
      notch = false,
      sym,
      vert = true,
      patchArtist = false,
      showmeans = false,
      meanline = false,
      showcaps = true,
      showbox = true,
      showfliers = sym !== "",
      manageTicks = true,
      zorder = 2,
    } = read;
    const count = stats.length;
    const positions =
      read.positions === undefined ? range(count).map((i) => i + 1) : readVector(read.positions, "positions");
    if (positions.length !== count)
      throw new Error(`List of boxplot statistics and \`positions\` values must have same the length`);
    const spread = extent(positions) ?? [0, 0];
    const widths = broadcast(
      read.widths ?? Math.max(0.15, Math.min(0.5, 0.15 * (spread[1] - spread[0]))),
      count,
      "widths",
    );
    const parts: BoxplotParts = { boxes: [], medians: [], whiskers: [], caps: [], fliers: [], means: [] };
    const line = (points: readonly Point[], style: Record<string, unknown>): Line2D => {
      const turned = points.map(([a, b]): Point => (vert ? [a, b] : [b, a]));
      return this.add(
        new Line2D(
          Float64Array.from(turned, (p) => p[0]),
          Float64Array.from(turned, (p) => p[1]),
          { color: "k", linewidth: 1, zorder, ...readOptions("boxplot", lineStyle, style) },
        ),
      );
    };
    for (const [i, one] of stats.entries()) {
      const [at, w] = [positions[i] as number, widths[i] as number];
      const [left, right] = [at - w / 2, at + w / 2];
      const cap = [at - w / 4, at + w / 4] as const;
      const { q1, q3, med, mean, whislo, whishi, cilo, cihi } = one;
      parts.whiskers.push(
        line(
          [
            [at, q1],
            [at, whislo],
          ],
          read.whiskerprops ?? {},
        ),
        line(
          [
            [at, q3],
            [at, whishi],
          ],
          read.whiskerprops ?? {},
        ),
      );
      if (showcaps)
        parts.caps.push(
          line(
            cap.map((c): Point => [c, whislo]),
            read.capprops ?? {},
          ),
          line(
            cap.map((c): Point => [c, whishi]),
            read.capprops ?? {},
          ),
        );
      const inner = [at - w / 4, at + w / 4] as const;
      const outline: Point[] = notch
        ? [
            [left, q1],
            [right, q1],
            [right, cilo],
            [inner[1], med],
            [right, cihi],
            [right, q3],
            [left, q3],
            [left, cihi],
            [inner[0], med],
            [left, cilo],
            [left, q1],
          ]
        : [
            [left, q1],
            [right, q1],
            [right, q3],
            [left, q3],
            [left, q1],
          ];
      if (showbox)
        parts.boxes.push(
          patchArtist ? this.#box(outline, vert, zorder, read.boxprops) : line(outline, read.boxprops ?? {}),
        );
      const [m0, m1] = notch ? inner : [left, right];
      parts.medians.push(
        line(
          [
            [m0, med],
            [m1, med],
          ],
          { color: "C1", zorder: zorder + 0.1, solidCapstyle: "butt", ...read.medianprops },
        ),
      );
      if (showmeans && meanline)
        parts.means.push(
          line(
            [
              [left, mean],
              [right, mean],
            ],
            { color: "C2", linestyle: "--", ...read.meanprops },
          ),
        );
      else if (showmeans)
        parts.means.push(
          line([[at, mean]], {
            color: "C2",
            linestyle: "None",
            marker: "^",
            markerfacecolor: "C2",
            markeredgecolor: "C2",
            ...read.meanprops,
          }),
        );
      if (showfliers && one.fliers.length >= 0)
        parts.fliers.push(
          line(
            [...one.fliers].map((f): Point => [at, f]),
            { linestyle: "None", marker: "o", markerfacecolor: "none", markeredgecolor: "k", ...read.flierprops },
          ),
        );
    }
    if (manageTicks) this.#nameBoxes(stats, positions, vert);
    return parts;
  }

  #box(outline: readonly Point[], vert: boolean, zorder: number, style: Record<string, unknown> = {}): Patch {
    const path = Path.polyline(
      outline.map(([a, b]): Point => (vert ? [a, b] : [b, a])),
      true,
    );
    return this.add(
      patchOf(path, {
        facecolor: "C0",
        edgecolor: "k",
        linewidth: 1,
        zorder,
        ...readOptions("boxplot", patchTable, style),
      }),
    );
  }

  #nameBoxes(stats: readonly BoxStats[], positions: Float64Array, vert: boolean): void {
    const names = stats.map((one, i) => one.label ?? String(positions[i]));
    if (vert) this.setXticks(positions, names);
    else this.setYticks(positions, names);
    const [low, high] = extent(positions) ?? [0, 1];
    const edges = new Line2D(Float64Array.of(low - 0.5, high + 0.5), Float64Array.of(Number.NaN, Number.NaN), {
      linestyle: "None",
    });
    if (!vert) [edges.xs, edges.ys] = [edges.ys, edges.xs];
    const sticky = [low - 0.5, high + 0.5];
    const reach = this.add(edges);
    const bounds = reach.bounds.bind(reach);
    reach.bounds = () => ({ ...bounds(), ...(vert ? { stickyX: sticky } : { stickyY: sticky }) });
  }

  /**
   * For each set the shape of its density, mirrored, with its extremes.
   *
   * @example ax.violinplot([a, b], { showmedians: true })
   */
  violinplot(
    dataset: Data,
    ...rest: [positions?: Vector | null, options?: ViolinOptions] | [options?: ViolinOptions]
  ): ViolinParts {
    const [read, at] = readCall("violinplot", [dataset, ...rest], ["dataset", "positions"], 1, violinTable);
    const sets = readSets(at.dataset, "dataset");
    const { vert = true, points = 100, showextrema = true, showmeans = false, showmedians = false, bwMethod } = read;
    const positions =
      read.positions === undefined ? range(sets.length).map((i) => i + 1) : readVector(read.positions, "positions");
    const widths = broadcast(read.widths ?? 0.5, sets.length, "widths");
    const shade = read.color ?? this.nextLineColor();
    const turn = (a: number, b: number): Point => (vert ? [a, b] : [b, a]);
    const ranges = sets.map((set): readonly [number, number] => extent(set) ?? [0, 0]);
    const bodies = sets.map((set, i) => {
      const [low, high] = ranges[i] as [number, number];
      const places = linspace(low, high, points);
      const density = low === high ? places.map(() => 1) : gaussianKde(set, places, bwMethod);
      const scale = (0.5 * (widths[i] as number)) / Math.max(...density);
      const centre = positions[i] as number;
      const half = Array.from(places, (p, k) => [(density[k] as number) * scale, p] as const);
      const outline = [
        ...half.map(([d, p]) => turn(centre - d, p)),
        ...half.toReversed().map(([d, p]) => turn(centre + d, p)),
      ];
      const body = this.fill(
        outline.map((p) => p[0]),
        outline.map((p) => p[1]),
        { facecolor: shade, alpha: 0.3, edgecolor: shade },
      );
      return body[0] as unknown as PolyCollection;
    });
    const across = (
      values: readonly number[],
      of: readonly number[] = positions as unknown as number[],
    ): LineCollection =>
      this.add(
        new LineCollection(
          values.map((v, i): Point[] => {
            const w = (widths[i % widths.length] as number) * 0.25;
            const centre = of[i] as number;
            return [turn(centre - w, v), turn(centre + w, v)];
          }),
          { facecolors: [toRgba(shade)], linewidths: [rcParams["lines.linewidth"]] },
        ),
      );
    const parts: ViolinParts = { bodies };
    if (showmeans) parts.cmeans = across(sets.map((set) => set.reduce((a, b) => a + b, 0) / set.length));
    if (showextrema) {
      parts.cmaxes = across(ranges.map((r) => r[1]));
      parts.cmins = across(ranges.map((r) => r[0]));
      parts.cbars = this.add(
        new LineCollection(
          ranges.map(([low, high], i) => [turn(positions[i] as number, low), turn(positions[i] as number, high)]),
          { facecolors: [toRgba(shade)], linewidths: [rcParams["lines.linewidth"]] },
        ),
      );
    }
    if (showmedians) parts.cmedians = across(sets.map((set) => (boxplotStats([set], 1.5)[0] as BoxStats).med));
    return parts;
  }
}

const lineStyle = {
  color,
  c: color,
  linewidth: number,
  linestyle: kind<string>("str", (v) => typeof v === "string"),
  marker: kind<string>("str", (v) => typeof v === "string"),
  markersize: number,
  markerfacecolor: color,
  markeredgecolor: color,
  markeredgewidth: number,
  alpha: number,
  zorder: number,
  solidCapstyle: words("butt", "round", "projecting"),
};

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

const flat = (sets: readonly Float64Array[]): Float64Array => Float64Array.from(sets.flatMap((set) => [...set]));

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
