/** Words on the plot: text, arrows with text, the legend. */
import { type AnnotateOptions, Annotation, annotateTable } from "../artists/annotation.js";
import { type ArrowOptions, FancyArrow } from "../artists/arrows.js";
import type { Frame } from "../artists/artist.js";
import { type Labelled, noLegend } from "../artists/containers.js";
import { Legend, type LegendOptions, legendEntries, legendTable } from "../artists/legend.js";
import { Text, type TextOptions, textTable } from "../artists/text.js";
import type { Canvas } from "../canvas/svg.js";
import type { Box, Point } from "../geometry.js";
import { isOptions, readCall, readOptions } from "../options.js";
import { ArrowAxes } from "./arrows.js";

/** Axes with text and a legend. */
export class AnnotationAxes extends ArrowAxes {
  legend_: Legend | undefined;

  /**
   * A text with its lower left corner at a point of the data, or of the axes with `{ transform: ax.transAxes }`.
   *
   * @example ax.text(0.5, 0.5, "$x^2$", { ha: "center", fontsize: 14 })
   */
  text(x: number, y: number, s: string | number, options: TextOptions = {}): Text {
    const [read] = readCall("text", [x, y, s, options], ["x", "y", "s"], 3, textTable);
    return this.add(new Text(x, y, String(s), read));
  }

  /**
   * A text about the point `xy`, at `xytext` with an arrow to it if `arrowprops` are given.
   *
   * @example ax.annotate("best", [3, 0.9], [5, 0.7], { arrowprops: { arrowstyle: "->" } })
   */
  annotate(
    text: string,
    xy: Point,
    ...rest: [xytext?: Point | null, options?: AnnotateOptions] | [options?: AnnotateOptions]
  ): Annotation {
    const [read, at] = readCall("annotate", [text, xy, ...rest], ["text", "xy", "xytext"], 2, annotateTable);
    return this.add(new Annotation(String(text), xy, (at.xytext as Point | undefined) ?? xy, read, this.figure));
  }

  /** An arrow from (x, y) by (dx, dy), all in data. */
  arrow(x: number, y: number, dx: number, dy: number, options: ArrowOptions = {}): FancyArrow {
    return this.add(new FancyArrow(x, y, dx, dy, options));
  }

  /** All that can stand in a legend, in the order in which it does there. */
  #legendHandles(): Labelled[] {
    return [...this.artists, ...this.containers].filter((one) => one.label !== noLegend && one.legendEntry());
  }

  /** What has a label for the legend, and the labels. */
  getLegendHandlesLabels(): [Labelled[], string[]] {
    const named = this.#legendHandles().filter((one) => one.label !== "" && !one.label.startsWith("_"));
    return [named, named.map((one) => one.label)];
  }

  /**
   * A legend of all that has a label, or of what is given, with other words if they are given.
   *
   * @example ax.legend(["train", "test"], { loc: "upper right" })
   */
  legend(
    ...args:
      | [handles?: readonly Labelled[] | null, labels?: readonly string[], options?: LegendOptions]
      | [names?: readonly string[] | readonly Labelled[], options?: LegendOptions]
      | [options?: LegendOptions]
  ): Legend {
    const options = isOptions(args.at(-1)) ? (args.at(-1) as LegendOptions) : {};
    const read = readOptions("legend", legendTable, options);
    const [first, second] = args.filter((arg) => Array.isArray(arg)) as (readonly unknown[])[];
    const onlyNames = first !== undefined && second === undefined && first.every((one) => typeof one === "string");
    const handles = (read.handles ?? (onlyNames ? undefined : first)) as readonly Labelled[] | undefined;
    const names = (read.labels ?? (onlyNames ? first : second)) as readonly string[] | undefined;
    this.legend_ = new Legend(
      legendEntries(handles ?? (names ? this.#legendHandles() : this.getLegendHandlesLabels()[0]), names),
      read,
      this.facecolor,
    );
    return this.legend_;
  }

  /** The legend, if there is one. */
  getLegend(): Legend | undefined {
    return this.legend_;
  }

  protected override extraLayers(canvas: Canvas, frame: Frame) {
    const { legend_: legend } = this;
    if (!legend?.visible) return [];
    return [{ zorder: legend.zorder, draw: () => legend.drawIn(canvas, frame, this.artists) }];
  }

  override tightBox(): Box {
    const box = super.tightBox();
    return this.legend_?.visible ? this.legend_.union(box, this.frame(), this.artists) : box;
  }

  override clear(): void {
    super.clear();
    this.legend_ = undefined;
  }
}
