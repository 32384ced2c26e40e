/** Text, and text with an arrow. */
import type { Canvas } from "../canvas/svg.js";
import { type Color, toRgba } from "../color/colors.js";
import type { Box, Point } from "../geometry.js";
import {
  as,
  color,
  kind,
  number,
  numberOrText,
  type Options,
  type Read,
  readOptions,
  text,
  words,
} from "../options.js";
import { fontSize, rcParams } from "../rc/rcParams.js";
import {
  type HorizontalAlignment,
  layoutText,
  type PlacedText,
  placeText,
  type VerticalAlignment,
} from "../text/layout.js";
import { Artist, artistTable, type Coordinates, type Frame } from "./artist.js";
import { boxStyleTable, drawTextBox, textBoxPadding } from "./textBox.js";

const ha = words<HorizontalAlignment>("left", "center", "right");
const va = words<VerticalAlignment>("top", "bottom", "center", "baseline", "center_baseline");
const rotation = kind<number | "vertical" | "horizontal">(
  "float, 'vertical' or 'horizontal'",
  (v) => typeof v === "number" || v === "vertical" || v === "horizontal",
);
const family = kind<string | readonly string[]>("str", (v) => typeof v === "string" || Array.isArray(v));

export type BoxOptions = Options<typeof boxStyleTable>;

/** The options of text. */
export const textTable = {
  ...artistTable,
  color,
  c: as("color", color),
  fontsize: numberOrText,
  size: as("fontsize", numberOrText),
  fontweight: numberOrText,
  weight: as("fontweight", numberOrText),
  fontstyle: text,
  style: as("fontstyle", text),
  fontfamily: family,
  family: as("fontfamily", family),
  horizontalalignment: ha,
  ha: as("horizontalalignment", ha),
  verticalalignment: va,
  va: as("verticalalignment", va),
  multialignment: ha,
  ma: as("multialignment", ha),
  rotation,
  rotationMode: words("default", "anchor"),
  linespacing: number,
  backgroundcolor: color,
  bbox: kind<BoxOptions>("dict", (v) => typeof v === "object" && v !== null),
  transform: kind<Coordinates>(
    "a transform such as ax.transAxes",
    (v) => typeof (v as Coordinates | null)?.map === "function",
  ),
};
export type TextOptions = Options<typeof textTable>;
export type TextProperties = Read<typeof textTable>;

/** A text at a point. */
export class Text extends Artist {
  color: Color;
  fontsize: number | string;
  fontweight: string | number;
  fontstyle: string | undefined;
  fontfamily: string | readonly string[] | undefined;
  horizontalalignment: HorizontalAlignment;
  verticalalignment: VerticalAlignment;
  multialignment: HorizontalAlignment | undefined;
  rotation: number | "vertical" | "horizontal";
  rotationMode: "default" | "anchor";
  linespacing: number;
  backgroundcolor: Color | undefined;
  bbox: BoxOptions | undefined;
  transform: Coordinates | undefined;

  constructor(
    public x: number,
    public y: number,
    public text: string,
    options: TextProperties = {},
  ) {
    super(options, 3);
    this.clipOn = options.clipOn ?? false;
    this.color = options.color ?? rcParams["text.color"];
    this.fontsize = options.fontsize ?? rcParams["font.size"];
    this.fontweight = options.fontweight ?? rcParams["font.weight"];
    this.fontstyle = options.fontstyle;
    this.fontfamily = options.fontfamily;
    this.horizontalalignment = options.horizontalalignment ?? "left";
    this.verticalalignment = options.verticalalignment ?? "baseline";
    this.multialignment = options.multialignment;
    this.rotation = options.rotation ?? 0;
    this.rotationMode = options.rotationMode ?? "default";
    this.linespacing = options.linespacing ?? 1.2;
    this.backgroundcolor = options.backgroundcolor;
    this.bbox = options.bbox;
    if (this.bbox) readOptions("bbox", boxStyleTable, this.bbox);
    this.transform = options.transform;
    fontSize(this.fontsize);
  }

  protected override get table() {
    return textTable;
  }

  /** Sets the words. */
  setText(value: string): this {
    this.text = String(value);
    return this;
  }

  /** The words. */
  getText(): string {
    return this.text;
  }

  /** Moves it to a point. */
  setPosition([x, y]: Point): this {
    [this.x, this.y] = [x, y];
    return this;
  }

  /** Sets the colour. */
  setColor(value: Color): this {
    return this.set({ color: value });
  }

  /** Sets the size, in points or as a word (`"large"`). */
  setFontsize(value: number | string): this {
    fontSize(value);
    return this.set({ fontsize: value });
  }

  /** Turns it by degrees against the clock. */
  setRotation(value: number | "vertical" | "horizontal"): this {
    return this.set({ rotation: value });
  }

  /** The letters at their places, for a point on the canvas. */
  placeAt(at: Point, ha = this.horizontalalignment, va = this.verticalalignment): PlacedText {
    const style = {
      size: fontSize(this.fontsize),
      weight: this.fontweight,
      style: this.fontstyle,
      family: this.fontfamily,
    };
    const layout = layoutText(this.text, style, this.multialignment ?? ha, this.linespacing);
    const turn = typeof this.rotation === "number" ? this.rotation : this.rotation === "vertical" ? 90 : 0;
    return placeText(layout, at, ha, va, turn, this.rotationMode === "anchor");
  }

  protected point({ transData }: Frame): Point {
    return (this.transform ?? transData).map(this.x, this.y);
  }

  override draw(canvas: Canvas, frame: Frame): void {
    const at = this.point(frame);
    if (this.text === "" || !Number.isFinite(at[0]) || !Number.isFinite(at[1])) return;
    this.drawPlaced(canvas, this.placeAt(at));
  }

  /** Draws it where it was placed. */
  drawPlaced(canvas: Canvas, placed: PlacedText): void {
    if (!this.visible) return;
    const box =
      this.bbox ??
      (this.backgroundcolor
        ? { boxstyle: "square,pad=0.25", facecolor: this.backgroundcolor, edgecolor: this.backgroundcolor }
        : undefined);
    if (box) drawTextBox(canvas, placed, readOptions("bbox", boxStyleTable, box), fontSize(this.fontsize), this.alpha);
    canvas.text(placed, toRgba(this.color, this.alpha), this.text);
  }

  override extentOnCanvas(frame: Frame): Box | undefined {
    const at = this.point(frame);
    if (this.text === "" || !Number.isFinite(at[0]) || !Number.isFinite(at[1])) return undefined;
    const { box } = this.placeAt(at);
    return this.bbox
      ? box.expand(textBoxPadding(readOptions("bbox", boxStyleTable, this.bbox), fontSize(this.fontsize)))
      : box;
  }
}
