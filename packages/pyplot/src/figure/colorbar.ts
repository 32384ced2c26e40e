/** The scale of colours beside axes. */
import { LineCollection, PolyCollection } from "../artists/collections.js";
import type { Text } from "../artists/text.js";
import type { Axes } from "../axes/axes.js";
import { FixedFormatter, type Formatter, FuncFormatter, formatNumber, formatPercent } from "../axis/formatters.js";
import { FixedLocator } from "../axis/locators.js";
import { makeScale } from "../axis/scales.js";
import { BoundaryNorm, type Mappable, withAlpha } from "../color/norms.js";
import { linspace, readVector, type Vector } from "../data.js";
import { Path, type Point } from "../geometry.js";
import { data, flag, kind, number, type Options, readOptions, text, words } from "../options.js";
import type { Figure } from "./figure.js";
import { GridSpec, type SubplotSpec } from "./gridspec.js";

const colorbarTable = {
  cax: data<Axes>(),
  ax: data<Axes | readonly Axes[]>(),
  orientation: words("vertical", "horizontal"),
  location: words("left", "right", "top", "bottom"),
  label: text,
  ticks: data<Vector>(),
  format: kind<string | ((value: number) => string)>(
    "str or function",
    (v) => typeof v === "string" || typeof v === "function",
  ),
  shrink: number,
  fraction: number,
  aspect: number,
  pad: number,
  drawedges: flag,
  extend: words("neither", "both", "min", "max"),
  alpha: number,
};
export type ColorbarOptions = Omit<Options<typeof colorbarTable>, "ax" | "cax">;

type Location = "left" | "right" | "top" | "bottom";

/** A scale of colours in axes of its own. */
export class Colorbar {
  readonly ax: Axes;
  readonly #isUpright: boolean;
  readonly #location: Location;

  constructor(
    figure: Figure,
    readonly mappable: Mappable,
    options: ColorbarOptions & { cax?: Axes; ax?: Axes | readonly Axes[] },
    owner: Axes,
  ) {
    const read = readOptions("colorbar", colorbarTable, options);
    this.#location = read.location ?? (read.orientation === "horizontal" ? "bottom" : "right");
    this.#isUpright = this.#location === "left" || this.#location === "right";
    const parents = read.ax === undefined ? [owner] : [read.ax].flat();
    this.ax = (read.cax as Axes | undefined) ?? this.#makeAxes(figure, parents as Axes[], read);
    this.#fill(read.drawedges ?? false, read.alpha);
    this.#setTicks(read);
    if (read.label !== undefined) this.setLabel(read.label);
  }

