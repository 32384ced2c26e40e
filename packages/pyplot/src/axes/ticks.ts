/** Ticks, their labels, and grid lines. */
import { linestyle } from "../artists/artist.js";
import { Text, textTable } from "../artists/text.js";
import type { Axis, TickStyle } from "../axis/axis.js";
import { FixedFormatter, ScalarFormatter } from "../axis/formatters.js";
import { FixedLocator, MaxNLocator } from "../axis/locators.js";
import { readVector, type Vector } from "../data.js";
import {
  anything,
  as,
  color,
  data,
  flag,
  kind,
  list,
  number,
  numberOrText,
  type Options,
  type Read,
  readCall,
  readOptions,
  words,
} from "../options.js";
import { WordAxes } from "./words.js";

type Which = "major" | "minor" | "both";

const which = words<Which>("major", "minor", "both");

const axisName = words("x", "y", "both");

const tickTable = {
  axis: axisName,
  which,
  reset: flag,
  direction: words("in", "out", "inout"),
  length: number,
  width: number,
  color,
  pad: number,
  labelsize: numberOrText,
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

/** Axes with ticks. */
export class TickAxes extends WordAxes {
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
    axis.view.setSorted(first, last);
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

  /** Sets the labels at the ticks of x. */
  setXticklabels(labels: readonly unknown[], options: TickListOptions = {}): void {
    this.#setTicks("setXticklabels", this.xaxis, [undefined, labels, options]);
  }

  /** Sets the labels at the ticks of y. */
  setYticklabels(labels: readonly unknown[], options: TickListOptions = {}): void {
    this.#setTicks("setYticklabels", this.yaxis, [undefined, labels, options]);
  }

  /** The places of the ticks of x. */
  getXticks(): number[] {
    return this.xaxis.tickLocations(this.box.width);
  }

  /** The places of the ticks of y. */
  getYticks(): number[] {
    return this.yaxis.tickLocations(this.box.height);
  }

  /** The labels of the ticks that are seen. */
  getXticklabels(): string[] {
    return this.xaxis.ticks("major", this.box.width).map(({ label }) => label);
  }

  /** The labels of the ticks that are seen. */
  getYticklabels(): string[] {
    return this.yaxis.ticks("major", this.box.height).map(({ label }) => label);
  }

  /** Shows small ticks between the others. */
  minorticksOn(): void {
    for (const axis of this.axesOf("both")) axis.minorTicksOn();
  }

  /** Hides the small ticks. */
  minorticksOff(): void {
    for (const axis of this.axesOf("both")) axis.minorTicksOff();
  }

  /**
   * How ticks, their labels and the grid look.
   *
   * @example ax.tickParams("x", { labelrotation: 45, length: 0 })
   */
  tickParams(...args: [axis?: "x" | "y" | "both", options?: TickOptions] | [options?: TickOptions]): void {
    const [read] = readCall("tickParams", args, ["axis"], 0, tickTable);
    const { which: kinds = "major" } = read;
    for (const axis of this.axesOf(read.axis ?? "both")) {
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
    for (const one of this.axesOf(axis)) {
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
    for (const one of this.axesOf(axis)) {
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
    for (const one of this.axesOf(axis))
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
