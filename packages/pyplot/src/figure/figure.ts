/** A figure: axes on a page, and how it is written. */
import { writeFileSync } from "node:fs";
import { extname } from "node:path";
import type { Artist } from "../artists/artist.js";
import type { Labelled } from "../artists/containers.js";
import { Legend, type LegendOptions, legendEntries, legendTable } from "../artists/legend.js";
import type { Text, TextOptions } from "../artists/text.js";
import { Axes } from "../axes/axes.js";
import { View } from "../axis/view.js";
import { type Pixels, renderPixels, renderPng } from "../canvas/png.js";
import { Canvas } from "../canvas/svg.js";
import { type Color, toRgba } from "../color/colors.js";
import type { Mappable } from "../color/norms.js";
import { Box, Path } from "../geometry.js";
import { kind, number, readCall, readOptions } from "../options.js";
import { showFigures } from "../pyplot/show.js";
import { rcParams } from "../rc/rcParams.js";
import { Colorbar, type ColorbarOptions } from "./colorbar.js";
import { GridSpec, type GridSpecOptions, type SubplotParams, type SubplotSpec } from "./gridspec.js";
import { fitLayout, type LayoutOptions } from "./layout.js";
import {
  type AxesOptions,
  axesTable,
  type FigureOptions,
  figureTable,
  type SaveOptions,
  type SubplotsOptions,
  saveTable,
  subplotsTable,
} from "./options.js";
import { figurePage } from "./page.js";
import { type AxesGrid, cellOf, makeMosaic, makeSubplots, specOf, squeezed } from "./subplots.js";
import { FigureWords } from "./words.js";

/** How a page is drawn. */
interface DrawOptions {
  readonly facecolor?: Color | undefined;
  readonly transparent?: boolean | undefined;
}

/** A page with axes. */
export class Figure {
  readonly axes: Axes[] = [];

  readonly subplotParams: SubplotParams;

  readonly #words = new FigureWords();

  figsize: readonly [number, number];

  dpi: number;

  facecolor: Color;

  number = 0;

  label = "";

  #legend: Legend | undefined;

  #layout: LayoutOptions | undefined;

  #current: Axes | undefined;

  constructor(options: FigureOptions = {}) {
    const { figsize, dpi, facecolor, tightLayout, layout } = readOptions("figure", figureTable, options);
    this.figsize = figsize ?? (rcParams["figure.figsize"] as readonly [number, number]);
    if (!this.figsize.every((side) => Number.isFinite(side) && side > 0)) {
      throw new RangeError(`figure size must be positive finite not (${this.figsize.join(", ")})`);
    }
    this.dpi = dpi ?? rcParams["figure.dpi"];
    this.facecolor = facecolor ?? rcParams["figure.facecolor"];
    if (tightLayout || (layout && layout !== "none") || rcParams["figure.autolayout"]) this.#layout = {};
    const rc = rcParams;
    this.subplotParams = {
      left: rc["figure.subplot.left"],
      right: rc["figure.subplot.right"],
      bottom: rc["figure.subplot.bottom"],
      top: rc["figure.subplot.top"],
      wspace: rc["figure.subplot.wspace"],
      hspace: rc["figure.subplot.hspace"],
    };
  }

  /** The width in points. */
  get width(): number {
    return this.figsize[0] * 72;
  }

  /** The height in points. */
  get height(): number {
    return this.figsize[1] * 72;
  }

  /** From (0, 0) at the lower left corner of the figure to (1, 1). */
  get transFigure() {
    return {
      name: "figure" as const,
      map: (x: number, y: number): [number, number] => [x * this.width, (1 - y) * this.height],
    };
  }

  /** Adds axes that were made elsewhere, and makes them the current ones. */
  insertAxes(axes: Axes): Axes {
    this.axes.push(axes);
    this.#current = axes;
    return axes;
  }

  /**
   * Axes in a cell of a grid, which is counted along the rows from 1; `[1, 2]` are several cells.
   *
   * @example figure.addSubplot(3, 3, i)
   * @throws RangeError for a cell that does not exist.
   */
  addSubplot(
    ...args:
      | [nrows: number, ncols: number, index: number | readonly [number, number], options?: AxesOptions]
      | [cell: number | SubplotSpec, options?: AxesOptions]
      | [options?: AxesOptions]
  ): Axes {
    const places = typeof args[0] === "number" && typeof args[1] === "number" ? ["nrows", "ncols", "index"] : ["cell"];
    const [read, at] = readCall("addSubplot", args, places, places.length === 3 ? 3 : 0, axesTable);
    const spec = places.length === 3 ? cellOf(at.nrows as number, at.ncols as number, at.index) : specOf(at.cell);
    const axes = this.#newAxes(read);
    axes.subplotSpec = spec;
    return this.insertAxes(axes);
  }

