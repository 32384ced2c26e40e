/** Shares of a whole. */
import { type patchTable, Wedge } from "../artists/patches.js";
import { Text, type TextOptions, type TextProperties, textTable } from "../artists/text.js";
import { formatPercent } from "../axis/formatters.js";
import type { Color } from "../color/colors.js";
import { broadcast, readVector, type Vector } from "../data.js";
import type { Point } from "../geometry.js";
import { data, flag, list, number, numberFormat, type Options, type Read, readCall, readOptions } from "../options.js";
import { AreaAxes } from "./areas.js";

const pieTable = {
  explode: data<Vector>(),
  labels: list<string>("list of str"),
  colors: list<Color>("list of colors"),
  autopct: numberFormat,
  pctdistance: number,
  shadow: flag,
  labeldistance: number,
  startangle: number,
  radius: number,
  counterclock: flag,
  wedgeprops: data<Options<typeof patchTable> & { width?: number }>(),
  textprops: data<TextOptions>(),
  center: data<Point>(),
  frame: flag,
  rotatelabels: flag,
  normalize: flag,
};

export type PieOptions = Options<typeof pieTable>;

/** What `pie` draws; also as `[patches, texts, autotexts]`. */
export interface PieResult {
  readonly patches: Wedge[];
  readonly texts: Text[];
  readonly autotexts: Text[];
  [Symbol.iterator](): Iterator<Wedge[] | Text[]>;
}

/** Axes on which pies can be drawn. */
export class PieAxes extends AreaAxes {
  /**
   * Shares of a whole as parts of a circle.
   *
   * @example ax.pie([3, 5, 2], { labels: ["a", "b", "c"], autopct: "%1.0f%%" })
   */
  pie(x: Vector, ...rest: [explode?: Vector | null, options?: PieOptions] | [options?: PieOptions]): PieResult {
    const [read, given] = readCall("pie", [x, ...rest], ["x", "explode", "labels", "colors", "autopct"], 1, pieTable);
    const { labels = [], colors, autopct, center = [0, 0], radius = 1, frame = false } = read;
    const props = readOptions("pie", textTable, read.textprops ?? {});
    const parts = { patches: [] as Wedge[], texts: [] as Text[], autotexts: [] as Text[] };
    for (const [i, slice] of slicesOf(readVector(given.x, "x"), read).entries()) {
      const { share, from, to, middle, out } = slice;
      const [cos, sin] = [Math.cos(middle), Math.sin(middle)];
      const at = (distance: number): Point => [
        center[0] + (out + distance * radius) * cos,
        center[1] + (out + distance * radius) * sin,
      ];
      const facecolor = colors ? (colors[i % colors.length] as Color) : this.nextPatchColor();
      const look = { facecolor, clipOn: false, label: labels[i] ?? "", ...read.wedgeprops };
      parts.patches.push(this.add(new Wedge(at(0), radius, from, to, look)));
      const write = (words: string, distance: number, style: TextProperties): Text =>
        this.add(new Text(...at(distance), words, { verticalalignment: "center", clipOn: false, ...style, ...props }));
      if (labels[i] !== undefined && read.labeldistance !== null) {
        const isRight = (read.labeldistance ?? 1.1) * cos >= 0;
        const turn = (middle * 180) / Math.PI + (isRight ? 0 : 180);
        const turned = read.rotatelabels ? ({ rotation: turn, rotationMode: "anchor" } as const) : {};
        const side = isRight ? "left" : "right";
        parts.texts.push(write(labels[i], read.labeldistance ?? 1.1, { horizontalalignment: side, ...turned }));
      }
      if (autopct !== undefined) {
        const words = typeof autopct === "function" ? autopct(100 * share) : formatPercent(autopct, 100 * share);
        parts.autotexts.push(write(words, read.pctdistance ?? 0.6, { horizontalalignment: "center" }));
      }
    }
    this.setAspect("equal");
    if (!frame) this.#frameless(center);
    return {
      ...parts,
      *[Symbol.iterator]() {
        yield* [parts.patches, parts.texts, parts.autotexts];
      },
    };
  }

  #frameless([x, y]: Point): void {
    this.hasFrame = false;
    this.setXlim(x - 1.25, x + 1.25);
    this.setYlim(y - 1.25, y + 1.25);
    this.setXticks([]);
    this.setYticks([]);
  }
}

/** A part of the circle: its share of the whole, its angles in degrees, its middle in radians, how far it is moved out. */
interface Slice {
  readonly share: number;
  readonly from: number;
  readonly to: number;
  readonly middle: number;
  readonly out: number;
}

function slicesOf(values: Float64Array, read: Read<typeof pieTable>): Slice[] {
  if (values.some((v) => v < 0)) throw new Error("Wedge sizes 'x' must be non negative values");
  const total = values.reduce((a, b) => a + b, 0);
  const isWhole = read.normalize ?? true;
  if (!isWhole && total > 1 + 1e-9) throw new Error("Cannot plot an unnormalized pie with sum(x) > 1");
  const outs = broadcast(read.explode ?? 0, values.length, "explode");
  const direction = (read.counterclock ?? true) ? 1 : -1;
  let angle = read.startangle ?? 0;
  return Array.from(values, (value, i) => {
    const share = value / (isWhole ? total : 1);
    const [start, end] = [angle, angle + direction * 360 * share];
    angle = end;
    const [from, to] = direction > 0 ? [start, end] : [end, start];
    return { share, from, to, middle: ((start + end) * Math.PI) / 360, out: outs[i] as number };
  });
}
