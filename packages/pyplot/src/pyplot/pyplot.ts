/** `plt`: the functions that draw into the current axes. */

import type { Artist } from "../artists/artist.js";
import { Circle, Ellipse, Polygon, Rectangle, Wedge } from "../artists/patches.js";
import { Axes } from "../axes/axes.js";
import type { ImageOptions } from "../axes/images.js";
import type { TickArgs } from "../axes/ticks.js";
import { colormaps, getCmap } from "../color/colormaps.js";
import type { Mappable } from "../color/norms.js";
import { type Matrix, readMatrix } from "../data.js";
import type { ColorbarOptions } from "../figure/colorbar.js";
import { Figure } from "../figure/figure.js";
import { GridSpec } from "../figure/gridspec.js";
import {
  type AxesOptions,
  type FigureOptions,
  figureTable,
  type SaveOptions,
  type SubplotsOptions,
  subplotsTable,
} from "../figure/options.js";
import { type AxesGrid, makeSubplots, squeezed } from "../figure/subplots.js";
import { isOptions, readCall } from "../options.js";
import { type RcParams, rcContext, rcdefaults, rcParams, updateRcParams } from "../rc/rcParams.js";
import { style } from "../rc/style.js";
import { getBackend } from "./backend.js";
import { imread, imsave } from "./imageFiles.js";
import { closePage, refreshFigures, showFigures } from "./show.js";
import {
  allFigures,
  fignumExists,
  gca,
  gcf,
  gci,
  getFiglabels,
  getFignums,
  openFigure,
  removeFigures,
  sca,
} from "./state.js";

/** What is passed on to the current axes under its own name. */
const passedOn = [
  "plot",
  "loglog",
  "semilogx",
  "semilogy",
  "step",
  "scatter",
  "errorbar",
  "stem",
  "vlines",
  "hlines",
  "axhline",
  "axvline",
  "axline",
  "eventplot",
  "axhspan",
  "axvspan",
  "bar",
  "barh",
  "barLabel",
  "brokenBarh",
  "fillBetween",
  "fillBetweenx",
  "fill",
  "stackplot",
  "pie",
  "hist",
  "stairs",
  "boxplot",
  "violinplot",
  "bxp",
  "imshow",
  "pcolormesh",
  "pcolor",
  "hist2d",
  "contour",
  "contourf",
  "clabel",
  "quiver",
  "spy",
  "text",
  "annotate",
  "arrow",
  "legend",
  "axis",
  "grid",
  "tickParams",
  "ticklabelFormat",
  "locatorParams",
  "minorticksOn",
  "minorticksOff",
  "margins",
  "autoscale",
] as const;

/** What is passed on to a setter of the current axes. */
const setters = {
  title: "setTitle",
  xlabel: "setXlabel",
  ylabel: "setYlabel",
  xlim: "setXlim",
  ylim: "setYlim",
  xscale: "setXscale",
  yscale: "setYscale",
} as const;

type PassedOn = Pick<Axes, (typeof passedOn)[number]>;
type Setters = { [K in keyof typeof setters]: Axes[(typeof setters)[K]] };

function passCalls(): PassedOn & Setters {
  const call =
    (name: string) =>
    (...args: unknown[]): unknown =>
      (gca() as unknown as Record<string, (...args: unknown[]) => unknown>)[name]?.(...args);
  const own = passedOn.map((name) => [name, call(name)]);
  const set = Object.entries(setters).map(([name, setter]) => [name, call(setter)]);
  return Object.fromEntries([...own, ...set]) as PassedOn & Setters;
}

/**
 * A figure with a grid of axes: `[figure, axes]`, where `axes` is one `Axes`, an array for one row or column, else rows.
 *
 * @example const [figure, [left, right]] = plt.subplots(1, 2, { figsize: [8, 3], sharey: true })
 */
function subplots(
  nrows: number,
  ncols: number,
  options: SubplotsOptions & FigureOptions & { squeeze: false },
): [Figure, Axes[][]];
function subplots<R extends number = 1, C extends number = 1>(
  nrows?: R,
  ncols?: C,
  options?: SubplotsOptions & FigureOptions,
): [Figure, AxesGrid<R, C>];
function subplots<R extends number = 1, C extends number = 1>(
  options: SubplotsOptions & FigureOptions & { nrows?: R; ncols?: C },
): [Figure, AxesGrid<R, C>];
function subplots(...args: unknown[]): [Figure, unknown] {
  const table = { ...figureTable, ...subplotsTable };
  const [read, { nrows = 1, ncols = 1 }] = readCall("subplots", args, ["nrows", "ncols"], 0, table);
  const {
    sharex,
    sharey,
    squeeze = true,
    widthRatios,
    heightRatios,
    gridspecKw,
    subplotKw,
    num,
    clear,
    ...options
  } = read;
  const figure = openFigure(num, options);
  if (clear) figure.clear();
  const rows = makeSubplots(figure, nrows as number, ncols as number, {
    sharex,
    sharey,
    widthRatios,
    heightRatios,
    gridspecKw,
    subplotKw,
  });
  return [figure, squeeze ? squeezed(rows) : rows];
}

