/** Limits, scales, ticks, names and grid of axes. */
import { linestyle } from "../artists/artist.js";
import { Text, type TextOptions, textTable } from "../artists/text.js";
import type { Axis, TickStyle } from "../axis/axis.js";
import { FixedFormatter, ScalarFormatter } from "../axis/formatters.js";
import { FixedLocator, MaxNLocator } from "../axis/locators.js";
import { makeScale, type ScaleName, type ScaleOptions } from "../axis/scales.js";
import type { Color } from "../color/colors.js";
import { readVector, type Vector } from "../data.js";
import type { Point } from "../geometry.js";
import {
  anything,
  as,
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
  words,
} from "../options.js";
import { AxesBase } from "./base.js";

type Which = "major" | "minor" | "both";
const which = words<Which>("major", "minor", "both");
const axisName = words("x", "y", "both");
const sizeParam = kind<number | string>("float or str", (v) => typeof v === "number" || typeof v === "string");

const tickTable = {
  axis: axisName,
  which,
  reset: flag,
  direction: words("in", "out", "inout"),
  length: number,
  width: number,
  color,
  pad: number,
  labelsize: sizeParam,
  labelcolor: color,
  labelrotation: number,
  rotation: as("labelrotation", number),
  colors: color,
  zorder: number,
  bottom: flag,
  top: flag,
  left: flag,
  right: flag,
  labelbottom: flag,
  labeltop: flag,
  labelleft: flag,
  labelright: flag,
  gridColor: color,
  gridAlpha: number,
  gridLinewidth: number,
  gridLinestyle: linestyle,
};
export type TickOptions = Options<typeof tickTable>;

const gridTable = {
  visible: flag,
  which,
  axis: axisName,
  color,
  c: as("color", color),
  alpha: number,
  linestyle,
  ls: as("linestyle", linestyle),
  linewidth: number,
  lw: as("linewidth", number),
  zorder: number,
};
export type GridOptions = Options<typeof gridTable>;

const labelTable = {
  ...textTable,
  labelpad: number,
  loc: words("left", "center", "right", "bottom", "top"),
  fontdict: kind<TextOptions>("dict", (v) => typeof v === "object"),
};
export type LabelOptions = Options<typeof labelTable>;
const titleTable = {
  ...textTable,
  loc: words("left", "center", "right"),
  pad: number,
  y: number,
  fontdict: kind<TextOptions>("dict", (v) => typeof v === "object"),
};
export type TitleOptions = Options<typeof titleTable>;
const scaleTable = {
  base: number,
  linthresh: number,
  linscale: number,
  functions: kind<NonNullable<ScaleOptions["functions"]>>(
    "[forward, inverse]",
    (v) => Array.isArray(v) && v.length === 2,
  ),
};
const tickListTable = { ...textTable, minor: flag };
export type TickListOptions = Options<typeof tickListTable>;
/** Ticks, their labels, and how these look; each may be left out. */
export type TickArgs =
  | [ticks: Vector, labels?: readonly unknown[] | null, options?: TickListOptions]
  | [ticks: Vector, options?: TickListOptions & { labels?: readonly unknown[] }]
  | [options: TickListOptions & { ticks?: Vector; labels?: readonly unknown[] }];
const formatTable = {
  axis: axisName,
  style: words("sci", "scientific", "plain"),
  scilimits: list<number>("(int, int)"),
  useOffset: kind<boolean | number>("bool or float", (v) => typeof v === "boolean" || typeof v === "number"),
};
const locatorTable = {
  axis: axisName,
  tight: flag,
  nbins: number,
  integer: flag,
  steps: list<number>("list of int"),
  prune: words("lower", "upper", "both"),
};

export type Limit = number | null | undefined;
/** Limits in their places, as a pair, or by name. */
export type LimitArgs =
  | [first?: Limit, last?: Limit, options?: { auto?: boolean }]
  | [limits: readonly [Limit, Limit]]
  | [
      options: {
        left?: Limit;
        right?: Limit;
        bottom?: Limit;
        top?: Limit;
        xmin?: Limit;
        xmax?: Limit;
        ymin?: Limit;
        ymax?: Limit;
        auto?: boolean;
      },
    ];

const limitTable = {
  first: number,
  last: number,
  left: as("first", number),
  right: as("last", number),
  xmin: as("first", number),
  xmax: as("last", number),
  bottom: as("first", number),
  ymin: as("first", number),
  top: as("last", number),
  ymax: as("last", number),
  auto: flag,
};

