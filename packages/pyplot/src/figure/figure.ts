/** A figure: axes on a page, and how it is written. */
import { writeFileSync } from "node:fs";
import { extname } from "node:path";
import type { Artist } from "../artists/artist.js";
import type { Labelled } from "../artists/containers.js";
import { Legend, type LegendOptions, legendEntries, legendTable } from "../artists/legend.js";
import { Text, type TextOptions, textTable } from "../artists/text.js";
import { Axes } from "../axes/axes.js";
import { View } from "../axis/view.js";
import { type Pixels, renderPixels, renderPng } from "../canvas/png.js";
import { Canvas } from "../canvas/svg.js";
import { type Color, toRgba } from "../color/colors.js";
import type { Mappable } from "../color/norms.js";
import { Box, Path } from "../geometry.js";
import { color, flag, kind, number, type Options, pair, readCall, readOptions, text, words } from "../options.js";
import { showFigures } from "../pyplot/show.js";
import { rcParams } from "../rc/rcParams.js";
import { Colorbar, type ColorbarOptions } from "./colorbar.js";
import { type GridIndex, GridSpec, type GridSpecOptions, type SubplotParams, SubplotSpec } from "./gridspec.js";
import { fitLayout, type LayoutOptions } from "./layout.js";
import { figurePage } from "./page.js";

const figureTable = {
  figsize: pair,
  dpi: number,
  facecolor: color,
  edgecolor: color,
  tightLayout: flag,
  layout: words("tight", "constrained", "none"),
  num: kind<number | string>("int or str", (v) => typeof v === "number" || typeof v === "string"),
  clear: flag,
  frameon: flag,
};
export type FigureOptions = Options<typeof figureTable>;
export { figureTable };

const axesTable = {
  sharex: kind<Axes>("Axes", (v) => v instanceof Axes),
  sharey: kind<Axes>("Axes", (v) => v instanceof Axes),
  facecolor: color,
  title: text,
  xlabel: text,
  ylabel: text,
  frameon: flag,
  label: text,
};
export type AxesOptions = Options<typeof axesTable>;

const share = kind<boolean | "all" | "none" | "row" | "col">(
  "bool, 'all', 'none', 'row' or 'col'",
  (v) => typeof v === "boolean" || ["all", "none", "row", "col"].includes(v as string),
);
export const subplotsTable = {
  sharex: share,
  sharey: share,
  squeeze: flag,
  widthRatios: kind<readonly number[]>("list of float", Array.isArray),
  heightRatios: kind<readonly number[]>("list of float", Array.isArray),
  gridspecKw: kind<GridSpecOptions>("dict", (v) => typeof v === "object"),
  subplotKw: kind<AxesOptions>("dict", (v) => typeof v === "object"),
};
export type SubplotsOptions = Options<typeof subplotsTable>;

const saveTable = {
  dpi: kind<number | "figure">("float or 'figure'", (v) => v === "figure" || (typeof v === "number" && v > 0)),
  format: words("png", "svg", "html"),
  facecolor: color,
  edgecolor: color,
  transparent: flag,
  bboxInches: kind<"tight" | "standard">("'tight'", (v) => v === "tight" || v === "standard"),
  padInches: number,
};
export type SaveOptions = Options<typeof saveTable>;

/** How a page is drawn. */
interface DrawOptions {
  readonly facecolor?: Color | undefined;
  readonly transparent?: boolean | undefined;
}

/** The axes of a grid: one, a row or column of them, or rows of them. */
export type AxesGrid = Axes & Axes[] & Axes[][];

/** A page with axes. */
export class Figure {
  readonly axes: Axes[] = [];
  readonly subplotParams: SubplotParams;
  readonly texts: { text: Text; at: [number, number] }[] = [];
  readonly patches: Artist[] = [];
  figsize: readonly [number, number];
  dpi: number;
  facecolor: Color;
  number = 0;
  label = "";
  #suptitle: Text | undefined;
  #suptitleAt: [number, number] = [0.5, 0.98];
  #names: { x?: Text; y?: Text } = {};
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

