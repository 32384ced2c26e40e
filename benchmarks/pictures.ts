/** The pictures of the page: what the tables say, at a glance. */
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import plt, { type Axes } from "@flambeau/pyplot";
import { geometricMean, lessMemory } from "./goals.js";
import type { Row } from "./measure.js";
import { means, type Run } from "./report.js";

const flambeauColor = "C1";
const pytorchColor = "C0";
const limitColor = "0.5";
/** Of one thread, of more. */
const threadColors = ["#f5a623", "#c0392b", "#7d3c98", "#1f618d"];

interface Picture {
  readonly name: string;
  readonly says: string;
  /** @returns whether there was anything to draw */
  readonly draw: (runs: readonly Run[]) => boolean;
}

const pictures: readonly Picture[] = [
  {
    name: "themes",
    says: "How many times as long as Flambeau PyTorch takes: the geometric mean of each theme.",
    draw: drawThemes,
  },
  {
    name: "programs",
    says: "Whole programs: how many times as much time, and how many times as much memory at its peak, PyTorch takes.",
    draw: drawPrograms,
  },
  {
    name: "elements",
    says: "How the speed of moving memory grows with the number of elements, beside a plain copy of as many bytes.",
    draw: (runs) => drawGrowth(runs, ["x * 2", "x.sum()"], "elements", "GB/s", "plain copy"),
  },
  {
    name: "batch",
    says: "How the speed of arithmetic grows with the batch, beside the peak of multiply-adds.",
    draw: (runs) =>
      drawGrowth(runs, ["linear of 512 to 512", "the quickstart's step"], "batch", "GFLOP/s", "multiply-add peak"),
  },
  {
    name: "threads",
    says: "How many times as fast the largest of each series, and the programs together, are with more threads.",
    draw: drawThreads,
  },
];

/** Draws what there are results for. @returns lines of Markdown that show it */
export function drawPictures(runs: readonly Run[], folder: string): string[] {
  const place = join(folder, "benchmarks");
  mkdirSync(place, { recursive: true });
  return pictures.flatMap(({ name, says, draw }) => {
    plt.close("all");
    if (!draw(runs)) return [];
    plt.tightLayout();
    plt.savefig(join(place, `${name}.svg`));
    return [`${says}\n\n![${name}](benchmarks/${name}.svg)`];
  });
}

/** Level bars, a group for each name and in it one for each series. */
function bars(axes: Axes, names: readonly string[], series: readonly Bars[], bounds: readonly number[]): void {
  const height = 0.8 / series.length;
  series.forEach(({ values, label }, i) => {
    const places = names.map((_, row) => row - 0.4 + (i + 0.5) * height);
    const drawn = axes.barh(places, [...values], height, { color: threadColors[i], label });
    axes.barLabel(drawn, { fmt: "%.2f", padding: 2, fontsize: 6.5 });
  });
  for (const bound of bounds) axes.axvline(bound, { color: limitColor, linewidth: 0.8, linestyle: "--", zorder: 0 });
  axes.setYticks([...names.keys()], [...names]);
  axes.setYlim(names.length - 0.5, -0.5);
  axes.tickParams({ labelsize: 7.5 });
  axes.margins(0.1, 0);
  for (const side of ["top", "right"] as const) axes.spines[side].setVisible(false);
}

interface Bars {
  readonly label: string;
  readonly values: readonly number[];
}

function threadsOf({ threads }: Run): string {
  return threads === 1 ? "1 thread" : `${threads} threads`;
}

function drawThemes(runs: readonly Run[]): boolean {
  const perRun = runs.map(({ rows }) => new Map(means(rows).map(([theme, mean]) => [theme, mean])));
  const names = [...new Set(perRun.flatMap((map) => [...map.keys()]))];
  if (names.length === 0) return false;
  const [, axes] = plt.subplots(1, 1, { figsize: [8, 0.6 + 0.36 * names.length] });
  const series = runs.map((run, i) => ({
    label: threadsOf(run),
    values: names.map((name) => perRun[i]?.get(name) ?? 0),
  }));
  bars(axes, names, series, [1]);
  axes.setXlabel("PyTorch's time / Flambeau's");
  axes.legend({ fontsize: 8, loc: "lower right", bboxToAnchor: [1, 1], ncol: series.length });
  return true;
}

function drawPrograms(runs: readonly Run[]): boolean {
  const names = [...new Set(runs.flatMap(({ rows }) => rows.filter((row) => row.alone).map((row) => row.name)))];
  if (names.length === 0) return false;
  const [, [left, right]] = plt.subplots(1, 2, { figsize: [10, 0.9 + 0.42 * names.length], sharey: true });
  const series = (value: (row: Row) => number | undefined): Bars[] =>
    runs.map((run) => ({
      label: threadsOf(run),
      values: names.map((name) => valueOf(run, name, value)),
    }));
  const labels = names.map((name) => labelOf(name, names));
  bars(
    left as Axes,
    labels,
    series((row) => row.pytorch?.ratio.median),
    [1, 2],
  );
  bars(right as Axes, labels, series(lessMemory), [1]);
  left?.setTitle("time", { fontsize: 10, loc: "left" });
  right?.setTitle("peak memory", { fontsize: 10, loc: "left" });
  right?.legend({ fontsize: 8, loc: "lower right", bboxToAnchor: [1, 1], ncol: runs.length });
  return true;
}

