/** Shares of a whole. */
import { type patchTable, Wedge } from "../artists/patches.js";
import { Text, type TextOptions, textTable } from "../artists/text.js";
import { formatPercent } from "../axis/formatters.js";
import type { Color } from "../color/colors.js";
import { broadcast, readVector, type Vector } from "../data.js";
import type { Point } from "../geometry.js";
import { data, flag, kind, list, number, type Options, readCall, readOptions } from "../options.js";
import { AreaAxes } from "./areas.js";

const pieTable = {
  explode: data<Vector>(),
  labels: list<string>("list of str"),
  colors: list<Color>("list of colors"),
  autopct: kind<string | ((percent: number) => string)>(
    "str or function",
    (v) => typeof v === "string" || typeof v === "function",
  ),
  pctdistance: number,
  shadow: flag,
  labeldistance: kind<number>("float", (v) => typeof v === "number"),
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

/** Axes on which pies can be drawn. */
export class PieAxes extends AreaAxes {
  /**
   * Shares of a whole as parts of a circle.
   *
   * @example ax.pie([3, 5, 2], { labels: ["a", "b", "c"], autopct: "%1.0f%%" })
   */
  pie(
    x: Vector,
    ...rest: [explode?: Vector | null, options?: PieOptions] | [options?: PieOptions]
  ): { patches: Wedge[]; texts: Text[]; autotexts: Text[]; [Symbol.iterator](): Iterator<Wedge[] | Text[]> } {
    const [read, given] = readCall("pie", [x, ...rest], ["x", "explode", "labels", "colors", "autopct"], 1, pieTable);
    const {
      labels = [],
      colors,
      autopct,
      pctdistance = 0.6,
      labeldistance = 1.1,
      startangle = 0,
      radius = 1,
      counterclock = true,
      wedgeprops = {},
      textprops = {},
      center = [0, 0],
      frame = false,
      rotatelabels = false,
    } = read;
    const values = readVector(given.x, "x");
    if (values.some((v) => v < 0)) throw new Error("Wedge sizes 'x' must be non negative values");
    const total = values.reduce((a, b) => a + b, 0);
    const whole = read.normalize === false ? 1 : total;
    if (read.normalize === false && total > 1 + 1e-9)
      throw new Error("Cannot plot an unnormalized pie with sum(x) > 1");
    const explode =
      read.explode === undefined ? new Float64Array(values.length) : broadcast(read.explode, values.length, "explode");
    const result = { patches: [] as Wedge[], texts: [] as Text[], autotexts: [] as Text[] };
    let angle = startangle;
    for (const [i, value] of values.entries()) {
      const share = value / whole;
      const turn = (counterclock ? 1 : -1) * 360 * share;
      const [from, to] = counterclock ? [angle, angle + turn] : [angle + turn, angle];
      const middle = ((angle + turn / 2) * Math.PI) / 180;
      const out = explode[i] as number;
      const [cx, cy] = [center[0] + out * Math.cos(middle), center[1] + out * Math.sin(middle)];
      const at = (distance: number): Point => [
        cx + distance * radius * Math.cos(middle),
        cy + distance * radius * Math.sin(middle),
      ];
      const face = colors ? (colors[i % colors.length] as Color) : this.nextPatchColor();
      const wedge = new Wedge([cx, cy], radius, from, to, {
        facecolor: face,
        clipOn: false,
        label: labels[i] ?? "",
        ...wedgeprops,
      });
      result.patches.push(this.add(wedge));
      const side = at(labeldistance)[0] - cx >= 0 ? "left" : "right";
      if (labels[i] !== undefined && read.labeldistance !== null) {
        const turned = rotatelabels
          ? { rotation: (middle * 180) / Math.PI + (side === "left" ? 0 : 180), rotationMode: "anchor" as const }
          : {};
        const props = readOptions("pie", textTable, textprops);
        result.texts.push(
          this.add(
            new Text(...at(labeldistance), labels[i], {
              horizontalalignment: side,
              verticalalignment: "center",
              clipOn: false,
              ...turned,
              ...props,
            }),
          ),
        );
      }
      if (autopct !== undefined) {
        const words = typeof autopct === "function" ? autopct(100 * share) : formatPercent(autopct, 100 * share);
        const props = readOptions("pie", textTable, textprops);
        result.autotexts.push(
          this.add(
            new Text(...at(pctdistance), words, {
              horizontalalignment: "center",
              verticalalignment: "center",
              clipOn: false,
              ...props,
            }),
          ),
        );
      }
      angle += turn;
    }
    this.setAspect("equal");
    if (!frame) {
      this.hasFrame = false;
      this.setXlim(center[0] - 1.25, center[0] + 1.25);
      this.setYlim(center[1] - 1.25, center[1] + 1.25);
      this.setXticks([]);
      this.setYticks([]);
    }
    return {
      ...result,
      *[Symbol.iterator]() {
        yield* [result.patches, result.texts, result.autotexts];
      },
    };
  }
}
