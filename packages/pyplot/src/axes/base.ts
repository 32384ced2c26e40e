/** The core of axes: place, limits, things to draw, and how they are drawn. */
import type { Artist, Bounds, Coordinates, Frame } from "../artists/artist.js";
import type { Labelled } from "../artists/containers.js";
import { Text } from "../artists/text.js";
import { Axis } from "../axis/axis.js";
import { View } from "../axis/view.js";
import type { Canvas } from "../canvas/svg.js";
import { type Color, cycleColor, type Rgba, toHex, toRgba } from "../color/colors.js";
import type { Mappable } from "../color/norms.js";
import { isNames, readVector } from "../data.js";
import type { Figure } from "../figure/figure.js";
import type { Fractions, SubplotSpec } from "../figure/gridspec.js";
import { Box, Path, type Point } from "../geometry.js";
import { rcParams } from "../rc/rcParams.js";
import { type SpineName, Spines } from "./spines.js";

/** A part of a figure with a pair of axes. */
export class AxesBase implements Frame {
  readonly xaxis: Axis;
  readonly yaxis: Axis;
  readonly spines = new Spines();
  readonly artists: Artist[] = [];
  /** What has one entry in the legend for several artists. */
  readonly containers: Labelled[] = [];
  readonly titles: Record<"left" | "center" | "right", Text>;
  titlePad = rcParams["axes.titlepad"];
  /** Where the title stands, as a share of the height; `undefined` where it keeps clear of what is above the axes. */
  titleY: number | undefined;
  subplotSpec: SubplotSpec | undefined;
  fixedPlace: Fractions | undefined;
  /** Works out the place of axes that lie in others. */
  placeFrom: (() => Fractions) | undefined;
  facecolor: Color = rcParams["axes.facecolor"];
  isOn = true;
  hasFrame = true;
  isVisible = true;
  zorder = 0;
  label = "";
  axisbelow: boolean | "line" = rcParams["axes.axisbelow"];
  aspect: number | "auto" = "auto";
  adjustable: "box" | "datalim" = "box";
  boxAspect: number | undefined;
  anchor: Point = [0.5, 0.5];
  /** The image or collection that `plt.colorbar()` explains. */
  currentImage: Mappable | undefined;
  #lineColors = 0;
  #patchColors = 0;
  #colors: readonly Color[] | undefined;

  constructor(
    readonly figure: Figure,
    shared: { x?: AxesBase | undefined; y?: AxesBase | undefined } = {},
  ) {
    this.xaxis = new Axis("x", shared.x?.xaxis.view ?? new View("x", () => rcParams["axes.xmargin"]));
    this.yaxis = new Axis("y", shared.y?.yaxis.view ?? new View("y", () => rcParams["axes.ymargin"]));
    this.xaxis.view.sources.add(this);
    this.yaxis.view.sources.add(this);
    const title = (): Text =>
      new Text(0, 0, "", {
        fontsize: rcParams["axes.titlesize"],
        fontweight: rcParams["axes.titleweight"],
        color: rcParams["axes.titlecolor"] === "auto" ? rcParams["text.color"] : rcParams["axes.titlecolor"],
      });
    this.titles = { left: title(), center: title(), right: title() };
  }

  /** Adds something to draw. */
  add<A extends Artist>(artist: A): A {
    this.artists.push(artist);
    artist.removeFromAxes = () => {
      const at = this.artists.indexOf(artist);
      if (at >= 0) this.artists.splice(at, 1);
    };
    return artist;
  }

  protected addContainer<C extends Labelled>(container: C): C {
    this.containers.push(container);
    return container;
  }

  /** Adds a filled shape. */
  addPatch<A extends Artist>(patch: A): A {
    return this.add(patch);
  }

  /** Adds anything that is drawn. */
  addArtist<A extends Artist>(artist: A): A {
    return this.add(artist);
  }

  /** Adds a line. */
  addLine<A extends Artist>(line: A): A {
    return this.add(line);
  }

  /** Adds many shapes at once. */
  addCollection<A extends Artist>(collection: A): A {
    return this.add(collection);
  }