const own = {
  /**
   * A new figure, or the one with a number or name.
   *
   * @example const figure = plt.figure({ figsize: [8, 8] })
   * @see https://matplotlib.org/stable/api/_as_gen/matplotlib.pyplot.figure.html
   */
  figure(
    ...args: [num?: number | string | Figure | null, options?: FigureOptions] | [options?: FigureOptions]
  ): Figure {
    const [first] = args;
    if (first instanceof Figure) return openFigure(first.number, {});
    const [{ num, clear, ...options }] = readCall("figure", args, ["num"], 0, figureTable);
    const figure = openFigure(num, options);
    if (clear) figure.clear();
    return figure;
  },

  subplots,

  /** A figure with axes by name. */
  subplotMosaic(
    mosaic: readonly (readonly string[])[] | string,
    options: SubplotsOptions & FigureOptions = {},
  ): [Figure, Record<string, Axes>] {
    const {
      widthRatios,
      heightRatios,
      gridspecKw,
      sharex: _x,
      sharey: _y,
      squeeze: _s,
      subplotKw: _k,
      ...rest
    } = options;
    const figure = openFigure(undefined, rest);
    return [figure, figure.subplotMosaic(mosaic, { widthRatios, heightRatios, gridspecKw })];
  },

  /** Axes in a cell of a grid, which become the current ones: `plt.subplot(2, 2, 1)` or `plt.subplot(221)`. */
  subplot(...args: Parameters<Figure["addSubplot"]>): Axes {
    const figure = gcf();
    const axes = figure.addSubplot(...args);
    const same = figure.axes.find(
      (one) => one !== axes && String(placeOf(one)) === String(placeOf(axes)) && placeOf(one) !== undefined,
    );
    if (!same) return axes;
    axes.remove();
    return figure.sca(same);
  },

  /** New axes at `[left, bottom, width, height]` in fractions of the figure. */
  axes(...args: [rect?: readonly [number, number, number, number], options?: AxesOptions]): Axes {
    return args[0] ? gcf().addAxes(args[0], args[1]) : gcf().addSubplot(1, 1, 1);
  },

  /** A cell of a grid as axes. */
  subplot2grid(
    shape: readonly [number, number],
    loc: readonly [number, number],
    options: { rowspan?: number; colspan?: number } = {},
  ): Axes {
    const { rowspan = 1, colspan = 1 } = options;
    return gcf().addSubplot(new GridSpec(...shape).at([loc[0], loc[0] + rowspan], [loc[1], loc[1] + colspan]));
  },

  gcf,
  gca,
  sca,
  gci,
  getFignums,
  getFiglabels,
  fignumExists,

  /** Takes a figure away: the current one, one of them, or `"all"`. */
  close(fig?: Figure | number | string | null): void {
    removeFigures(fig ?? undefined);
    closePage(allFigures());
  },

  /** Empties the current figure. */
  clf(): void {
    gcf().clear();
  },

  /** Empties the current axes. */
  cla(): void {
    gca().cla();
  },

  /** Takes axes, or the current ones, out of their figure. */
  delaxes(axes: Axes = gca()): void {
    axes.remove();
  },

  /** A title over all axes of the current figure. */
  suptitle(t: string, options: Parameters<Figure["suptitle"]>[1] = {}): ReturnType<Figure["suptitle"]> {
    return gcf().suptitle(t, options);
  },

  /** A text at fractions of the current figure. */
  figtext(x: number, y: number, s: string, options: Parameters<Figure["text"]>[3] = {}): ReturnType<Figure["text"]> {
    return gcf().text(x, y, s, options);
  },

  /** A legend for the whole current figure. */
  figlegend(...args: Parameters<Figure["legend"]>): ReturnType<Figure["legend"]> {
    return gcf().legend(...args);
  },

  /** Sets properties of one thing that is drawn, or of several: `plt.setp(lines, { linewidth: 2 })`. */
  setp(obj: Artist | readonly Artist[], properties: Record<string, unknown>): void {
    for (const artist of [obj].flat() as Artist[]) artist.set(properties);
  },

  imsave,
  imread,

  /** A scale of the colours of the current image, or of the one that is given. */
  colorbar(
    ...args:
      | [mappable?: Mappable | null, options?: ColorbarOptions & { cax?: Axes; ax?: Axes | readonly Axes[] }]
      | [options?: ColorbarOptions & { cax?: Axes; ax?: Axes | readonly Axes[] }]
  ) {
    const [first, second] = args;
    const isNamed = first !== undefined && first !== null && isOptions(first);
    const mappable = isNamed || !first ? gci() : (first as Mappable);
    if (!mappable)
      throw new Error(
        "No mappable was found to use for colorbar creation. First define a mappable such as an image (with imshow) or a contour set (with contourf).",
      );
    return gcf().colorbar(mappable, ((isNamed ? first : second) ?? {}) as ColorbarOptions);
  },

  /** The limits of the colours of the current image. */
  clim(vmin: number, vmax: number): void {
    const image = gci() as (Mappable & { setClim?(vmin: number, vmax: number): void }) | undefined;
    if (!image?.setClim) throw new Error("You must first define an image, e.g., with imshow");
    image.setClim(vmin, vmax);
  },

  /** The ticks of x and their labels: sets them if some are given, and returns them. */
  xticks(...args: TickArgs | []): [number[], string[]] {
    const axes = gca();
    if (args.length > 0) axes.setXticks(...(args as TickArgs));
    return [axes.getXticks(), axes.getXticklabels()];
  },

  /** The ticks of y and their labels: sets them if some are given, and returns them. */
  yticks(...args: TickArgs | []): [number[], string[]] {
    const axes = gca();
    if (args.length > 0) axes.setYticks(...(args as TickArgs));
    return [axes.getYticks(), axes.getYticklabels()];
  },

  /** A matrix in a figure of its own, or in the current axes with `fignum: 0`, or in the figure with a number. */
  matshow(
    A: Matrix,
    ...rest:
      | [fignum?: number | boolean | null, options?: ImageOptions]
      | [options?: ImageOptions & { fignum?: number | boolean }]
  ): ReturnType<Axes["matshow"]> {
    const { fignum, ...options } = (isOptions(rest[0]) ? rest[0] : { ...rest[1], fignum: rest[0] }) as ImageOptions & {
      fignum?: number | boolean | null;
    };
    if (fignum === 0 || fignum === false) return gca().matshow(A, options);
    const { shape } = readMatrix(A, "A");
    const figure = openFigure(typeof fignum === "number" ? fignum : undefined, {
      figsize: matrixFigsize(shape as [number, number]),
    });
    return figure.addAxes([0.15, 0.09, 0.775, 0.775]).matshow(A, options);
  },

  /** New axes over the current ones, with the same x and a y of their own on the right. */
  twinx(ax: Axes = gca()): Axes {
    return ax.twinx();
  },

  /** New axes over the current ones, with the same y and an x of their own at the top. */
  twiny(ax: Axes = gca()): Axes {
    return ax.twiny();
  },

  /** Sets margins and gaps so that no text is cut off or overlaps. */
  tightLayout(options: Parameters<Figure["tightLayout"]>[0] = {}): void {
    gcf().tightLayout(options);
  },

  /** Sets the margins around the grid of axes and the gaps in it. */
  subplotsAdjust(options: Parameters<Figure["subplotsAdjust"]>[0] = {}): void {
    gcf().subplotsAdjust(options);
  },

  /** Writes the current figure to a file: PNG, SVG or HTML. */
  savefig(fname: string, options: SaveOptions = {}): void {
    gcf().savefig(fname, options);
  },

  /** Shows all figures: in the browser, the terminal, or as files where there is no display. Returns at once. */
  show(): void {
    showFigures(allFigures());
  },

  /** Draws the figures that are shown in a page anew. */
  draw(): void {
    refreshFigures(allFigures());
  },

  /** Shows the figures that are not shown yet, draws the others anew, and waits so many seconds. */
  async pause(interval: number): Promise<void> {
    if (getBackend() === "browser") showFigures(allFigures());
    await new Promise((done) => setTimeout(done, interval * 1000));
  },

  /** The colormap with a name. */
  getCmap,
  /** Makes a colormap the default one. */
  setCmap(cmap: string): void {
    colormaps.get(cmap);
    rcParams["image.cmap"] = cmap;
  },

  /** Sets several settings of a group: `plt.rc("lines", { linewidth: 2 })`. */
  rc(group: string, settings: Record<string, unknown>): void {
    updateRcParams(
      Object.fromEntries(
        Object.entries(settings).map(([name, value]) => [`${group}.${name}`, value]),
      ) as Partial<RcParams>,
    );
  },

  rcdefaults,
  rcContext,
};

