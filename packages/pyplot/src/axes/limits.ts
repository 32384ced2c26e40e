/** Limits, scales and looks of axes. */
import type { Axis } from "../axis/axis.js";
import { makeScale, type ScaleName, type ScaleOptions } from "../axis/scales.js";
import type { Color } from "../color/colors.js";
import type { Point } from "../geometry.js";
import { as, color, flag, kind, number, type Options, readCall, readOptions, words } from "../options.js";
import { AxesBase } from "./base.js";

const scaleTable = {
  base: number,
  linthresh: number,
  linscale: number,
  functions: kind<NonNullable<ScaleOptions["functions"]>>(
    "[forward, inverse]",
    (v) => Array.isArray(v) && v.length === 2,
  ),
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

/** Axes with limits and scales. */
export class LimitAxes extends AxesBase {
  /** One of the two directions, or both. */
  protected axesOf(name: "x" | "y" | "both"): Axis[] {
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

  /** The limits of x, the left one first. */
  getXlim(): [number, number] {
    return [...this.xaxis.view.limits];
  }

  /** The limits of y, the lower one first. */
  getYlim(): [number, number] {
    return [...this.yaxis.view.limits];
  }

  /** Sets the limits of x and keeps the direction. */
  setXbound(low: number, high: number): void {
    this.xaxis.view.setSorted(low, high);
  }

  /** Sets the limits of y and keeps the direction. */
  setYbound(low: number, high: number): void {
    this.yaxis.view.setSorted(low, high);
  }

  /** Turns the direction of x. */
  invertXaxis(): void {
    const [a, b] = this.xaxis.view.limits;
    this.xaxis.setInverted(a < b);
  }

  /** Turns the direction of y. */
  invertYaxis(): void {
    const [a, b] = this.yaxis.view.limits;
    this.yaxis.setInverted(a < b);
  }

  /** Lets the limits follow the data again; with `tight`, without margins. */
  autoscale(enable = true, axis: "x" | "y" | "both" = "both", tight = false): void {
    for (const one of this.axesOf(axis)) {
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

  /** Sets how far the limits of x reach beyond the data, as a share of its range. */
  setXmargin(margin: number): void {
    this.xaxis.view.margin = margin;
  }

  /** Sets how far the limits of y reach beyond the data, as a share of its range. */
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

  /** The name of the scale of x. */
  getXscale(): string {
    return this.xaxis.view.scale.name;
  }

  /** The name of the scale of y. */
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

  /** Sets how high the axes are beside their width; `null` fills the cell. */
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

  /** Hides ticks, labels, spines and background. */
  setAxisOff(): void {
    this.isOn = false;
  }

  /** Shows ticks, labels, spines and background. */
  setAxisOn(): void {
    this.isOn = true;
  }

  /** Whether background and spines are drawn. */
  setFrameOn(isOn: boolean): void {
    this.hasFrame = isOn;
  }

  /** Draws the grid above everything (`false`), below everything (`true`), or above filled shapes (`"line"`). */
  setAxisbelow(below: boolean | "line"): void {
    this.axisbelow = below;
  }

  /** Sets the colour of the background. */
  setFacecolor(value: Color): void {
    readOptions("setFacecolor", { color }, { color: value });
    this.facecolor = value;
  }

  /** Shows it or hides it. */
  setVisible(isVisible: boolean): void {
    this.isVisible = isVisible;
  }

  /** Sets its place in the stack: what has a greater one covers what has a smaller one. */
  setZorder(zorder: number): void {
    this.zorder = zorder;
  }

  /** Where the axes stand in a cell that is larger: fractions, or a direction of the compass. */
  setAnchor(anchor: Point | "C" | "W" | "E" | "N" | "S" | "NW" | "NE" | "SW" | "SE"): void {
    if (typeof anchor !== "string") this.anchor = anchor;
    else {
      const x = anchor.includes("W") ? 0 : anchor.includes("E") ? 1 : 0.5;
      this.anchor = [x, anchor.includes("S") ? 0 : anchor.includes("N") ? 1 : 0.5];
    }
  }
}