  // ---------------------------------------------------------------- axes

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
   * @example const axes = figure.subplots(2, 3, { sharex: true })
   */
  subplots(
    ...args: [nrows?: number, ncols?: number, options?: SubplotsOptions] | [options?: SubplotsOptions]
  ): AxesGrid {
    const [read, at] = readCall("subplots", args, ["nrows", "ncols"], 0, subplotsTable);
    const { nrows = 1, ncols = 1 } = at as { nrows?: number; ncols?: number };
    const { sharex = false, sharey = false, squeeze = true, gridspecKw, subplotKw = {} } = read;
    const ratios = { widthRatios: read.widthRatios, heightRatios: read.heightRatios };
    const grid = new GridSpec(nrows, ncols, { ...ratios, ...gridspecKw });
    const rows: Axes[][] = [];
    for (let r = 0; r < nrows; r++) {
      rows.push([]);
      for (let c = 0; c < ncols; c++) {
        const source = (how: typeof sharex): Axes | undefined => {
          if (how === true || how === "all") return rows[0]?.[0];
          return how === "row" ? rows[r]?.[0] : how === "col" ? rows[0]?.[c] : undefined;
        };
        const axes = this.addSubplot(grid.at(r, c), { ...subplotKw, sharex: source(sharex), sharey: source(sharey) });
        const [first, last] = [c === 0, r === nrows - 1];
        if ((sharex === true || sharex === "all" || sharex === "col") && !last)
          axes.xaxis.major.labels[0] = axes.xaxis.minor.labels[0] = false;
        if ((sharey === true || sharey === "all" || sharey === "row") && !first)
          axes.yaxis.major.labels[0] = axes.yaxis.minor.labels[0] = false;
        (rows[r] as Axes[]).push(axes);
      }
    }
    if (!squeeze) return rows as unknown as AxesGrid;
    const squeezed =
      nrows === 1 && ncols === 1
        ? rows[0]?.[0]
        : nrows === 1
          ? rows[0]
          : ncols === 1
            ? rows.map((row) => row[0])
            : rows;
    return squeezed as unknown as AxesGrid;
  }

  /** Axes by name, laid out as the names stand: `figure.subplotMosaic([["a", "a"], ["b", "c"]])`; `"."` stays empty. */
  subplotMosaic(mosaic: readonly (readonly string[])[] | string, options: SubplotsOptions = {}): Record<string, Axes> {
    const { widthRatios, heightRatios, gridspecKw } = readOptions("subplotMosaic", subplotsTable, options);
    const rows =
      typeof mosaic === "string"
        ? mosaic
            .trim()
            .split(/[\n;]/)
            .map((row) => [...row.trim()])
        : mosaic;
    const grid = new GridSpec(rows.length, rows[0]?.length ?? 0, { widthRatios, heightRatios, ...gridspecKw });
    const named: Record<string, Axes> = {};
    for (const name of new Set(rows.flat())) {
      if (name === ".") continue;
      const at = rows.flatMap((row, r) => row.flatMap((one, c) => (one === name ? [[r, c] as const] : [])));
      const span = (k: 0 | 1): GridIndex => [Math.min(...at.map((p) => p[k])), Math.max(...at.map((p) => p[k])) + 1];
      named[name] = this.addSubplot(grid.at(span(0), span(1)), { label: name });
    }
    return named;
  }

  addGridspec(nrows = 1, ncols = 1, options: GridSpecOptions = {}): GridSpec {
    return new GridSpec(nrows, ncols, options);
  }

  /** The current axes; new ones if there are none. */
  gca(): Axes {
    return this.#current ?? this.addSubplot(1, 1, 1);
  }

  sca(axes: Axes): Axes {
    if (!this.axes.includes(axes)) throw new Error("Axes instance is not part of the figure");
    this.#current = axes;
    return axes;
  }