  *artistBounds(): Generator<Bounds> {
    for (const artist of this.artists) {
      const bounds = artist.visible ? artist.bounds() : undefined;
      if (bounds) yield bounds;
    }
  }

  /** The next colour of the cycle for lines. */
  protected nextLineColor(): string {
    return this.cycleColorAt(this.#lineColors++);
  }

  /** The next colour of the cycle for filled shapes. */
  protected nextPatchColor(): string {
    return this.cycleColorAt(this.#patchColors++);
  }

  protected cycleColorAt(index: number): string {
    const own = this.#colors;
    const color: Color | Rgba = own ? (own[index % own.length] as Color) : cycleColor(index);
    return toHex(color);
  }

  /** The colours of the next lines and shapes, instead of `rcParams["axes.prop_cycle"]`. */
  setPropCycle(cycle: { color: readonly Color[] }): void {
    for (const color of cycle.color) toRgba(color);
    this.#colors = cycle.color;
    this.#lineColors = this.#patchColors = 0;
  }

  /** Positions along x: numbers, or names that become categories. */
  protected readX(data: unknown, name = "x"): Float64Array {
    return isNames(data) ? this.xaxis.view.placesOf(data) : readVector(data, name);
  }

  protected readY(data: unknown, name = "y"): Float64Array {
    return isNames(data) ? this.yaxis.view.placesOf(data) : readVector(data, name);
  }

  // ---------------------------------------------------------------- places on the canvas

  /** The cell of the axes, before the aspect has shrunk it. */
  get cell(): Box {
    const place = this.placeFrom?.() ??
      this.fixedPlace ??
      this.subplotSpec?.place(this.figure.subplotParams) ?? { left: 0.125, bottom: 0.11, right: 0.9, top: 0.88 };
    const { width, height } = this.figure;
    return new Box(place.left * width, (1 - place.top) * height, place.right * width, (1 - place.bottom) * height);
  }

  /** The box of the axes on the canvas. */
  get box(): Box {
    const { cell } = this;
    const ratio = this.boxAspect ?? this.#dataRatio();
    if (ratio === undefined) return cell;
    const width = Math.min(cell.width, cell.height / ratio);
    const height = width * ratio;
    const left = cell.left + this.anchor[0] * (cell.width - width);
    const bottom = cell.bottom - this.anchor[1] * (cell.height - height);
    return new Box(left, bottom - height, left + width, bottom);
  }

  /** Height by width, if the scales of x and y depend on one another. */
  #dataRatio(): number | undefined {
    if (this.aspect === "auto" || this.adjustable === "datalim") return undefined;
    const length = ({ view: { limits, scale } }: Axis): number =>
      Math.abs(scale.forward(limits[1]) - scale.forward(limits[0]));
    const ratio = (this.aspect * length(this.yaxis)) / length(this.xaxis);
    return Number.isFinite(ratio) && ratio > 0 ? ratio : undefined;
  }

  /** Widens the limits of one direction so that the aspect holds in the whole cell. */
  protected applyDataAspect(): void {
    if (this.aspect === "auto" || this.adjustable !== "datalim") return;
    const { box } = this;
    const [x, y] = [this.xaxis.view, this.yaxis.view];
    const [x0, x1] = x.limits;
    const [y0, y1] = y.limits;
    const wanted = (box.width * this.aspect) / box.height;
    const [width, height] = [x1 - x0, y1 - y0];
    if (Math.abs(width) < Math.abs(height) * wanted) {
      const half = (Math.abs(height) * wanted * Math.sign(width)) / 2;
      x.setLimits((x0 + x1) / 2 - half, (x0 + x1) / 2 + half);
    } else {
      const half = ((Math.abs(width) / wanted) * Math.sign(height)) / 2;
      y.setLimits((y0 + y1) / 2 - half, (y0 + y1) / 2 + half);
    }
  }

  #coordinates(name: Coordinates["name"], xIsData: boolean, yIsData: boolean): Coordinates {
    // What does not change while the axes are drawn is worked out once.
    let state: { drawing: object; box: Box; x: (v: number) => number; y: (v: number) => number } | undefined;
    const share = (axis: Axis, isData: boolean): ((v: number) => number) => {
      if (!isData) return (v) => v;
      const { scale, limits } = axis.view;
      const [from, to] = [scale.forward(limits[0]), scale.forward(limits[1])];
      return (v) => (scale.forward(v) - from) / (to - from);
    };
    return {
      name,
      map: (x, y) => {
        if (state === undefined || state.drawing !== this.drawing) {
          const drawing = this.drawing ?? {};
          state = { drawing, box: this.box, x: share(this.xaxis, xIsData), y: share(this.yaxis, yIsData) };
        }
        return state.box.at(state.x(x), state.y(y));
      },
    };
  }

