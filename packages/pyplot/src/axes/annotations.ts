/** Words on the plot: text, arrows with text, the legend. */
import { type AnnotateOptions, Annotation, annotateTable } from "../artists/annotation.js";
import { type ArrowOptions, FancyArrow } from "../artists/arrows.js";
import type { Artist, Frame } from "../artists/artist.js";
import { Legend, type LegendOptions, legendTable } from "../artists/legend.js";
import { Text, type TextOptions, textTable } from "../artists/text.js";
import type { Canvas } from "../canvas/svg.js";
import type { Box, Point } from "../geometry.js";
import { isOptions, readCall, readOptions } from "../options.js";
import { FieldAxes } from "./fields.js";

type HasLabel = Artist | { readonly label: string };

/** Axes with text and a legend. */
export class AnnotationAxes extends FieldAxes {
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

  /** What has a label for the legend, in the order in which it was added. */
  getLegendHandlesLabels(): [Artist[], string[]] {
    const named = this.artists.filter(
      (artist) => artist.label !== "" && !artist.label.startsWith("_") && artist.legendEntry(),
    );
    return [named, named.map((artist) => artist.label)];
  }

  /**
   * A legend of all that has a label, or of what is given, with other words if they are given.
   *
   * @example ax.legend(["train", "test"], { loc: "upper right" })
   */
  legend(
    ...args:
      | [handles?: readonly HasLabel[] | readonly string[] | null, labels?: readonly string[], options?: LegendOptions]
      | [names?: readonly string[] | readonly HasLabel[], options?: LegendOptions]
      | [options?: LegendOptions]
  ): Legend {
    const options = isOptions(args.at(-1)) && !Array.isArray(args.at(-1)) ? (args.at(-1) as LegendOptions) : {};
    const read = readOptions("legend", legendTable, options);
    const [first, second] = args.filter((arg) => Array.isArray(arg)) as (readonly unknown[])[];
    const onlyNames = first !== undefined && second === undefined && first.every((one) => typeof one === "string");
    const handles = (read.handles ?? (onlyNames ? undefined : first)) as readonly Artist[] | undefined;
    const names = (read.labels ?? (onlyNames ? first : second)) as readonly string[] | undefined;
    const all =
      handles ??
      (names
        ? this.artists.filter((artist) => artist.legendEntry() && !artist.label.startsWith("_"))
        : this.getLegendHandlesLabels()[0]);
    const entries = all.flatMap((artist, i) => {
      const entry = artist.legendEntry();
      const label = names ? names[i] : entry?.label;
      return entry && label !== undefined && label !== "" ? [{ ...entry, label }] : [];
    });
    this.legend_ = new Legend(entries, read, this.facecolor);
    return this.legend_;
  }

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