  deleteAxes(axes: { readonly figure: Figure }): void {
    const at = this.axes.indexOf(axes as Axes);
    if (at >= 0) this.axes.splice(at, 1);
    if (this.#current === axes) this.#current = this.axes.at(-1);
  }

  delaxes(axes: Axes): void {
    axes.remove();
  }

  getAxes(): Axes[] {
    return [...this.axes];
  }

  clear(): void {
    this.axes.length = 0;
    this.texts.length = 0;
    this.#current = this.#suptitle = this.#legend = undefined;
    this.#names = {};
  }

  clf(): void {
    this.clear();
  }

  // ---------------------------------------------------------------- words

  /** A title over all axes. */
  suptitle(t: string, options: TextOptions & { x?: number; y?: number } = {}): Text {
    const { x = 0.5, y = 0.98, ...style } = readOptions("suptitle", { ...textTable, x: number, y: number }, options);
    this.#suptitleAt = [x, y];
    this.#suptitle = new Text(0, 0, t, {
      fontsize: rcParams["figure.titlesize"],
      fontweight: rcParams["figure.titleweight"],
      horizontalalignment: "center",
      verticalalignment: "top",
      ...style,
    });
    return this.#suptitle;
  }

  /** The name of all x below the axes. */
  supxlabel(t: string, options: TextOptions = {}): Text {
    this.#names.x = new Text(0, 0, t, {
      fontsize: "large",
      horizontalalignment: "center",
      verticalalignment: "bottom",
      ...readOptions("supxlabel", textTable, options),
    });
    return this.#names.x;
  }

  /** The name of all y beside the axes. */
  supylabel(t: string, options: TextOptions = {}): Text {
    this.#names.y = new Text(0, 0, t, {
      fontsize: "large",
      rotation: 90,
      horizontalalignment: "left",
      verticalalignment: "center",
      ...readOptions("supylabel", textTable, options),
    });
    return this.#names.y;
  }

  /** A text at fractions of the figure. */
  text(x: number, y: number, s: string, options: TextOptions = {}): Text {
    const text = new Text(0, 0, s, readOptions("text", textTable, options));
    this.texts.push({ text, at: [x, y] });
    return text;
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

  // ---------------------------------------------------------------- layout

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

  setTightLayout(isOn: boolean): void {
    this.#layout = isOn ? {} : undefined;
  }

  setSizeInches(width: number, height: number): void {
    this.figsize = [width, height];
  }

  getSizeInches(): readonly [number, number] {
    return this.figsize;
  }

  setDpi(dpi: number): void {
    this.dpi = dpi;
  }

  setFacecolor(value: Color): void {
    toRgba(value);
    this.facecolor = value;
  }

  autofmtXdate({ rotation = 30 }: { rotation?: number } = {}): void {
    for (const axes of this.axes) Object.assign(axes.xaxis.labelProperties, { rotation, horizontalalignment: "right" });
  }

  // ---------------------------------------------------------------- drawing

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
    for (const { text, placed } of this.#placedTexts()) text.drawPlaced(canvas, placed);
    this.#legend?.drawIn(canvas, this.#frame(), []);
  }

  #frame() {
    const box = new Box(0, 0, this.width, this.height);
    const whole = this.transFigure;
    return { box, transData: whole, transAxes: whole, transXaxis: whole, transYaxis: whole };
  }

  *#placedTexts() {
    const { map } = this.transFigure;
    if (this.#suptitle) yield { text: this.#suptitle, placed: this.#suptitle.placeAt(map(...this.#suptitleAt)) };
    if (this.#names.x) yield { text: this.#names.x, placed: this.#names.x.placeAt(map(0.5, 0.01)) };
    if (this.#names.y) yield { text: this.#names.y, placed: this.#names.y.placeAt(map(0.02, 0.5)) };
    for (const { text, at } of this.texts) yield { text, placed: text.placeAt(map(...at)) };
  }

  /** How high and wide the words over all axes are, in points. */
  get reserved(): { top: number; bottom: number; left: number } {
    const box = (text: Text | undefined): Box | undefined =>
      text && [...this.#placedTexts()].find((one) => one.text === text)?.placed.box;
    return {
      top: box(this.#suptitle)?.height ?? 0,
      bottom: box(this.#names.x)?.height ?? 0,
      left: box(this.#names.y)?.width ?? 0,
    };
  }

  /** The box around all that is drawn. */
  tightBox(): Box {
    return this.#keepViews(() => this.#tightBox());
  }

  #tightBox(): Box {
    const boxes = this.axes.filter((axes) => axes.isVisible).map((axes) => axes.tightBox());
    for (const { placed } of this.#placedTexts()) boxes.push(placed.box);
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

function cellOf(nrows: number, ncols: number, index: unknown): SubplotSpec {
  const grid = new GridSpec(nrows, ncols);
  const [first, last] = Array.isArray(index) ? (index as [number, number]) : [index as number, index as number];
  for (const one of [first, last]) {
    if (!Number.isInteger(one) || one < 1 || one > nrows * ncols)
      throw new RangeError(`num must be an integer with 1 <= num <= ${nrows * ncols}, not ${one}`);
  }
  return grid.cell(first - 1, last - 1);
}

function specOf(cell: unknown): SubplotSpec {
  if (cell === undefined) return cellOf(1, 1, 1);
  if (cell instanceof SubplotSpec) return cell;
  if (typeof cell === "number" && Number.isInteger(cell) && cell >= 111 && cell <= 999) {
    const [rows, columns, index] = [...String(cell)].map(Number) as [number, number, number];
    return cellOf(rows, columns, index);
  }
  throw new TypeError("Single argument to subplot must be a three-digit integer or a cell of a grid");
}