  #newAxes(read: {
    sharex?: Axes;
    sharey?: Axes;
    facecolor?: Color;
    title?: string;
    xlabel?: string;
    ylabel?: string;
    frameon?: boolean;
    label?: string;
  }): Axes {
    const axes = new Axes(this, { x: read.sharex, y: read.sharey });
    if (read.facecolor !== undefined) axes.setFacecolor(read.facecolor);
    if (read.title !== undefined) axes.setTitle(read.title);
    if (read.xlabel !== undefined) axes.setXlabel(read.xlabel);
    if (read.ylabel !== undefined) axes.setYlabel(read.ylabel);
    if (read.frameon !== undefined) axes.setFrameOn(read.frameon);
    axes.label = read.label ?? "";
    return axes;
  }

  /** Axes at `[left, bottom, width, height]` in fractions of the figure. */
  addAxes(rect: readonly [number, number, number, number], options: AxesOptions = {}): Axes {
    const axes = this.#newAxes(readOptions("addAxes", axesTable, options));
    axes.setPosition(rect);
    return this.insertAxes(axes);
  }

  /**
   * A grid of axes. Gives one `Axes`, an array of them for one row or column, else rows of them.
   *
   * @example const [[a, b], [c, d]] = figure.subplots(2, 2, { sharex: true })
   */
  subplots(nrows: number, ncols: number, options: SubplotsOptions & { squeeze: false }): Axes[][];
  subplots<R extends number = 1, C extends number = 1>(nrows?: R, ncols?: C, options?: SubplotsOptions): AxesGrid<R, C>;
  subplots<R extends number = 1, C extends number = 1>(
    options: SubplotsOptions & { nrows?: R; ncols?: C },
  ): AxesGrid<R, C>;
  subplots(...args: unknown[]): unknown {
    const [{ squeeze = true, ...options }, at] = readCall("subplots", args, ["nrows", "ncols"], 0, subplotsTable);
    const { nrows = 1, ncols = 1 } = at as { nrows?: number; ncols?: number };
    const rows = makeSubplots(this, nrows, ncols, options);
    return squeeze ? squeezed(rows) : rows;
  }

  /** Axes by name, laid out as the names stand: `figure.subplotMosaic([["a", "a"], ["b", "c"]])`; `"."` stays empty. */
  subplotMosaic(mosaic: readonly (readonly string[])[] | string, options: SubplotsOptions = {}): Record<string, Axes> {
    return makeMosaic(this, mosaic, options);
  }

  /** A grid for axes that take several cells. */
  addGridspec(nrows = 1, ncols = 1, options: GridSpecOptions = {}): GridSpec {
    return new GridSpec(nrows, ncols, options);
  }

  /** The current axes; new ones if there are none. */
  gca(): Axes {
    return this.#current ?? this.addSubplot(1, 1, 1);
  }

  /** Makes axes the current ones. */
  sca(axes: Axes): Axes {
    if (!this.axes.includes(axes)) throw new Error("Axes instance is not part of the figure");
    this.#current = axes;
    return axes;
  }

  /** Takes axes out; called by `axes.remove()`. */
  deleteAxes(axes: { readonly figure: Figure }): void {
    const at = this.axes.indexOf(axes as Axes);
    if (at >= 0) this.axes.splice(at, 1);
    if (this.#current === axes) this.#current = this.axes.at(-1);
  }

  /** Takes axes out of the figure. */
  delaxes(axes: Axes): void {
    axes.remove();
  }

  /** All axes, in the order in which they were added. */
  getAxes(): Axes[] {
    return [...this.axes];
  }

  /** Takes out all axes and words. */
  clear(): void {
    this.axes.length = 0;
    this.#words.clear();
    this.#current = this.#legend = undefined;
  }

  /** Takes out all axes and words. */
  clf(): void {
    this.clear();
  }

  /** A title over all axes. */
  suptitle(t: string, options: TextOptions & { x?: number; y?: number } = {}): Text {
    return this.#words.setTitle(t, options);
  }

  /** The name of all x below the axes. */
  supxlabel(t: string, options: TextOptions = {}): Text {
    return this.#words.setBelow(t, options);
  }

  /** The name of all y beside the axes. */
  supylabel(t: string, options: TextOptions = {}): Text {
    return this.#words.setBeside(t, options);
  }

  /** A text at fractions of the figure. */
  text(x: number, y: number, s: string, options: TextOptions = {}): Text {
    return this.#words.add(x, y, s, options);
  }

  /** A legend for the whole figure, of all that has a label in its axes. */
  legend(
    ...args:
      | [handles?: readonly Labelled[] | null, labels?: readonly string[], options?: LegendOptions]
      | [options?: LegendOptions]
  ): Legend {
    const [read] = readCall("legend", args, ["handles", "labels"], 0, legendTable);
    const handles =
      (read.handles as readonly Labelled[] | undefined) ??
      this.axes.flatMap((axes) => axes.getLegendHandlesLabels()[0]);
    const entries = legendEntries(handles, read.labels);
    this.#legend = new Legend(entries, { loc: "upper right", ...read }, this.facecolor);
    return this.#legend;
  }

  /**
   * A scale of the colours of an image, a scatter plot or a contour plot, beside its axes or in axes of its own (`cax`).
   *
   * @example figure.colorbar(ax.imshow(x), { label: "intensity" })
   */
  colorbar(mappable: Mappable, options: ColorbarOptions & { cax?: Axes; ax?: Axes | readonly Axes[] } = {}): Colorbar {
    const owner = this.axes.find(
      (axes) => axes.artists.includes(mappable as unknown as Artist) || axes.currentImage === mappable,
    );
    const current = this.#current;
    const bar = new Colorbar(this, mappable, options, owner ?? this.gca());
    if (current && !options.cax) this.#current = current;
    return bar;
  }

  /** Sets the margins around the grid of axes and the gaps in it. */
  subplotsAdjust(options: Partial<SubplotParams> = {}): void {
    const table = { left: number, right: number, bottom: number, top: number, wspace: number, hspace: number };
    const read = readOptions("subplotsAdjust", table, options);
    const next = { ...this.subplotParams, ...read };
    if (next.left >= next.right) throw new Error("left cannot be >= right");
    if (next.bottom >= next.top) throw new Error("bottom cannot be >= top");
    Object.assign(this.subplotParams, read);
  }

  /** Sets margins and gaps so that no text is cut off or overlaps, when the figure is drawn. */
  tightLayout(options: LayoutOptions = {}): void {
    const table = {
      pad: number,
      hPad: number,
      wPad: number,
      rect: kind<readonly [number, number, number, number]>(
        "[left, bottom, right, top]",
        (v) => Array.isArray(v) && v.length === 4,
      ),
    };
    const read = readOptions("tightLayout", table, options);
    this.#keepViews(() => fitLayout(this, read));
  }

  /** Whether the layout is made tight each time the figure is drawn. */
  setTightLayout(isOn: boolean): void {
    this.#layout = isOn ? {} : undefined;
  }

  /** Sets the width and height, in inches. */
  setSizeInches(width: number, height: number): void {
    this.figsize = [width, height];
  }

  /** The width and height, in inches. */
  getSizeInches(): readonly [number, number] {
    return this.figsize;
  }

  /** Sets how many pixels an inch has. */
  setDpi(dpi: number): void {
    this.dpi = dpi;
  }

  /** Sets the colour of the background. */
  setFacecolor(value: Color): void {
    toRgba(value);
    this.facecolor = value;
  }

  /** Turns the labels of x, so that long ones do not overlap. */
  autofmtXdate({ rotation = 30 }: { rotation?: number } = {}): void {
    for (const axes of this.axes) Object.assign(axes.xaxis.labelProperties, { rotation, horizontalalignment: "right" });
  }

  /** Draws everything; `scale` is in pixels for a point where lines are put on whole pixels. */
  draw(options: DrawOptions & { scale?: number | undefined; prefix?: string } = {}): Canvas {
    return this.drawOn(new Canvas(this.width, this.height, options.scale, options.prefix), options);
  }

  /** Draws everything on a page. */
  drawOn<C extends Canvas>(canvas: C, options: DrawOptions = {}): C {
    if (this.#layout) this.tightLayout(this.#layout);
    this.#keepViews(() => this.#drawAll(canvas, options));
    return canvas;
  }

  #keepViews<T>(act: () => T): T {
    return View.whileKept(
      this.axes.flatMap((axes) => [axes.xaxis.view, axes.yaxis.view]),
      act,
    );
  }

  #drawAll(canvas: Canvas, { facecolor = this.facecolor, transparent = false }: DrawOptions): void {
    const page = Path.rectangle(0, 0, this.width, this.height);
    if (!transparent) canvas.path(page, { fill: toRgba(facecolor) });
    const sorted = this.axes.map((axes, i) => ({ axes, i })).sort((a, b) => a.axes.zorder - b.axes.zorder || a.i - b.i);
    for (const { axes, i } of sorted) {
      canvas.group(`class="axes" data-axes="${i}"`, () => axes.draw(canvas, transparent));
    }
    for (const { text, placed } of this.#words.placed(this.transFigure.map)) text.drawPlaced(canvas, placed);
    this.#legend?.drawIn(canvas, this.#frame(), []);
  }

  #frame() {
    const box = new Box(0, 0, this.width, this.height);
    const whole = this.transFigure;
    return { box, transData: whole, transAxes: whole, transXaxis: whole, transYaxis: whole };
  }

  /** How high and wide the words over all axes are, in points. */
  get reserved(): { top: number; bottom: number; left: number } {
    return this.#words.reserved;
  }

  /** The box around all that is drawn. */
  tightBox(): Box {
    return this.#keepViews(() => this.#tightBox());
  }

  #tightBox(): Box {
    const boxes = this.axes.filter((axes) => axes.isVisible).map((axes) => axes.tightBox());
    for (const { placed } of this.#words.placed(this.transFigure.map)) boxes.push(placed.box);
    if (this.#legend) boxes.push(this.#legend.union(boxes[0] ?? new Box(0, 0, 1, 1), this.#frame(), []));
    return Box.union(boxes) ?? new Box(0, 0, this.width, this.height);
  }

  /** The figure as SVG. */
  toSvg(options: SaveOptions = {}): string {
    const read = this.#readSave(options);
    const canvas = this.draw(read);
    return canvas.toString({ box: this.#page(read) });
  }

  /** The figure as PNG. */
  toPng(options: SaveOptions = {}): Buffer {
    const { svg, zoom } = this.#forPixels(options);
    return renderPng(svg, zoom);
  }

  /** The pixels of the figure. */
  toPixels(options: SaveOptions = {}): Pixels {
    const { svg, zoom } = this.#forPixels(options);
    return renderPixels(svg, zoom);
  }

  #forPixels(options: SaveOptions): { svg: string; zoom: number } {
    const read = this.#readSave(options);
    const dpi = read.dpi === undefined || read.dpi === "figure" ? this.dpi : read.dpi;
    const zoom = dpi / 72;
    const canvas = this.draw({ ...read, scale: zoom });
    const page = this.#page(read);
    const whole = (v: number): number => Math.round(v * zoom) / zoom;
    const box = new Box(whole(page.left), whole(page.top), whole(page.right), whole(page.bottom));
    return { svg: canvas.toString({ box, unit: "" }), zoom };
  }

  /** The figure as a page that stands alone, with values under the pointer and zoom. */
  toHtml(options: SaveOptions = {}): string {
    return figurePage([this], this.#readSave(options));
  }

  #readSave(options: SaveOptions) {
    const read = readOptions("savefig", saveTable, options);
    const facecolor =
      read.facecolor ?? (rcParams["savefig.facecolor"] === "auto" ? undefined : rcParams["savefig.facecolor"]);
    return {
      ...read,
      ...(facecolor !== undefined && { facecolor }),
      transparent: read.transparent ?? rcParams["savefig.transparent"],
      dpi: read.dpi ?? rcParams["savefig.dpi"],
    };
  }

  #page({
    bboxInches = rcParams["savefig.bbox"] ?? "standard",
    padInches = rcParams["savefig.pad_inches"],
  }: {
    bboxInches?: "tight" | "standard";
    padInches?: number;
  }): Box {
    return bboxInches === "tight" ? this.tightBox().expand(padInches * 72) : new Box(0, 0, this.width, this.height);
  }

  /**
   * Writes the figure to a file, as PNG, SVG or an HTML page by the end of its name or `format`.
   *
   * @example figure.savefig("loss.png", { dpi: 150, bboxInches: "tight" })
   * @throws Error for another format.
   */
  savefig(fname: string, options: SaveOptions = {}): void {
    const end = extname(fname).slice(1).toLowerCase();
    const format = options.format ?? (end === "" ? rcParams["savefig.format"] : end);
    const path = end === "" ? `${fname}.${format}` : fname;
    const writers: Record<string, () => string | Buffer> = {
      png: () => this.toPng(options),
      svg: () => this.toSvg(options),
      html: () => this.toHtml(options),
    };
    const write = writers[format];
    if (!write) throw new Error(`Format '${format}' is not supported (supported formats: html, png, svg)`);
    writeFileSync(path, write());
  }

  /** Shows the figure, as `plt.show()` does all of them. */
  show(): void {
    showFigures([this]);
  }
}