  /** Takes room from the parents. */
  #makeAxes(
    figure: Figure,
    parents: Axes[],
    { fraction = 0.15, shrink = 1, aspect = 20, pad = this.#isUpright ? 0.05 : 0.15 }: ColorbarOptions,
  ): Axes {
    const isFirst = this.#location === "left" || this.#location === "top";
    const ratios = [1 - (fraction ?? 0.15) - (pad ?? 0.05), fraction ?? 0.15];
    const gap = (2 * (pad ?? 0.05)) / (1 - (pad ?? 0.05));
    const grid = this.#isUpright
      ? { wspace: gap, widthRatios: isFirst ? ratios.toReversed() : ratios }
      : { hspace: gap, heightRatios: isFirst ? ratios.toReversed() : ratios };
    const outer = commonSpec(parents);
    const split = outer.subgridspec(this.#isUpright ? 1 : 2, this.#isUpright ? 2 : 1, grid);
    const [main, beside] = isFirst ? [split.cell(1), split.cell(0)] : [split.cell(0), split.cell(1)];
    for (const parent of parents) {
      parent.subplotSpec = parents.length === 1 ? main : nested(parent.subplotSpec as SubplotSpec, outer, main);
      parent.setAnchor(
        ({ right: "E", left: "W", top: "N", bottom: "S" } as const)[this.#location] === "E"
          ? [1, 0.5]
          : anchors[this.#location],
      );
    }
    const s = shrink ?? 1;
    const sides = [(1 - s) / 2, s, (1 - s) / 2].map((part) => Math.max(part, 1e-9));
    const cell = this.#isUpright
      ? beside.subgridspec(3, 1, { hspace: 0, heightRatios: sides }).cell(1)
      : beside.subgridspec(1, 3, { wspace: 0, widthRatios: sides }).cell(1);
    const axes = figure.addSubplot(cell, { label: "<colorbar>" });
    axes.setAnchor(ownAnchors[this.#location]);
    axes.setBoxAspect(this.#isUpright ? (aspect ?? 20) : 1 / (aspect ?? 20));
    return axes;
  }

  #fill(hasEdges: boolean, alpha = this.mappable.alpha): void {
    const { ax, mappable } = this;
    const { norm, cmap, levels, bandColors, isFilled } = mappable;
    const bounds = norm instanceof BoundaryNorm ? norm.boundaries : undefined;
    const bands = isFilled ? levels : bounds;
    const edges = bands ? [...bands] : [...linspace(0, 1, 257)].map((place) => norm.inverse(place));
    const colors =
      isFilled && bandColors
        ? bandColors
        : edges.slice(1).map((edge, i) => cmap.at(norm.call(((edges[i] as number) + edge) / 2)));
    const smooth = bands ? colors : edges.slice(1).map((_, i) => cmap.at((i + 0.5) / 256));
    const box = (low: number, high: number): Path =>
      this.#isUpright ? Path.rectangle(0, low, 1, high - low) : Path.rectangle(low, 0, high - low, 1);
    // Each patch reaches to the far end: no light shines through between neighbours.
    const last = edges.at(-1) as number;
    const faces = smooth.map((color) => withAlpha(color, alpha));
    const isOpaque = faces.every((color) => color[3] === 1);
    const patches = new PolyCollection(
      edges.slice(0, -1).map((low, i) => box(low, isOpaque ? last : (edges[i + 1] as number))),
      { facecolors: faces, edgecolors: [], linewidths: [0] },
    );
    patches.zorder = 0;
    ax.add(patches);
    if (levels && !isFilled) {
      const lines = levels.map((level): Point[] =>
        this.#isUpright
          ? [
              [0, level],
              [1, level],
            ]
          : [
              [level, 0],
              [level, 1],
            ],
      );
      patches.setVisible(false);
      ax.add(
        new LineCollection(lines, { facecolors: levels.map((level) => cmap.at(norm.call(level))), linewidths: [1.5] }),
      );
    }
    if (hasEdges) {
      const lines = edges.slice(1, -1).map((edge): Point[] =>
        this.#isUpright
          ? [
              [0, edge],
              [1, edge],
            ]
          : [
              [edge, 0],
              [edge, 1],
            ],
      );
      ax.add(new LineCollection(lines, { facecolors: [[0, 0, 0, 1]], linewidths: [0.8] }));
    }
    const [low, high] = [edges[0] as number, last];
    const long = this.#isUpright ? ax.yaxis : ax.xaxis;
    const short = this.#isUpright ? ax.xaxis : ax.yaxis;
    long.view.setScale(
      norm.scaleName === "linear" && !bands && isBent(mappable)
        ? makeScale("function", { functions: [(v) => norm.call(v), (p) => norm.inverse(p)] })
        : makeScale(bands ? "linear" : norm.scaleName),
    );
    long.view.setLimits(low, high);
    short.view.setLimits(0, 1);
    short.visible = false;
    if (this.#isUpright) long.moveTo(this.#location as "left" | "right");
    else long.moveTo(this.#location as "top" | "bottom");
  }

  #setTicks({ ticks, format }: ColorbarOptions): void {
    const long = this.#isUpright ? this.ax.yaxis : this.ax.xaxis;
    const bands =
      this.mappable.levels ?? (this.mappable.norm instanceof BoundaryNorm ? this.mappable.norm.boundaries : undefined);
    if (ticks !== undefined && ticks !== null) this.setTicks(ticks);
    else if (bands) long.view.locator = new FixedLocator(thin(bands));
    if (format !== undefined && format !== null) long.view.formatter = formatterOf(format);
  }

  /** Sets the ticks and their labels. */
  setTicks(ticks: Vector, ...rest: [labels?: readonly string[]] | [{ labels?: readonly string[] }]): void {
    const long = this.#isUpright ? this.ax.yaxis : this.ax.xaxis;
    const [first] = rest;
    const labels = Array.isArray(first)
      ? (first as readonly string[])
      : (first as { labels?: readonly string[] } | undefined)?.labels;
    long.view.locator = new FixedLocator([...readVector(ticks, "ticks")]);
    if (labels) this.setTicklabels(labels);
  }

  setTicklabels(labels: readonly string[]): void {
    const long = this.#isUpright ? this.ax.yaxis : this.ax.xaxis;
    long.view.formatter = new FixedFormatter(labels.map(String));
  }

  /** The name of the scale. */
  setLabel(label: string, options: Parameters<Axes["setYlabel"]>[1] = {}): Text {
    return this.#isUpright ? this.ax.setYlabel(label, options) : this.ax.setXlabel(label, options);
  }

  remove(): void {
    this.ax.remove();
  }
}

const anchors: Record<Location, Point> = { right: [1, 0.5], left: [0, 0.5], top: [0.5, 0], bottom: [0.5, 1] };
const ownAnchors: Record<Location, Point> = { right: [0, 0.5], left: [1, 0.5], top: [0.5, 0], bottom: [0.5, 1] };

/** Whether equal steps of colour are unequal steps of values. */
function isBent({ norm }: Mappable): boolean {
  const [low, high] = [norm.inverse(0), norm.inverse(1)];
  return Math.abs(norm.inverse(0.5) - (low + high) / 2) > 1e-9 * Math.abs(high - low);
}

/** Not more than about ten of many levels. */
function thin(levels: readonly number[]): number[] {
  const step = Math.ceil(levels.length / 11);
  return levels.filter((_, i) => i % step === 0);
}

function formatterOf(format: string | ((value: number) => string)): Formatter {
  if (typeof format === "function") return new FuncFormatter(format);
  if (format.includes("{"))
    return new FuncFormatter((v) => format.replace(/\{x?:?([^}]*)\}/, (_, spec: string) => formatNumber(v, spec)));
  return new FuncFormatter((v) => formatPercent(format, v));
}

/** The cells that hold all parents. */
function commonSpec(parents: readonly Axes[]): SubplotSpec {
  const specs = parents.map((parent) => {
    if (!parent.subplotSpec)
      throw new Error("colorbar needs axes in a grid to take room from; give it axes of its own with the option cax");
    return parent.subplotSpec;
  });
  const [first] = specs as [SubplotSpec];
  if (specs.length === 1) return first;
  const all = specs.map((spec) => spec.outermost);
  const span = (of: (spec: SubplotSpec) => readonly [number, number]): [number, number] => [
    Math.min(...all.map((s) => of(s)[0])),
    Math.max(...all.map((s) => of(s)[1])) + 1,
  ];
  return first.outermost.grid.at(
    span((s) => s.rows),
    span((s) => s.columns),
  );
}

/** A cell in the part of the grid that remains for the parents. */
function nested(spec: SubplotSpec, outer: SubplotSpec, main: SubplotSpec): SubplotSpec {
  const { rows, columns } = spec.outermost;
  const inner = new GridSpec(outer.rows[1] - outer.rows[0] + 1, outer.columns[1] - outer.columns[0] + 1, {}, main);
  return inner.at(
    [rows[0] - outer.rows[0], rows[1] - outer.rows[0] + 1],
    [columns[0] - outer.columns[0], columns[1] - outer.columns[0] + 1],
  );
}
