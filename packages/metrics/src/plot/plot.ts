/** Pictures of metrics: single values and their course, confusion matrices, curves. */
import plt, { Axes, type Figure } from "@flambeau/pyplot";
import torch, { type Tensor } from "flambeau";
import { describe } from "flambeau/arguments";
import { isPlain } from "../metric/values.js";

/** A figure (none where axes were given), and what was drawn in. */
export type Plot = [figure: Figure | null, axes: Axes | Axes[]];

export interface PlotOptions {
  /** The axes to draw in; by default a new figure's. */
  ax?: Axes;
  /** Confusion matrices: whether the numbers are written into the cells; true by default. */
  addText?: boolean;
  /** Confusion matrices and curves: the names of the classes. */
  labels?: readonly (string | number)[];
  /** Confusion matrices: which colours. */
  cmap?: string;
  /** Curves: their areas, or true to have them computed, for the legend. */
  score?: Tensor | boolean;
}

/** What is known of a metric whose value is drawn. */
export interface PlotTraits {
  readonly name?: string;
  readonly higherIsBetter?: boolean | undefined;
  readonly plotLowerBound?: number | undefined;
  readonly plotUpperBound?: number | undefined;
  readonly plotLegendName?: string | undefined;
}

/** New axes, or those that were given. */
function axesOf(ax: Axes | undefined): [Figure | null, Axes] {
  if (ax !== undefined) {
    if (!(ax instanceof Axes)) throw new TypeError(`plot(): argument 'ax' must be Axes, not ${describe(ax)}`);
    return [null, ax];
  }
  const [figure] = plt.subplots();
  return [figure, figure.axes[0] as Axes];
}

const marker = { marker: "o", markersize: 10 } as const;

/** The values of one line over the steps, each with its name. */
function linesOf(values: readonly unknown[], legend: string | undefined): [name: string, line: Tensor][] {
  const [first] = values;
  if (isPlain(first)) {
    const steps = values as readonly Record<string, Tensor>[];
    return Object.keys(first).map((key) => [key, torch.stack(steps.map((step) => step[key] as Tensor))]);
  }
  const steps = torch.stack(values.map((value) => asTensor(value)));
  if (steps.ndim === 1) return [["", steps]];
  return steps.unbind(1).map((line, i) => [labelOf(i, legend), line]);
}

function labelOf(index: number, legend: string | undefined): string {
  return legend ? `${legend} ${index}` : `${index}`;
}

function asTensor(value: unknown): Tensor {
  if (value instanceof torch.Tensor) return value.detach();
  if (typeof value === "number") return torch.tensor(value);
  throw new TypeError(`Got unknown format for argument \`val\`: ${describe(value)}`);
}

function drawLines(ax: Axes, lines: readonly (readonly [name: string, line: Tensor])[]): void {
  for (const [label, line] of lines) {
    ax.plot(line.detach(), { ...marker, linestyle: "-", ...(label !== "" && { label }) });
  }
  ax.setXlabel("Step");
  ax.setXticks(Array.from({ length: lines[0]?.[1].numel() ?? 0 }, (_, i) => i));
}

/** Points beside each other. */
function drawPoints(ax: Axes, points: readonly (readonly [name: string, value: number])[]): void {
  ax.xaxis.setVisible(false);
  points.forEach(([label, value], i) => {
    ax.plot([i], [value], { ...marker, linestyle: "None", ...(label !== "" && { label }) });
  });
}

function drawValue(ax: Axes, value: unknown, legend: string | undefined): void {
  if (Array.isArray(value)) return drawLines(ax, linesOf(value, legend));
  if (isPlain(value)) {
    const entries = Object.entries(value).map(([name, one]) => [name, asTensor(one)] as const);
    if (entries.some(([, one]) => one.numel() !== 1)) return drawLines(ax, entries);
    return drawPoints(
      ax,
      entries.map(([name, one]) => [name, one.item()]),
    );
  }
  const tensor = asTensor(value);
  if (tensor.numel() === 1) return drawPoints(ax, [["", tensor.item()]]);
  drawPoints(
    ax,
    tensor.unbind(0).map((one, i) => [labelOf(i, legend), one.item()]),
  );
}

/** The limits that there are for values, and which of them is the best. */
function drawBounds(ax: Axes, { higherIsBetter, plotLowerBound: low, plotUpperBound: high }: PlotTraits): void {
  const [bottom, top] = ax.getYlim();
  const margin = 0.1 * (low !== undefined && high !== undefined ? high - low : top - bottom);
  ax.setYlim((low ?? bottom) - margin, (high ?? top) + margin);
  const [left, right] = ax.getXlim();
  const bounds = [low, high].filter((bound) => bound !== undefined);
  if (bounds.length > 0) ax.hlines(bounds, left, right, { linestyles: "dashed", colors: "k" });
  const best = higherIsBetter === undefined ? undefined : higherIsBetter ? high : low;
  if (best === undefined) return;
  ax.setXlim(left - 0.1 * (right - left), right);
  ax.text(left, best, "Optimal \n value", { horizontalalignment: "center", verticalalignment: "center" });
}

/**
 * One value as a point, several as points beside each other, a list of values as a line over steps; by name for objects.
 *
 * @throws TypeError for anything else.
 */
export function plotValue(value: unknown, { ax: given }: PlotOptions, traits: PlotTraits): Plot {
  const [figure, ax] = axesOf(given);
  drawValue(ax, value, traits.plotLegendName);
  if (ax.getLegendHandlesLabels()[1].length > 0) {
    ax.legend({ loc: "upper center", bboxToAnchor: [0.5, 1.15], ncol: 3, fancybox: true, shadow: true });
  }
  drawBounds(ax, traits);
  ax.grid(true);
  if (traits.name !== undefined) ax.setYlabel(traits.name);
  return [figure, ax];
}