  /** Stands for the drawing that goes on, while limits and places stay as they are; undefined between drawings. */
  protected drawing: object | undefined;

  #data: Coordinates | undefined;

  /** Data. */
  get transData(): Coordinates {
    if (this.drawing === undefined) this.#data = undefined;
    this.#data ??= this.#coordinates("data", true, true);
    return this.#data;
  }

  /** From (0, 0) at the lower left corner of the axes to (1, 1). */
  get transAxes(): Coordinates {
    return this.#coordinates("axes", false, false);
  }

  /** x in data, y from 0 at the bottom to 1 at the top. */
  get transXaxis(): Coordinates {
    return this.#coordinates("xaxis", true, false);
  }

  /** x from 0 on the left to 1 on the right, y in data. */
  get transYaxis(): Coordinates {
    return this.#coordinates("yaxis", false, true);
  }

  /** x in data, y from 0 at the bottom to 1 at the top. */
  getXaxisTransform(): Coordinates {
    return this.transXaxis;
  }

  /** x from 0 on the left to 1 on the right, y in data. */
  getYaxisTransform(): Coordinates {
    return this.transYaxis;
  }

  // ---------------------------------------------------------------- drawing

  /** Where the spines are across the axes, as shares of the box. */
  spineShare(name: SpineName): number {
    const { view } = name === "left" || name === "right" ? this.xaxis : this.yaxis;
    return this.spines[name].share(this.box, (value) => view.share(value));
  }

