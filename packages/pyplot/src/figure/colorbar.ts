/** The scale of colours beside axes. */
import { LineCollection, PolyCollection } from "../artists/collections.js";
import type { Text } from "../artists/text.js";
import type { Axes } from "../axes/axes.js";
import type { Axis } from "../axis/axis.js";
import { FixedFormatter, type Formatter, FuncFormatter, formatText } from "../axis/formatters.js";
import { FixedLocator } from "../axis/locators.js";
import { makeScale } from "../axis/scales.js";
import type { Rgba } from "../color/colors.js";
import { BoundaryNorm, type Mappable, type Normalize, withAlpha } from "../color/norms.js";
import { linspace, readVector, type Vector } from "../data.js";
import { Path, type Point } from "../geometry.js";
import { data, flag, number, numberFormat, type Options, readCall, readOptions, text, words } from "../options.js";
import { rcParams } from "../rc/rcParams.js";
import type { Figure } from "./figure.js";
import { GridSpec, type SubplotSpec } from "./gridspec.js";

const colorbarTable = {
  cax: data<Axes>(),
  ax: data<Axes | readonly Axes[]>(),
  orientation: words("vertical", "horizontal"),
  location: words("left", "right", "top", "bottom"),
  label: text,
  ticks: data<Vector>(),
  format: numberFormat,
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
      parent.setAnchor(anchors[this.#location]);
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

  /** The axis along which the colours run. */
  get #long(): Axis {
    return this.#isUpright ? this.ax.yaxis : this.ax.xaxis;
  }

  /** The limits between colours that stand for ranges, or the levels of lines; none where colours flow. */
  get #bounds(): readonly number[] | undefined {
    const { levels, norm } = this.mappable;
    return levels ?? (norm instanceof BoundaryNorm ? norm.boundaries : undefined);
  }

  #fill(hasEdges: boolean, alpha = this.mappable.alpha): void {
    const { norm, cmap, bandColors, isFilled, levels } = this.mappable;
    const bounds = this.#bounds;
    const edges = bounds ?? [...linspace(0, 1, 257)].map((place) => norm.inverse(place));
    const between = edges.slice(1).map((edge, i) => ((edges[i] as number) + edge) / 2);
    if (levels && !isFilled) this.#drawLines(levels, bandColors ?? [], rcParams["lines.linewidth"]);
    else {
      const colors = bounds
        ? (bandColors ?? between.map((v) => cmap.at(norm.call(v))))
        : between.map((_, i) => cmap.at((i + 0.5) / 256));
      this.#drawPatches(
        edges,
        colors.map((color) => withAlpha(color, alpha)),
      );
    }
    if (hasEdges) this.#drawLines(edges.slice(1, -1), [[0, 0, 0, 1]], rcParams["axes.linewidth"]);
    this.#setScale(edges);
  }

  #drawPatches(edges: readonly number[], colors: readonly Rgba[]): void {
    // Patches reach to the far end, under the next ones: no light shines through between them.
    const isOpaque = colors.every((color) => color[3] === 1);
    const end = edges.at(-1) as number;
    const paths = edges.slice(0, -1).map((low, i) => {
      const length = (isOpaque ? end : (edges[i + 1] as number)) - low;
      return this.#isUpright ? Path.rectangle(0, low, 1, length) : Path.rectangle(low, 0, length, 1);
    });
    this.ax.add(new PolyCollection(paths, { facecolors: colors, edgecolors: [], zorder: 0 }));
  }

  #drawLines(places: readonly number[], colors: readonly Rgba[], width: number): void {
    const turn = ([a, b]: Point): Point => (this.#isUpright ? [a, b] : [b, a]);
    const lines = places.map((place): Point[] => [turn([0, place]), turn([1, place])]);
    this.ax.add(new LineCollection(lines, { facecolors: colors, linewidths: [width] }));
  }

  /** Equal lengths for equal steps of colour. */
  #setScale(edges: readonly number[]): void {
    const { norm } = this.mappable;
    const long = this.#long;
    const functions = this.#bounds
      ? steps(edges)
      : isBent(norm)
        ? ([(v: number) => norm.call(v), (p: number) => norm.inverse(p)] as const)
        : undefined;
    long.view.setScale(functions ? makeScale("function", { functions }) : makeScale(norm.scaleName));
    long.view.setLimits(edges[0] as number, edges.at(-1) as number);
    const short = this.#isUpright ? this.ax.xaxis : this.ax.yaxis;
    short.view.setLimits(0, 1);
    short.visible = false;
    long.moveTo(this.#location);
  }

  #setTicks({ ticks, format }: ColorbarOptions): void {
    if (ticks !== undefined && ticks !== null) this.setTicks(ticks);
    else if (this.#bounds) this.#long.view.locator = new FixedLocator(thin(this.#bounds));
    if (format !== undefined && format !== null) this.#long.view.formatter = formatterOf(format);
  }

  /** Sets the ticks and their labels. */
  setTicks(ticks: Vector, ...rest: [labels?: readonly string[]] | [options?: { labels?: readonly string[] }]): void {
    const [{ labels }] = readCall("setTicks", rest, ["labels"], 0, { labels: data<readonly string[]>() });
    this.#long.view.locator = new FixedLocator([...readVector(ticks, "ticks")]);
    if (labels) this.setTicklabels(labels);
  }

  /** Sets the labels at the ticks. */
  setTicklabels(labels: readonly string[]): void {
    this.#long.view.formatter = new FixedFormatter(labels.map(String));
  }

  /** The name of the scale. */
  setLabel(label: string, options: Parameters<Axes["setYlabel"]>[1] = {}): Text {
    return this.#isUpright ? this.ax.setYlabel(label, options) : this.ax.setXlabel(label, options);
  }

  /** Takes it away. */
  remove(): void {
    this.ax.remove();
  }
}

const anchors: Record<Location, Point> = { right: [1, 0.5], left: [0, 0.5], top: [0.5, 0], bottom: [0.5, 1] };
const ownAnchors: Record<Location, Point> = { right: [0, 0.5], left: [1, 0.5], top: [0.5, 0], bottom: [0.5, 1] };

/** Whether equal steps of colour are unequal steps of values, in a way that no scale has. */
function isBent(norm: Normalize): boolean {
  const [low, high] = [norm.inverse(0), norm.inverse(1)];
  return norm.scaleName === "linear" && Math.abs(norm.inverse(0.5) - (low + high) / 2) > 1e-9 * Math.abs(high - low);
}

/** A scale on which the ranges between edges are equally long. */
function steps(edges: readonly number[]): readonly [(value: number) => number, (place: number) => number] {
  const last = edges.length - 2;
  const at = (i: number): number => edges[i] as number;
  return [
    (value) => {
      const i = Math.max(
        0,
        Math.min(
          last,
          edges.findLastIndex((edge) => edge <= value),
        ),
      );
      return i + (value - at(i)) / (at(i + 1) - at(i));
    },
    (place) => {
      const i = Math.max(0, Math.min(last, Math.floor(place)));
      return at(i) + (place - i) * (at(i + 1) - at(i));
    },
  ];
}

/** Not more than about ten of many levels. */
function thin(levels: readonly number[]): number[] {
  const step = Math.ceil(levels.length / 11);
  return levels.filter((_, i) => i % step === 0);
}

function formatterOf(format: string | ((value: number) => string)): Formatter {
  return new FuncFormatter(typeof format === "function" ? format : (value) => formatText(format, value));
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