/** A size that suits a matrix: as high as other figures, and not less than 4 × 2 nor more than 16 × 16 inches. */
function matrixFigsize([rows, columns]: readonly [number, number]): [number, number] {
  const [, height] = rcParams["figure.figsize"] as readonly [number, number];
  const wanted: [number, number] = [(height * columns) / rows, height];
  const grow = Math.min(1, wanted[0] / 4, wanted[1] / 2);
  const shrink = Math.max(1, wanted[0] / grow / 16, wanted[1] / grow / 16);
  const fit = (side: number, least: number): number => Math.max(least, Math.min(16, side / grow / shrink));
  return [fit(wanted[0], 4), fit(wanted[1], 2)];
}

function placeOf(axes: Axes): readonly number[] | undefined {
  const spec = axes.subplotSpec;
  return spec && !spec.grid.parent ? [spec.grid.nrows, spec.grid.ncols, ...spec.rows, ...spec.columns] : undefined;
}

/** matplotlib.pyplot: functions that draw into the current axes of the current figure. */
export const plt = Object.assign(passCalls(), own, {
  rcParams,
  style,
  colormaps,
  Figure,
  Axes,
  Circle,
  Rectangle,
  Polygon,
  Ellipse,
  Wedge,
  GridSpec,
});
export type Pyplot = typeof plt;