  #alongSpine(name: SpineName): readonly [number, number] {
    const { bounds } = this.spines[name];
    if (!bounds) return [0, 1];
    const { view } = name === "left" || name === "right" ? this.yaxis : this.xaxis;
    return [view.share(bounds[0]), view.share(bounds[1])];
  }

  protected get xSpines(): [number, number] {
    return [this.spineShare("bottom"), this.spineShare("top")];
  }

  protected get ySpines(): [number, number] {
    return [this.spineShare("left"), this.spineShare("right")];
  }

  /** The frame in which artists draw: the box and the coordinates as they are now. */
  frame(): Frame {
    const { box, transData, transAxes, transXaxis, transYaxis } = this;
    return { box, transData, transAxes, transXaxis, transYaxis };
  }

  /** Draws everything; without the background if what is behind is to shine through. */
  draw(canvas: Canvas, isTransparent = false): void {
    if (!this.isVisible) return;
    this.applyDataAspect();
    this.drawing = {};
    try {
      this.#drawAll(canvas, this.frame(), isTransparent);
    } finally {
      this.drawing = undefined;
    }
  }

  #drawAll(canvas: Canvas, frame: Frame, isTransparent: boolean): void {
    const outline = Path.ofBox(frame.box);
    if (this.hasFrame && this.isOn && !isTransparent) canvas.path(outline, { fill: toRgba(this.facecolor) });
    const below = this.axisbelow === "line" ? 1.5 : this.axisbelow ? 0.5 : 2.5;
    const layers: { zorder: number; draw: () => void }[] = this.artists
      .filter((artist) => artist.visible)
      .map((artist) => ({
        zorder: artist.zorder,
        draw: () =>
          artist.clipOn ? canvas.clipped(outline, () => artist.draw(canvas, frame)) : artist.draw(canvas, frame),
      }));
    if (this.isOn) layers.push({ zorder: below, draw: () => this.#drawAxis(canvas, frame) });
    if (this.isOn && this.hasFrame) layers.push({ zorder: 2.5, draw: () => this.#drawSpines(canvas, frame.box) });
    layers.push({ zorder: 3, draw: () => this.#drawTitles(canvas, frame) });
    layers.push(...this.extraLayers(canvas, frame));
    for (const { draw } of layers.sort((a, b) => a.zorder - b.zorder)) draw();
  }

  /** What is drawn besides: the legend. */
  protected extraLayers(_canvas: Canvas, _frame: Frame): { zorder: number; draw: () => void }[] {
    return [];
  }

  #drawAxis(canvas: Canvas, frame: Frame): void {
    const outline = Path.ofBox(frame.box);
    canvas.clipped(outline, () => {
      this.xaxis.drawGrid(canvas, frame);
      this.yaxis.drawGrid(canvas, frame);
    });
    this.xaxis.drawTicks(canvas, frame, this.xSpines);
    this.yaxis.drawTicks(canvas, frame, this.ySpines);
  }

  #drawSpines(canvas: Canvas, box: Box): void {
    for (const spine of this.spines) spine.draw(canvas, box, this.spineShare(spine.name), this.#alongSpine(spine.name));
  }

  #drawTitles(canvas: Canvas, frame: Frame): void {
    for (const { title, placed } of this.#placedTitles(frame)) title.drawPlaced(canvas, placed);
  }

  *#placedTitles(frame: Frame) {
    const { box } = frame;
    for (const [place, title] of Object.entries(this.titles) as ["left" | "center" | "right", Text][]) {
      if (title.text === "") continue;
      const x = { left: box.left, center: (box.left + box.right) / 2, right: box.right }[place];
      const y = this.titleY === undefined ? this.#highest(frame) : box.at(0, this.titleY)[1];
      yield { title, placed: title.placeAt([x, y - this.titlePad], place, "baseline") };
    }
  }

  /** The top of what stands above the axes: the labels of an axis at the top. */
  #highest(frame: Frame): number {
    const { top } = frame.box;
    if (!this.isOn) return top;
    const isAbove = this.xaxis.major.labels[1] || this.xaxis.labelSide === "top";
    if (!isAbove) return top;
    const boxes = [...this.xaxis.textBoxes(frame, this.xSpines)].filter((b) => b.bottom <= top);
    const highest = Math.min(top, ...boxes.map((b) => b.top));
    return highest;
  }

  /** The box around all that is drawn, text included. */
  tightBox(): Box {
    this.applyDataAspect();
    const frame = this.frame();
    const boxes = [frame.box, ...[...this.#placedTitles(frame)].map(({ placed }) => placed.box)];
    if (this.isOn) {
      boxes.push(...this.xaxis.textBoxes(frame, this.xSpines), ...this.yaxis.textBoxes(frame, this.ySpines));
      const { box } = frame;
      const [x, y] = [this.xaxis, this.yaxis];
      boxes.push(
        new Box(
          box.left - y.tickLength(0),
          box.top - x.tickLength(1),
          box.right + y.tickLength(1),
          box.bottom + x.tickLength(0),
        ),
      );
    }
    for (const artist of this.artists) {
      const extent = artist.visible ? artist.extentOnCanvas(frame) : undefined;
      if (extent && !(artist.clipOn && !(artist instanceof Text))) boxes.push(extent);
    }
    return Box.union(boxes) as Box;
  }

  /** Takes everything out and starts anew. */
  clear(): void {
    this.artists.length = 0;
    this.containers.length = 0;
    for (const axis of [this.xaxis, this.yaxis]) {
      axis.view.autoscale = true;
      axis.view.isInverted = false;
      axis.label.setText("");
    }
    for (const title of Object.values(this.titles)) title.setText("");
    this.currentImage = undefined;
    this.#lineColors = this.#patchColors = 0;
  }

  /** Takes the axes out of the figure. */
  remove(): void {
    this.xaxis.view.sources.delete(this);
    this.yaxis.view.sources.delete(this);
    this.figure.deleteAxes(this);
  }
}