/** The name up to its first comma; the rest in a second line where another begins alike. */
function labelOf(name: string, names: readonly string[]): string {
  const [begin = name, ...rest] = name.split(", ");
  const alike = names.filter((other) => other.split(", ")[0] === begin);
  return alike.length === 1 ? begin : `${begin},\n${rest.join(", ")}`;
}

function valueOf({ rows }: Run, name: string, value: (row: Row) => number | undefined): number {
  const row = rows.find((one) => one.name === name);
  return (row && value(row)) ?? 0;
}

/** The rows of a series that have been measured, by size. */
function seriesOf({ rows }: Run, series: string): Row[] {
  return rows
    .filter((row) => row.growth?.series === series && row.seconds !== undefined)
    .sort((a, b) => sizeOf(a) - sizeOf(b));
}

const sizeOf = (row: Row) => row.growth?.size ?? 0;

function drawGrowth(
  runs: readonly Run[],
  all: readonly string[],
  xlabel: string,
  unit: string,
  limit: string,
): boolean {
  if (!runs.some((run) => all.some((series) => seriesOf(run, series).length > 0))) return false;
  const [, grid] = plt.subplots(all.length, runs.length, {
    figsize: [1 + 3.5 * runs.length, 2.6 * all.length],
    squeeze: false,
    sharey: "row",
  });
  all.forEach((series, row) => {
    runs.forEach((run, column) => {
      const axes = grid[row]?.[column] as Axes;
      drawSeries(axes, seriesOf(run, series), limit);
      axes.setTitle(`${series}, ${threadsOf(run)}`, { fontsize: 9 });
      axes.tickParams({ labelsize: 7 });
      if (row === all.length - 1) axes.setXlabel(xlabel, { fontsize: 8 });
      if (column === 0) axes.setYlabel(unit, { fontsize: 8 });
      if (row === 0 && column === 0) axes.legend({ fontsize: 7 });
    });
  });
  return true;
}

function drawSeries(axes: Axes, rows: readonly Row[], limit: string): void {
  const sizes = rows.map(sizeOf);
  const rate = (seconds: (row: Row) => number | undefined) =>
    rows.map((row) => (row.amount ?? Number.NaN) / (seconds(row) ?? Number.NaN) / 1e9);
  const limits = rate((row) => row.share && row.seconds && row.share * row.seconds);
  axes.loglog(sizes, limits, { color: limitColor, linestyle: ":", label: limit });
  axes.loglog(
    sizes,
    rate((row) => row.pytorch?.seconds),
    "s--",
    { color: pytorchColor, markersize: 4, label: "PyTorch" },
  );
  axes.loglog(
    sizes,
    rate((row) => row.seconds),
    "o-",
    { color: flambeauColor, markersize: 4, label: "Flambeau" },
  );
  axes.grid(true, { alpha: 0.3 });
}

/** The groups of rows whose times with one thread and with more are compared. */
function groupsOf(run: Run): Map<string, readonly Row[]> {
  const names = new Set(run.rows.flatMap(({ growth }) => growth?.series ?? []));
  const groups = new Map<string, readonly Row[]>([...names].map((name) => [name, seriesOf(run, name).slice(-1)]));
  return groups.set(
    "whole programs",
    run.rows.filter((row) => row.alone),
  );
}

function drawThreads(runs: readonly Run[]): boolean {
  const [one, ...more] = runs;
  if (one?.threads !== 1 || more.length === 0) return false;
  const base = groupsOf(one);
  const [, axes] = plt.subplots(1, 1, { figsize: [7, 3.6] });
  const counts = runs.map((run) => run.threads);
  axes.plot(counts, counts, ":", { color: limitColor, label: "as many times as threads" });
  const sides = { Flambeau: "o-", PyTorch: "s--" } as const;
  [...base.keys()].forEach((name, i) => {
    for (const [side, style] of Object.entries(sides)) {
      const speedups = runs.map((run) => speedup(base.get(name) ?? [], groupsOf(run).get(name) ?? [], side));
      axes.plot(counts, speedups, style, { color: `C${i}`, markersize: 4, label: `${name}, ${side}` });
    }
  });
  axes.setXticks(counts);
  axes.setXlabel("threads");
  axes.setYlabel("speed, to that of one thread");
  axes.legend({ fontsize: 7, loc: "upper left", bboxToAnchor: [1.02, 1] });
  return true;
}

/** How many times as fast the later rows are than those of the same name before, as a geometric mean. */
function speedup(before: readonly Row[], after: readonly Row[], side: string): number {
  const seconds = (row: Row | undefined) => (side === "Flambeau" ? row?.seconds : row?.pytorch?.seconds) ?? Number.NaN;
  const ratios = before.map((row) => seconds(row) / seconds(after.find(({ name }) => name === row.name)));
  return geometricMean(ratios.filter(Number.isFinite)) ?? Number.NaN;
}