/** Black on light colours, white on dark ones. */
function textColor(color: readonly number[]): string {
  const [r, g, b] = color.map((c) => (c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4)) as [
    number,
    number,
    number,
  ];
  return 0.2126 * r + 0.7152 * g + 0.0722 * b > 0.4 ? "0.1" : "white";
}

function drawMatrix(ax: Axes, matrix: Tensor, names: readonly (string | number)[], options: PlotOptions): void {
  const image = ax.imshow(matrix.double(), { cmap: options.cmap });
  const places = names.map((_, i) => i);
  ax.setXticks(places);
  ax.setYticks(places);
  ax.setXticklabels(names, { rotation: 45, fontsize: 10 });
  ax.setYticklabels(names, { rotation: 25, fontsize: 10 });
  if (options.addText === false) return;
  const fontsize = Math.min(15, Math.max(5, 90 / names.length));
  for (const [row, cells] of (matrix.tolist() as number[][]).entries()) {
    for (const [column, value] of cells.entries()) {
      const color = textColor(image.cmap.at(image.norm.call(value)));
      const written = Number(value.toFixed(2));
      ax.text(column, row, `${written}`, { ha: "center", va: "center", fontsize, color });
    }
  }
}

/**
 * Confusion matrices: the true class in the rows, the predicted one in the columns.
 *
 * @throws Error where there are not as many labels as classes.
 */
export function plotConfusionMatrix(confmat: Tensor, options: PlotOptions): Plot {
  const isMultilabel = confmat.ndim === 3;
  const count = isMultilabel ? (confmat.shape[0] as number) : 1;
  const classes = isMultilabel ? 2 : (confmat.shape[0] as number);
  const { labels } = options;
  if (labels !== undefined && labels.length !== (isMultilabel ? count : classes)) {
    throw new Error(
      `Expected number of elements in arg \`labels\` to match number of labels in confmat but got ${labels.length} and ${isMultilabel ? count : classes}`,
    );
  }
  const numbers = Array.from({ length: classes }, (_, i) => i);
  const columns = Math.ceil(Math.sqrt(count));
  const rows = Math.ceil(count / columns);
  const [figure, all] = isMultilabel && options.ax === undefined ? gridOf(rows, columns, count) : single(options.ax);
  all.forEach((ax, i) => {
    const matrix = isMultilabel ? confmat.select(0, i) : confmat;
    if (isMultilabel) ax.setTitle(`Label ${labels?.[i] ?? i}`, { fontsize: 15 });
    if (Math.floor(i / columns) === rows - 1) ax.setXlabel("Predicted class", { fontsize: 15 });
    if (i % columns === 0) ax.setYlabel("True class", { fontsize: 15 });
    drawMatrix(ax, matrix, isMultilabel ? numbers : (labels ?? numbers), options);
  });
  // Room for the names of the classes below.
  figure?.subplotsAdjust({ bottom: 0.2, hspace: 0.6 });
  return [figure, all.length === 1 ? (all[0] as Axes) : all];
}

function single(ax: Axes | undefined): [Figure | null, Axes[]] {
  const [figure, axes] = axesOf(ax);
  return [figure, [axes]];
}

/** As many axes as there are labels. */
function gridOf(rows: number, columns: number, count: number): [Figure, Axes[]] {
  const [figure] = plt.subplots(rows, columns);
  for (const ax of figure.axes.slice(count)) ax.remove();
  return [figure, figure.axes.slice(0, count)];
}

/** How a curve's ends are called. */
export interface CurveTraits extends PlotTraits {
  readonly xlabel: string;
  readonly ylabel: string;
}

/**
 * The curves of one or of several classes.
 *
 * @param curve `[x, y, thresholds]`, of tensors, or lists of these.
 */
export function plotCurve(curve: readonly unknown[], options: PlotOptions, traits: CurveTraits): Plot {
  const [figure, ax] = axesOf(options.ax);
  const lines = (values: unknown): Tensor[] => {
    if (Array.isArray(values)) return values;
    const tensor = asTensor(values);
    return tensor.ndim === 1 ? [tensor] : tensor.unbind(0);
  };
  const [xs, ys] = [lines(curve[0]), lines(curve[1])];
  const isSingle = !Array.isArray(curve[0]) && xs.length === 1;
  if (options.labels !== undefined && options.labels.length !== xs.length) {
    throw new Error(
      `Expected number of elements in arg \`labels\` to match number of labels in roc curves but got ${options.labels.length} and ${xs.length}`,
    );
  }
  const scores = options.score instanceof torch.Tensor ? options.score.flatten().tolist() : undefined;
  xs.forEach((x, i) => {
    const area = scores === undefined ? "" : `AUC=${(scores as number[])[i]?.toFixed(3)}`;
    const name = isSingle ? "" : `${options.labels?.[i] ?? labelOf(i, traits.plotLegendName)} `;
    const label = `${name}${area}`.trim();
    ax.plot(x, ys[i] as Tensor, { linestyle: "-", linewidth: 2, ...(label !== "" && { label }) });
  });
  if (!isSingle || scores !== undefined) ax.legend();
  ax.setXlabel(traits.xlabel);
  ax.setYlabel(traits.ylabel);
  ax.grid(true);
  if (traits.name !== undefined) ax.setTitle(traits.name);
  return [figure, ax];
}
