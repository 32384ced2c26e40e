/** The legend: a sample and the name of each thing. */
import type { Canvas } from "../canvas/svg.js";
import { type Color, toRgba } from "../color/colors.js";
import { Box, Path, type Point } from "../geometry.js";
import { as, color, data, flag, kind, number, type Options, type Read, text, words } from "../options.js";
import { fontSize, rcParams } from "../rc/rcParams.js";
import { ascent, descent } from "../text/fonts.js";
import type { Artist, Coordinates, Frame, LegendEntry } from "./artist.js";
import type { Labelled } from "./containers.js";
import { Text } from "./text.js";

const places = [
  "best",
  "upper right",
  "upper left",
  "lower left",
  "lower right",
  "right",
  "center left",
  "center right",
  "lower center",
  "upper center",
  "center",
] as const;
type Place = (typeof places)[number];
const size = kind<number | string>("float or str", (v) => typeof v === "number" || typeof v === "string");

/** The options of legends. */
export const legendTable = {
  handles: data<readonly unknown[]>(),
  labels: data<readonly string[]>(),
  loc: kind<Place | number | readonly [number, number]>(
    "str, int or (float, float)",
    (v) => typeof v === "string" || typeof v === "number" || Array.isArray(v),
  ),
  bboxToAnchor: kind<readonly number[]>(
    "(float, float) or (float, float, float, float)",
    (v) => Array.isArray(v) && (v.length === 2 || v.length === 4),
  ),
  bboxTransform: data<Coordinates>(),
  ncol: number,
  ncols: as("ncol", number),
  fontsize: size,
  prop: data<{ size?: number | string }>(),
  title: text,
  titleFontsize: size,
  frameon: flag,
  fancybox: flag,
  shadow: flag,
  framealpha: number,
  facecolor: color,
  edgecolor: color,
  labelcolor: color,
  borderpad: number,
  labelspacing: number,
  handlelength: number,
  handleheight: number,
  handletextpad: number,
  borderaxespad: number,
  columnspacing: number,
  markerscale: number,
  markerfirst: flag,
  reverse: flag,
  alignment: words("left", "center", "right"),
  mode: words("expand"),
  zorder: number,
};
export type LegendOptions = Options<typeof legendTable>;

/** The samples of what has a place in the legend, under their own names or others. */
export function legendEntries(handles: readonly Labelled[], names?: readonly string[]): LegendEntry[] {
  return handles.flatMap((handle, i) => {
    const entry = handle.legendEntry();
    const label = names ? names[i] : entry?.label;
    return entry && label !== undefined && label !== "" ? [{ ...entry, label }] : [];
  });
}

/** A legend. */
export class Legend {
  zorder: number;
  visible = true;
  readonly #entries: readonly LegendEntry[];
  readonly #options: Read<typeof legendTable>;
  #facecolor: Color;

  constructor(entries: readonly LegendEntry[], options: Read<typeof legendTable>, axesColor: Color) {
    this.#entries = options.reverse ? entries.toReversed() : entries;
    this.#options = options;
    this.zorder = options.zorder ?? 5;
    const face = options.facecolor ?? rcParams["legend.facecolor"];
    this.#facecolor = face === "inherit" ? axesColor : face;
    const { loc } = options;
    if (typeof loc === "string" && !places.includes(loc as Place)) {
      throw new Error(
        `'${loc}' is not a valid value for loc; supported values are ${places.map((one) => `'${one}'`).join(", ")}`,
      );
    }
  }

  /** The names in it. */
  getTexts(): string[] {
    return this.#entries.map(({ label }) => label);
  }

  /** Shows it or hides it. */
  setVisible(visible: boolean): this {
    this.visible = visible;
    return this;
  }

  /** Sets the words above all entries. */
  setTitle(title: string): this {
    this.#options.title = title;
    return this;
  }

  /** Takes it away. */
  remove(): void {
    this.visible = false;
  }