/** Axes with everything that has to do with the two directions. */
export class LimitAxes extends AxesBase {
  #axes(name: "x" | "y" | "both"): Axis[] {
    return name === "both" ? [this.xaxis, this.yaxis] : [name === "x" ? this.xaxis : this.yaxis];
  }

  #setLimits(functionName: string, axis: Axis, args: LimitArgs): [number, number] {
    const given = Array.isArray(args[0]) ? [...args[0]] : args;
    const [{ first, last, auto }] = readCall(functionName, given, ["first", "last"], 0, limitTable);
    const [a, b] = axis.view.limits;
    for (const value of [first, last]) {
      if (value !== undefined && !Number.isFinite(value)) throw new RangeError("Axis limits cannot be NaN or Inf");
    }
    if (first === undefined && last === undefined && auto === undefined) return [a, b];
    const [from, to] = [first ?? a, last ?? b];
    axis.view.setLimits(
      ...(from === to ? axis.view.locator.nonsingular(from, to, axis.view.leastPositive) : ([from, to] as const)),
    );
    if (auto) axis.view.autoscale = true;
    return [...axis.view.limits];
  }

  /** Sets the limits of x; one that is left out stays. Returns them. */
  setXlim(...args: LimitArgs): [number, number] {
    return this.#setLimits("setXlim", this.xaxis, args);
  }

  /** Sets the limits of y; one that is left out stays. Returns them. */
  setYlim(...args: LimitArgs): [number, number] {
    return this.#setLimits("setYlim", this.yaxis, args);
  }

  getXlim(): [number, number] {
    return [...this.xaxis.view.limits];
  }

  getYlim(): [number, number] {
    return [...this.yaxis.view.limits];
  }

  setXbound(low: number, high: number): void {
    const isInverted = this.xaxis.view.limits[0] > this.xaxis.view.limits[1];
    this.xaxis.view.setLimits(...(isInverted ? ([high, low] as const) : ([low, high] as const)));
  }

  setYbound(low: number, high: number): void {
    const isInverted = this.yaxis.view.limits[0] > this.yaxis.view.limits[1];
    this.yaxis.view.setLimits(...(isInverted ? ([high, low] as const) : ([low, high] as const)));
  }

  invertXaxis(): void {
    const [a, b] = this.xaxis.view.limits;
    this.xaxis.setInverted(a < b);
  }

  invertYaxis(): void {
    const [a, b] = this.yaxis.view.limits;
    this.yaxis.setInverted(a < b);
  }

  /** Lets the limits follow the data again; with `tight`, without margins. */
  autoscale(enable = true, axis: "x" | "y" | "both" = "both", tight = false): void {
    for (const one of this.#axes(axis)) {
      if (!enable) one.view.setLimits(...one.view.limits);
      one.view.autoscale = enable;
      if (tight) one.view.margin = 0;
    }
  }

  /** How far the limits reach beyond the data, as shares of its range. */
  margins(x = 0.05, y = x): void {
    this.xaxis.view.margin = x;
    this.yaxis.view.margin = y;
  }

  setXmargin(margin: number): void {
    this.xaxis.view.margin = margin;
  }

  setYmargin(margin: number): void {
    this.yaxis.view.margin = margin;
  }

  /**
   * How values are spread along x: `"linear"`, `"log"`, `"symlog"`, `"logit"`, or by functions of one's own.
   *
   * @throws Error for another name.
   */
  setXscale(value: ScaleName, options: Options<typeof scaleTable> = {}): void {
    this.xaxis.view.setScale(makeScale(value, readOptions("setXscale", scaleTable, options)));
  }

  /** How values are spread along y; see `setXscale`. */
  setYscale(value: ScaleName, options: Options<typeof scaleTable> = {}): void {
    this.yaxis.view.setScale(makeScale(value, readOptions("setYscale", scaleTable, options)));
  }

  getXscale(): string {
    return this.xaxis.view.scale.name;
  }

  getYscale(): string {
    return this.yaxis.view.scale.name;
  }

  /** How long a unit of y is beside one of x: a number, `"equal"` for 1, or `"auto"` for whatever fills the cell. */
  setAspect(aspect: number | "equal" | "auto", options: { adjustable?: "box" | "datalim" } = {}): void {
    const table = { adjustable: words("box", "datalim") };
    const { adjustable } = readOptions("setAspect", table, options);
    if (typeof aspect === "number" && !(aspect > 0 && Number.isFinite(aspect))) {
      throw new RangeError("aspect must be finite and positive");
    }
    if (typeof aspect !== "number" && aspect !== "equal" && aspect !== "auto") {
      throw new TypeError(`aspect must be a number, 'equal' or 'auto', not '${aspect}'`);
    }
    this.aspect = aspect === "equal" ? 1 : aspect;
    if (adjustable) this.adjustable = adjustable;
  }

  setBoxAspect(aspect: number | null): void {
    this.boxAspect = aspect ?? undefined;
  }

  /**
   * Switches the axes off and on, or sets limits and aspect by a word: `"off"`, `"on"`, `"equal"`, `"scaled"`, `"tight"`,
   * `"image"`, `"square"`, `"auto"`, or `[xmin, xmax, ymin, ymax]`. Returns the limits.
   *
   * @throws Error for another word.
   */
  axis(arg?: string | boolean | readonly [number, number, number, number]): [number, number, number, number] {
    if (Array.isArray(arg)) {
      if (arg.length !== 4) throw new TypeError("the first argument to axis() must be [xmin, xmax, ymin, ymax]");
      this.setXlim(arg[0], arg[1]);
      this.setYlim(arg[2], arg[3]);
    } else if (arg !== undefined) this.#axisWord(arg as string | boolean);
    return [...this.getXlim(), ...this.getYlim()];
  }

  #axisWord(word: string | boolean): void {
    switch (word) {
      case "off":
      case false:
        this.isOn = false;
        return;
      case "on":
      case true:
        this.isOn = true;
        return;
      case "equal":
        return this.setAspect("equal", { adjustable: "datalim" });
      case "scaled":
        return this.setAspect("equal", { adjustable: "box" });
      case "tight":
        return this.autoscale(true, "both", true);
      case "image":
        this.autoscale(true, "both", true);
        return this.setAspect("equal", { adjustable: "box" });
      case "square": {
        this.setAspect("equal", { adjustable: "box" });
        const [[x0, x1], [y0, y1]] = [this.getXlim(), this.getYlim()];
        const edge = Math.max(Math.abs(x1 - x0), Math.abs(y1 - y0));
        this.setXlim(x0, x0 + edge);
        this.setYlim(y0, y0 + edge);
        return;
      }
      case "auto":
        this.autoscale();
        return this.setAspect("auto");
      default:
        throw new Error(`Unrecognized string '${word}' to axis; try 'on' or 'off'`);
    }
  }

  setAxisOff(): void {
    this.isOn = false;
  }

  setAxisOn(): void {
    this.isOn = true;
  }

  setFrameOn(isOn: boolean): void {
    this.hasFrame = isOn;
  }

  /** Draws the grid above everything (`false`), below everything (`true`), or above filled shapes (`"line"`). */
  setAxisbelow(below: boolean | "line"): void {
    this.axisbelow = below;
  }

  setFacecolor(value: Color): void {
    readOptions("setFacecolor", { color }, { color: value });
    this.facecolor = value;
  }

  setVisible(isVisible: boolean): void {
    this.isVisible = isVisible;
  }

  setZorder(zorder: number): void {
    this.zorder = zorder;
  }

  setAnchor(anchor: Point | "C" | "W" | "E" | "N" | "S" | "NW" | "NE" | "SW" | "SE"): void {
    if (typeof anchor !== "string") this.anchor = anchor;
    else {
      const x = anchor.includes("W") ? 0 : anchor.includes("E") ? 1 : 0.5;
      this.anchor = [x, anchor.includes("S") ? 0 : anchor.includes("N") ? 1 : 0.5];
    }
  }

  // ---------------------------------------------------------------- words

  #named(functionName: string, axis: Axis, label: string, options: LabelOptions): Text {
    const { labelpad, loc, fontdict, ...style } = readOptions(functionName, labelTable, {
      ...options.fontdict,
      ...options,
    });
    axis.label.setText(label);
    axis.label.set(style);
    if (labelpad !== undefined) axis.labelpad = labelpad;
    if (loc !== undefined) axis.labelPlace = loc;
    return axis.label;
  }

  /** The name of x below the axes. */
  setXlabel(xlabel: string, options: LabelOptions = {}): Text {
    return this.#named("setXlabel", this.xaxis, xlabel, options);
  }

  /** The name of y beside the axes. */
  setYlabel(ylabel: string, options: LabelOptions = {}): Text {
    return this.#named("setYlabel", this.yaxis, ylabel, options);
  }

  getXlabel(): string {
    return this.xaxis.label.text;
  }

  getYlabel(): string {
    return this.yaxis.label.text;
  }

  /**
   * The title above the axes, in the middle, or on one side (`loc`).
   *
   * @example ax.setTitle("Ankle Boot", { fontsize: 14, loc: "left" })
   */
  setTitle(label: string, options: TitleOptions = {}): Text {
    const {
      loc = "center",
      pad,
      y,
      fontdict,
      ...style
    } = readOptions("setTitle", titleTable, { ...options.fontdict, ...options });
    const title = this.titles[loc];
    title.setText(label);
    title.set(style);
    if (pad !== undefined) this.titlePad = pad;
    if (y !== undefined) this.titleY = y;
    return title;
  }

  getTitle(loc: "left" | "center" | "right" = "center"): string {
    return this.titles[loc].text;
  }

  // ---------------------------------------------------------------- ticks

  #setTicks(functionName: string, axis: Axis, args: readonly unknown[]): void {
    const table = { ...tickListTable, ticks: anything, labels: data<readonly unknown[] | null>() };
    const [{ ticks, labels, minor, ...style }] = readCall(functionName, args, ["ticks", "labels"], 0, table);
    if (ticks !== undefined) {
      const places = [...readVector(ticks, "ticks")];
      if (minor) axis.view.minorLocator = new FixedLocator(places);
      else axis.view.locator = new FixedLocator(places);
      this.#includeTicks(axis, places);
    }
    if (labels !== undefined) this.#setLabels(axis, labels as readonly unknown[], minor ?? false);
    if (Object.keys(style).length > 0) Object.assign(axis.labelProperties, style);
  }

  /** Limits that are narrower than the ticks that somebody sets grow. */
  #includeTicks(axis: Axis, places: readonly number[]): void {
    if (places.length === 0) return;
    const [low, high] = axis.view.sorted;
    const [first, last] = [Math.min(low, ...places), Math.max(high, ...places)];
    if (first >= low && last <= high) return;
    const isInverted = axis.view.limits[0] > axis.view.limits[1];
    axis.view.setLimits(...(isInverted ? ([last, first] as const) : ([first, last] as const)));
  }

  #setLabels(axis: Axis, labels: readonly unknown[], isMinor: boolean): void {
    const locator = isMinor ? axis.view.minorLocator : axis.view.locator;
    if (locator instanceof FixedLocator && labels.length > 0 && locator.locs.length !== labels.length) {
      throw new Error(
        `The number of FixedLocator locations (${locator.locs.length}), usually from a call to set_ticks, does not match the number of labels (${labels.length}).`,
      );
    }
    const formatter = new FixedFormatter(labels.map((label) => (label instanceof Text ? label.text : String(label))));
    if (isMinor) axis.view.minorFormatter = formatter;
    else axis.view.formatter = formatter;
  }

  /**
   * Sets the ticks of x, and their labels.
   *
   * @example ax.setXticks([0, 1, 2], ["a", "b", "c"], { rotation: 45 })
   */
  setXticks(...args: TickArgs): void {
    this.#setTicks("setXticks", this.xaxis, args);
  }

  /** Sets the ticks of y; see `setXticks`. */
  setYticks(...args: TickArgs): void {
    this.#setTicks("setYticks", this.yaxis, args);
  }

  setXticklabels(labels: readonly unknown[], options: TickListOptions = {}): void {
    this.#setTicks("setXticklabels", this.xaxis, [undefined, labels, options]);
  }

  setYticklabels(labels: readonly unknown[], options: TickListOptions = {}): void {
    this.#setTicks("setYticklabels", this.yaxis, [undefined, labels, options]);
  }

  getXticks(): number[] {
    return this.xaxis.tickLocations(this.box.width);
  }

  getYticks(): number[] {
    return this.yaxis.tickLocations(this.box.height);
  }

  /** The labels of the ticks that are seen. */
  getXticklabels(): string[] {
    return this.xaxis.ticks("major", this.box.width).map(({ label }) => label);
  }

  getYticklabels(): string[] {
    return this.yaxis.ticks("major", this.box.height).map(({ label }) => label);
  }

  minorticksOn(): void {
    for (const axis of this.#axes("both")) axis.minorTicksOn();
  }

  minorticksOff(): void {
    for (const axis of this.#axes("both")) axis.minorTicksOff();
  }

  /**
   * How ticks, their labels and the grid look.
   *
   * @example ax.tickParams("x", { labelrotation: 45, length: 0 })
   */
  tickParams(...args: [axis?: "x" | "y" | "both", options?: TickOptions] | [options?: TickOptions]): void {
    const [read] = readCall("tickParams", args, ["axis"], 0, tickTable);
    const { which: kinds = "major" } = read;
    for (const axis of this.#axes(read.axis ?? "both")) {
      for (const one of kinds === "both" ? (["major", "minor"] as const) : [kinds]) {
        this.#styleTicks(axis, axis[one], read);
        const grid = axis.grids[one];
        if (read.gridColor !== undefined) grid.color = read.gridColor;
        if (read.gridAlpha !== undefined) grid.alpha = read.gridAlpha;
        if (read.gridLinewidth !== undefined) grid.linewidth = read.gridLinewidth;
        if (read.gridLinestyle !== undefined) grid.linestyle = read.gridLinestyle;
      }
    }
  }

  #styleTicks(axis: Axis, style: TickStyle, read: Read<typeof tickTable>): void {
    const { length, width, pad, direction, labelsize, labelrotation } = read;
    if (length !== undefined) style.size = length;
    if (width !== undefined) style.width = width;
    if (pad !== undefined) style.pad = pad;
    if (direction !== undefined) style.direction = direction;
    if (labelsize !== undefined) style.labelsize = labelsize;
    if (labelrotation !== undefined) style.labelrotation = labelrotation;
    style.color = read.color ?? read.colors ?? style.color;
    style.labelcolor = read.labelcolor ?? read.colors ?? style.labelcolor;
    const sides = axis.direction === "x" ? (["bottom", "top"] as const) : (["left", "right"] as const);
    for (const [k, side] of sides.entries()) {
      style.ticks[k as 0 | 1] = read[side] ?? style.ticks[k as 0 | 1];
      style.labels[k as 0 | 1] = read[`label${side}`] ?? style.labels[k as 0 | 1];
    }
  }

  /**
   * Grid lines: on, off, or, with nothing, the other way than they are. Options that style them switch them on.
   *
   * @example ax.grid(true, { axis: "y", alpha: 0.3 })
   */
  grid(
    ...args:
      | [visible?: boolean | null, which?: Which, axis?: "x" | "y" | "both", options?: GridOptions]
      | [visible?: boolean | null, options?: GridOptions]
      | [options?: GridOptions]
  ): void {
    const [{ visible, which: kinds = "major", axis = "both", zorder, ...style }] = readCall(
      "grid",
      args,
      ["visible", "which", "axis"],
      0,
      gridTable,
    );
    const isStyled = Object.keys(style).length > 0;
    for (const one of this.#axes(axis)) {
      for (const name of kinds === "both" ? (["major", "minor"] as const) : [kinds]) {
        const grid = one.grids[name];
        grid.isOn = visible ?? (isStyled || !grid.isOn);
        Object.assign(grid, style);
      }
    }
  }

  /** How numbers at the ticks are written: `{ style: "sci", scilimits: [0, 0] }`, `{ style: "plain" }`, `{ useOffset: false }`. */
  ticklabelFormat(options: Options<typeof formatTable> = {}): void {
    const { axis = "both", style, scilimits, useOffset } = readOptions("ticklabelFormat", formatTable, options);
    for (const one of this.#axes(axis)) {
      const { formatter } = one.view;
      if (!(formatter instanceof ScalarFormatter))
        throw new TypeError("This method only works with the ScalarFormatter");
      if (style !== undefined) formatter.scientific = style !== "plain";
      if (style === "plain") formatter.useOffset = false;
      if (scilimits !== undefined) formatter.powerlimits = scilimits;
      if (useOffset !== undefined) formatter.useOffset = useOffset;
    }
  }

  /** How many ticks there are at most, and whether they are whole numbers. */
  locatorParams(
    ...args:
      | [axis?: "x" | "y" | "both", options?: Options<typeof locatorTable>]
      | [options?: Options<typeof locatorTable>]
  ): void {
    const [{ axis = "both", tight, nbins = "auto", ...rest }] = readCall(
      "locatorParams",
      args,
      ["axis"],
      0,
      locatorTable,
    );
    for (const one of this.#axes(axis))
      one.view.locator = new MaxNLocator({ steps: [1, 2, 2.5, 5, 10], ...rest, nbins });
  }

  /** Keeps tick labels only at the outer edges of a grid of axes. */
  labelOuter(): void {
    const spec = this.subplotSpec;
    if (!spec) return;
    if (spec.rows[1] < spec.grid.nrows - 1) {
      for (const style of [this.xaxis.major, this.xaxis.minor]) style.labels[0] = false;
      this.setXlabel("");
    }
    if (spec.columns[0] > 0) {
      for (const style of [this.yaxis.major, this.yaxis.minor]) style.labels[0] = false;
      this.setYlabel("");
    }
  }
}
