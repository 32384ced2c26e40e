/** Titles and the names of axes. */
import { type Text, type TextOptions, textTable } from "../artists/text.js";
import type { Axis } from "../axis/axis.js";
import { kind, number, type Options, readOptions, words } from "../options.js";
import { LimitAxes } from "./limits.js";

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

/** Axes with a title and names. */
export class WordAxes extends LimitAxes {
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

  /** The name of x. */
  getXlabel(): string {
    return this.xaxis.label.text;
  }

  /** The name of y. */
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

  /** The title in the middle, or on one side. */
  getTitle(loc: "left" | "center" | "right" = "center"): string {
    return this.titles[loc].text;
  }
}