  #setting(
    name:
      | "borderpad"
      | "labelspacing"
      | "handlelength"
      | "handleheight"
      | "handletextpad"
      | "borderaxespad"
      | "columnspacing",
  ): number {
    return (this.#options[name] ?? rcParams[`legend.${name}`]) * this.#size;
  }

  get #size(): number {
    return fontSize(this.#options.fontsize ?? this.#options.prop?.size ?? rcParams["legend.fontsize"]);
  }

  /** Everything at its place, for a legend whose upper left corner is at (0, 0). */
  #layout() {
    const size = this.#size;
    const pad = this.#setting("borderpad");
    const gap = this.#setting("labelspacing");
    const [handleWidth, handleHeight] = [this.#setting("handlelength"), this.#setting("handleheight")];
    const textGap = this.#setting("handletextpad");
    const texts = this.#entries.map(({ label }) => {
      const text = new Text(0, 0, label, { fontsize: size, color: this.#options.labelcolor ?? rcParams["text.color"] });
      return { text, layout: text.placeAt([0, 0]).layout };
    });
    const title =
      this.#options.title === undefined
        ? undefined
        : new Text(0, 0, this.#options.title, {
            fontsize: this.#options.titleFontsize ?? rcParams["legend.title_fontsize"] ?? rcParams["font.size"],
            multialignment: "center",
          });
    const titleLayout = title?.placeAt([0, 0]).layout;
    const columns = Math.max(1, Math.min(this.#options.ncol ?? 1, texts.length));
    const perColumn = splitEvenly(texts.length, columns);
    const top = pad + (titleLayout ? titleLayout.height + gap : 0);
    const items: { handle: Box; text: Text; at: Point }[] = [];
    let [x, height, k] = [pad, top, 0];
    for (const count of perColumn) {
      let [y, widest] = [top, 0];
      for (let i = 0; i < count; i++, k++) {
        const { text, layout } = texts[k] as (typeof texts)[number];
        const above = Math.max(layout.baseline, ascent * size, handleHeight);
        const below = Math.max(layout.height - layout.baseline, descent * size);
        const baseline = y + above;
        items.push({
          handle: new Box(x, baseline - handleHeight, x + handleWidth, baseline),
          text,
          at: [x + handleWidth + textGap, baseline],
        });
        widest = Math.max(widest, layout.width);
        y += above + below + gap;
      }
      height = Math.max(height, y - gap);
      x += handleWidth + textGap + widest + this.#setting("columnspacing");
    }
    let width = texts.length === 0 ? pad : x - this.#setting("columnspacing");
    if (titleLayout && titleLayout.width > width - pad) {
      const shift = (titleLayout.width - (width - pad)) / 2;
      for (const item of items) {
        item.handle = new Box(item.handle.left + shift, item.handle.top, item.handle.right + shift, item.handle.bottom);
        item.at = [item.at[0] + shift, item.at[1]];
      }
      width = titleLayout.width + pad;
    }
    return { items, width: width + pad, height: height + pad, title, titleAt: [(width + pad) / 2, pad] as Point };
  }

  /** Where it stands. */
  #place(frame: Frame, artists: readonly Artist[], width: number, height: number): Box {
    const { bboxToAnchor, bboxTransform, loc = rcParams["legend.loc"] as Place | number } = this.#options;
    let around = frame.box;
    if (bboxToAnchor) {
      const [x = 0, y = 0, w = 0, h = 0] = bboxToAnchor;
      const { map } = bboxTransform ?? frame.transAxes;
      const [a, b] = [map(x, y), map(x + w, y + h)];
      around = new Box(a[0], b[1], b[0], a[1]);
    }
    if (Array.isArray(loc)) {
      const [x, y] = around.at(loc[0] as number, loc[1] as number);
      return new Box(x, y - height, x + width, y);
    }
    const place = typeof loc === "number" ? places[loc] : (loc as Place);
    if (place === undefined) throw new RangeError(`${loc} is not a valid value for loc`);
    const pad = this.#setting("borderaxespad");
    const inner = around.expand(-pad);
    if (place !== "best") return anchored(place, inner, width, height);
    const obstacles = artists.filter((artist) => artist.visible).flatMap((artist) => [...artist.obstacles(frame)]);
    let best: { box: Box; count: number } | undefined;
    for (const name of places.slice(1)) {
      const box = anchored(name, inner, width, height);
      const count = obstacles.filter((point) => box.contains(point)).length;
      if (!best || count < best.count) best = { box, count };
      if (count === 0) break;
    }
    return (best as { box: Box }).box;
  }

  /** A box grown by where the legend is. */
  union(box: Box, frame: Frame, artists: readonly Artist[]): Box {
    const { width, height } = this.#layout();
    return Box.union([box, this.#place(frame, artists, width, height)]) as Box;
  }

  /** Draws it at its place. */
  drawIn(canvas: Canvas, frame: Frame, artists: readonly Artist[]): void {
    const { items, width, height, title, titleAt } = this.#layout();
    const box = this.#place(frame, artists, width, height);
    const [dx, dy] = [box.left, box.top];
    if (this.#options.frameon ?? rcParams["legend.frameon"]) this.#drawFrame(canvas, box);
    for (const [i, { handle, text, at }] of items.entries()) {
      const sample = new Box(handle.left + dx, handle.top + dy, handle.right + dx, handle.bottom + dy);
      this.#entries[i]?.draw(canvas, sample, this.#options.markerscale ?? rcParams["legend.markerscale"]);
      text.drawPlaced(canvas, text.placeAt([at[0] + dx, at[1] + dy]));
    }
    title?.drawPlaced(canvas, title.placeAt([titleAt[0] + dx, titleAt[1] + dy], "center", "top"));
  }

  #drawFrame(canvas: Canvas, box: Box): void {
    const isRound = this.#options.fancybox ?? rcParams["legend.fancybox"];
    const shape = isRound ? Path.roundedBox(box, 0.2 * this.#size) : Path.ofBox(box);
    const alpha = this.#options.framealpha ?? rcParams["legend.framealpha"] ?? 1;
    if (this.#options.shadow)
      canvas.path(
        shape.transform((x, y) => [x + 2, y + 2]),
        { fill: [0, 0, 0, 0.3] },
      );
    canvas.path(shape, {
      fill: toRgba(this.#facecolor, alpha),
      stroke: toRgba(this.#options.edgecolor ?? rcParams["legend.edgecolor"], alpha),
      width: rcParams["patch.linewidth"],
    });
  }
}

/** How many of `count` items stand in each column. */
function splitEvenly(count: number, columns: number): number[] {
  return Array.from({ length: columns }, (_, i) => Math.floor(count / columns) + (i < count % columns ? 1 : 0));
}

/** A box of a size at a place in another one. */
function anchored(place: Place, around: Box, width: number, height: number): Box {
  const x = place.endsWith("left") ? 0 : place.endsWith("right") ? 1 : 0.5;
  const y = place.startsWith("upper") ? 0 : place.startsWith("lower") ? 1 : 0.5;
  const left = around.left + x * (around.width - width);
  const top = around.top + y * (around.height - height);
  return new Box(left, top, left + width, top + height);
}
