/** Box plots and violin plots. */
import type { Artist } from "../artists/artist.js";
import { LineCollection } from "../artists/collections.js";
import { noLegend } from "../artists/containers.js";
import { Line2D, type LineOptions, lineTable } from "../artists/line.js";
import { type Patch, type PatchOptions, patchOf, patchTable } from "../artists/patches.js";
import { Reach } from "../artists/reach.js";
import { toRgba } from "../color/colors.js";
import { broadcast, type Data, extent, linspace, range, readSets, readVector, type Vector } from "../data.js";
import { Path, type Point } from "../geometry.js";
import {
  color,
  data,
  flag,
  kind,
  list,
  number,
  type Options,
  type Read,
  readCall,
  readOptions,
  text,
} from "../options.js";
import { rcParams } from "../rc/rcParams.js";
import { type BoxStats, boxplotStats } from "../statistics/boxStats.js";
import { quantile } from "../statistics/histogram.js";
import { gaussianKde } from "../statistics/kde.js";
import { HistogramAxes } from "./histograms.js";

const lineStyle = data<LineOptions>();
const boxTable = {
  notch: flag,
  sym: text,
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
  boxprops: data<LineOptions | PatchOptions>(),
  flierprops: lineStyle,
  medianprops: lineStyle,
  meanprops: lineStyle,
  capprops: lineStyle,
  whiskerprops: lineStyle,
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

/** What a box plot draws, by kind. */
export type BoxplotParts = Record<"boxes" | "medians" | "whiskers" | "caps" | "fliers" | "means", Artist[]>;

/** What a violin plot draws, by kind. */
export interface ViolinParts {
  bodies: Patch[];
  cmeans?: LineCollection;
  cmins?: LineCollection;
  cmaxes?: LineCollection;
  cbars?: LineCollection;
  cmedians?: LineCollection;
  cquantiles?: LineCollection;
}

/** One box with its place. */
interface Box {
  readonly stats: BoxStats;
  readonly at: number;
  readonly width: number;
}

const swapped = ([a, b]: Point): Point => [b, a];

/** Axes on which distributions can be drawn. */
export class StatisticsAxes extends HistogramAxes {
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
    const positions =
      read.positions === undefined ? range(stats.length).map((i) => i + 1) : readVector(read.positions, "positions");
    if (positions.length !== stats.length)
      throw new Error("List of boxplot statistics and `positions` values must have same the length");
    const [first, last] = extent(positions) ?? [0, 0];
    const widths = broadcast(
      read.widths ?? Math.max(0.15, Math.min(0.5, 0.15 * (last - first))),
      stats.length,
      "widths",
    );
    const parts: BoxplotParts = { boxes: [], medians: [], whiskers: [], caps: [], fliers: [], means: [] };
    for (const [i, one] of stats.entries())
      this.#drawBox({ stats: one, at: positions[i] as number, width: widths[i] as number }, read, parts);
    if (read.manageTicks ?? true) this.#nameBoxes(stats, positions, read.vert ?? true);
    return parts;
  }

  #drawBox({ stats, at, width }: Box, read: Read<typeof boxTable>, parts: BoxplotParts): void {
    const { notch = false, vert = true, patchArtist = false, showmeans = false, meanline = false, zorder = 2 } = read;
    const { q1, q3, med, mean, whislo, whishi, cilo, cihi, fliers } = stats;
    const line = (points: readonly Point[], style: LineOptions, own: LineOptions = {}): Line2D => {
      const turned = vert ? points : points.map(swapped);
      const look = readOptions("boxplot", lineTable, { linewidth: 1, zorder, label: noLegend, ...style, ...own });
      return this.add(
        new Line2D(
          Float64Array.from(turned, (p) => p[0]),
          Float64Array.from(turned, (p) => p[1]),
          look,
        ),
      );
    };
    const [left, right] = [at - width / 2, at + width / 2];
    const [innerLeft, innerRight] = [at - width / 4, at + width / 4];
    for (const [from, to] of [
      [q1, whislo],
      [q3, whishi],
    ] as const) {
      parts.whiskers.push(
        line(
          [
            [at, from],
            [at, to],
          ],
          { color: rcParams["boxplot.whiskerprops.color"] },
          read.whiskerprops,
        ),
      );
      if (read.showcaps ?? true)
        parts.caps.push(
          line(
            [
              [innerLeft, to],
              [innerRight, to],
            ],
            { color: rcParams["boxplot.capprops.color"] },
            read.capprops,
          ),
        );
    }
    const outline: Point[] = notch
      ? [
          [left, q1],
          [right, q1],
          [right, cilo],
          [innerRight, med],
          [right, cihi],
          [right, q3],
          [left, q3],
          [left, cihi],
          [innerLeft, med],
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
    if (read.showbox ?? true) {
      const color = rcParams["boxplot.boxprops.color"];
      parts.boxes.push(
        patchArtist
          ? this.#filledBox(vert ? outline : outline.map(swapped), zorder, read.boxprops)
          : line(outline, { color }, read.boxprops as LineOptions),
      );
    }
    const middle = notch ? [innerLeft, innerRight] : [left, right];
    parts.medians.push(
      line(
        middle.map((x): Point => [x, med]),
        { color: rcParams["boxplot.medianprops.color"], zorder: zorder + 0.1, solidCapstyle: "butt" },
        read.medianprops,
      ),
    );
    if (showmeans && meanline)
      parts.means.push(
        line(
          [
            [left, mean],
            [right, mean],
          ],
          { color: "C2", linestyle: "--" },
          read.meanprops,
        ),
      );
    else if (showmeans)
      parts.means.push(line([[at, mean]], { color: "C2", linestyle: "None", marker: "^" }, read.meanprops));
    if (read.showfliers ?? read.sym !== "") {
      const look: LineOptions = {
        linestyle: "None",
        marker: "o",
        markerfacecolor: "none",
        markeredgecolor: rcParams["boxplot.flierprops.markeredgecolor"],
      };
      parts.fliers.push(
        line(
          [...fliers].map((f): Point => [at, f]),
          look,
          read.flierprops,
        ),
      );
    }
  }

  #filledBox(outline: readonly Point[], zorder: number, style: object = {}): Patch {
    const look = {
      facecolor: "C0",
      edgecolor: rcParams["boxplot.boxprops.color"],
      linewidth: 1,
      zorder,
      label: noLegend,
    };
    return this.add(patchOf(Path.polyline(outline, true), readOptions("boxplot", patchTable, { ...look, ...style })));
  }

  /** A tick under each box, and room for half a step beside the first and the last. */
  #nameBoxes(stats: readonly BoxStats[], positions: Float64Array, vert: boolean): void {
    const names = stats.map((one, i) => one.label ?? String(positions[i]));
    const [low, high] = extent(positions) ?? [0, 1];
    const ends = [low - 0.5, high + 0.5];
    this.add(new Reach(vert ? { x: ends, stickyX: ends } : { y: ends, stickyY: ends }));
    if (vert) this.setXticks(positions, names);
    else this.setYticks(positions, names);
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
    const { vert = true, points = 100, showextrema = true, bwMethod } = read;
    const positions =
      read.positions === undefined ? range(sets.length).map((i) => i + 1) : readVector(read.positions, "positions");
    const widths = broadcast(read.widths ?? 0.5, sets.length, "widths");
    const shade = read.color ?? this.nextLineColor();
    const turn = vert ? (point: Point): Point => point : swapped;
    const ranges = sets.map((set): readonly [number, number] => extent(set) ?? [0, 0]);
    const draw = (segments: readonly Point[][]): LineCollection =>
      this.add(
        new LineCollection(
          segments.map((one) => one.map(turn)),
          { facecolors: [toRgba(shade)], linewidths: [rcParams["lines.linewidth"]], label: noLegend },
        ),
      );
    /** Short lines across the violins, each at a value of a set. */
    const across = (values: readonly (readonly [set: number, value: number])[]): LineCollection =>
      draw(
        values.map(([i, value]): Point[] => {
          const [centre, half] = [positions[i] as number, (widths[i] as number) * 0.25];
          return [
            [centre - half, value],
            [centre + half, value],
          ];
        }),
      );
    const bodies = sets.map((set, i) => {
      const outline = violin(set, ranges[i] as [number, number], points, bwMethod).map(
        ([side, value]): Point => [(positions[i] as number) + side * (widths[i] as number) * 0.5, value],
      );
      return this.add(
        patchOf(Path.polyline(outline.map(turn), true), { facecolor: shade, alpha: 0.3, label: noLegend }),
      );
    });
    const parts: ViolinParts = { bodies };
    const sorted = sets.map((set) => set.toSorted());
    if (read.showmeans) parts.cmeans = across(sets.map((set, i) => [i, set.reduce((a, b) => a + b, 0) / set.length]));
    if (showextrema) {
      parts.cmaxes = across(ranges.map((r, i) => [i, r[1]]));
      parts.cmins = across(ranges.map((r, i) => [i, r[0]]));
      parts.cbars = draw(
        ranges.map(([low, high], i): Point[] => [
          [positions[i] as number, low],
          [positions[i] as number, high],
        ]),
      );
    }
    if (read.showmedians) parts.cmedians = across(sorted.map((set, i) => [i, quantile(set, 0.5)]));
    if (read.quantiles) {
      const shares =
        typeof read.quantiles[0] === "number"
          ? sets.map(() => read.quantiles as readonly number[])
          : (read.quantiles as readonly (readonly number[])[]);
      parts.cquantiles = across(
        sorted.flatMap((set, i) => (shares[i] ?? []).map((share) => [i, quantile(set, share)] as const)),
      );
    }
    return parts;
  }
}

/** The outline of a density with its mirror image, from -1 to 1 across. */
function violin(
  set: Float64Array,
  [low, high]: readonly [number, number],
  points: number,
  method: number | "scott" | "silverman" | undefined,
): Point[] {
  const places = linspace(low, high, points);
  const density = low === high ? places.map(() => 1) : gaussianKde(set, places, method);
  const most = Math.max(...density);
  const side = Array.from(places, (place, k): Point => [(density[k] as number) / most, place]);
  return [...side.map(([d, place]): Point => [-d, place]), ...side.toReversed()];
}
