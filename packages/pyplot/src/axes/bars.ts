/** Bars, areas and shares of a whole. */

import type { LineCollection } from "../artists/collections.js";
import { type CollectionStyle, PolyCollection } from "../artists/collections.js";
import { BarContainer, type ErrorbarContainer, noLegend } from "../artists/containers.js";
import { type Patch, patchOf, patchTable, Rectangle, Wedge } from "../artists/patches.js";
import { Text, type TextOptions, textTable } from "../artists/text.js";
import { formatNumber, formatPercent, general } from "../axis/formatters.js";
import { type Color, toRgba } from "../color/colors.js";
import {
  broadcast,
  checkSameLength,
  type Data,
  type Matrix,
  type Positions,
  readVector,
  type Vector,
} from "../data.js";
import { Path, type Point } from "../geometry.js";
import {
  as,
  color,
  data,
  flag,
  isOptions,
  kind,
  list,
  number,
  type Options,
  type Read,
  readCall,
  readOptions,
  text,
  words,
} from "../options.js";
import { rcParams } from "../rc/rcParams.js";
import { LineAxes, readColors, readErrors } from "./lines.js";

const perBar = data<Color | readonly Color[]>();
const perBarNumber = data<Vector | number>();
const barTable = {
  ...patchTable,
  align: words("center", "edge"),
  color: perBar,
  edgecolor: perBar,
  ec: as("edgecolor", perBar),
  linewidth: perBarNumber,
  lw: as("linewidth", perBarNumber),
  tickLabel: list<string>("list of str"),
  label: data<string | readonly string[]>(),
  hatch: data<string | readonly string[]>(),
  xerr: data<Data | number>(),
  yerr: data<Data | number>(),
  ecolor: color,
  capsize: number,
  errorKw: data<Record<string, unknown>>(),
  log: flag,
};
export type BarOptions = Options<typeof barTable>;

const fillTable = {
  where: data<readonly boolean[] | Vector>(),
  interpolate: flag,
  step: words("pre", "post", "mid"),
  color,
  facecolor: color,
  fc: as("facecolor", color),
  edgecolor: color,
  ec: as("edgecolor", color),
  linewidth: number,
  lw: as("linewidth", number),
  linestyle: text,
  ls: as("linestyle", text),
  alpha: number,
  label: text,
  zorder: number,
  hatch: text,
};
export type FillOptions = Options<typeof fillTable>;

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
const stackTable = {
  labels: list<string>("list of str"),
  colors: list<Color>("list of colors"),
  alpha: number,
  baseline: words("zero", "sym"),
  linewidth: number,
  edgecolor: color,
  zorder: number,
};
const barLabelTable = {
  ...textTable,
  labels: list<unknown>("list"),
  fmt: kind<string | ((value: number) => string)>(
    "str or function",
    (v) => typeof v === "string" || typeof v === "function",
  ),
  labelType: words("edge", "center"),
  padding: number,
};

/** Axes on which bars and areas can be drawn. */
export class BarAxes extends LineAxes {
  /**
   * Upright bars at x.
   *
   * @example ax.bar(["cat", "dog"], [3, 5], { color: ["C0", "C1"], yerr: [0.2, 0.4], capsize: 4 })
   * @see https://matplotlib.org/stable/api/_as_gen/matplotlib.pyplot.bar.html
   */
  bar(
    x: Positions | number,
    height: Vector | number,
    ...rest:
      | [width?: Vector | number, bottom?: Vector | number | null, options?: BarOptions]
      | [width?: Vector | number, options?: BarOptions & { bottom?: Vector | number }]
      | [options?: BarOptions & { width?: Vector | number; bottom?: Vector | number }]
  ): BarContainer {
    const [read, at] = readCall("bar", [x, height, ...rest], ["x", "height", "width", "bottom"], 2, barTable);
    return this.#bars(read, this.readX(at.x), { length: at.height, thick: at.width, base: at.bottom }, true);
  }

  /** Level bars at y; see `bar`. */
  barh(
    y: Positions | number,
    width: Vector | number,
    ...rest:
      | [height?: Vector | number, left?: Vector | number | null, options?: BarOptions]
      | [height?: Vector | number, options?: BarOptions & { left?: Vector | number }]
      | [options?: BarOptions & { height?: Vector | number; left?: Vector | number }]
  ): BarContainer {
    const [read, at] = readCall("barh", [y, width, ...rest], ["y", "width", "height", "left"], 2, barTable);
    return this.#bars(read, this.readY(at.y), { length: at.width, thick: at.height, base: at.left }, false);
  }

  #bars(
    read: Read<typeof barTable>,
    places: Float64Array,
    sizes: { length: unknown; thick: unknown; base: unknown },
    isUpright: boolean,
  ): BarContainer {
    const given = readVector(sizes.length, isUpright ? "height" : "width");
    const count = Math.max(places.length, given.length);
    const at = broadcast(places, count, isUpright ? "x" : "y");
    const lengths = broadcast(given, count, isUpright ? "height" : "width");
    const thick = broadcast(sizes.thick ?? 0.8, count, isUpright ? "width" : "height");
    const base = broadcast(sizes.base ?? 0, count, isUpright ? "bottom" : "left");
    const {
      align = "center",
      color: fill,
      edgecolor,
      linewidth,
      tickLabel,
      label,
      hatch,
      xerr,
      yerr,
      ecolor,
      capsize,
      errorKw,
      log,
      ...style
    } = read;
    const faces = readColors(fill ?? style.facecolor ?? this.nextPatchColor());
    const edges = edgecolor === undefined ? undefined : readColors(edgecolor);
    if (!faces || (edgecolor !== undefined && !edges)) throw new Error("bar: color and edgecolor must be colors");
    if (Array.isArray(label) && label.length !== count)
      throw new Error(`number of labels (${label.length}) does not match number of bars (${count}).`);
    if (log) isUpright ? this.setYscale("log") : this.setXscale("log");
    const widths = linewidth === undefined ? undefined : readVector(linewidth, "linewidth");
    const patches = Array.from(at, (place, i) => {
      const [t, l, b] = [thick[i] as number, lengths[i] as number, base[i] as number];
      const start = align === "center" ? place - t / 2 : place;
      const bar = isUpright ? new Rectangle([start, b], t, l) : new Rectangle([b, start], l, t);
      bar.set({ ...style, facecolor: [...(faces[i % faces.length] as readonly number[])] });
      if (edges) bar.edgecolor = edges[i % edges.length] as readonly number[];
      if (widths) bar.linewidth = widths[i % widths.length] as number;
      if (typeof hatch === "string") bar.hatch = hatch;
      else if (hatch) bar.hatch = hatch[i % hatch.length];
      bar.label = Array.isArray(label) ? String(label[i]) : noLegend;
      bar.sticky = isUpright ? { stickyY: [b] } : { stickyX: [b] };
      return this.add(bar);
    });
    const ends = patches.map((_, i) => (base[i] as number) + (lengths[i] as number));
    if (tickLabel) isUpright ? this.setXticks(at, tickLabel) : this.setYticks(at, tickLabel);
    const errors =
      xerr !== undefined || yerr !== undefined
        ? this.#barErrors(at, ends, thick, align, isUpright, { xerr, yerr, ecolor: ecolor ?? "k", capsize, ...errorKw })
        : undefined;
    const along = isUpright ? yerr : xerr;
    const [low, high] = along === undefined ? [] : readErrors(along, count, "yerr");
    const tips = ends.map((end, i) => ((lengths[i] as number) < 0 ? end - (low?.[i] ?? 0) : end + (high?.[i] ?? 0)));
    const name = typeof label === "string" ? label : "";
    return this.addContainer(
      new BarContainer(patches, errors, lengths, isUpright ? "vertical" : "horizontal", tips, name),
    );
  }

  #barErrors(
    at: Float64Array,
    ends: readonly number[],
    thick: Float64Array,
    align: string,
    isUpright: boolean,
    options: Record<string, unknown>,
  ): ErrorbarContainer {
    const middle = at.map((p, i) => (align === "center" ? p : p + (thick[i] as number) / 2));
    const [x, y] = isUpright ? [middle, Float64Array.from(ends)] : [Float64Array.from(ends), middle];
    return this.drawErrorbars(x, y, { fmt: "none", ...options });
  }

  /**
   * Writes a number at each bar.
   *
   * @example ax.barLabel(ax.bar(["a", "b"], [3, 5]), { fmt: "%.1f" })
   */
  barLabel(
    container: BarContainer,
    ...rest:
      | [labels?: readonly unknown[] | null, options?: Options<typeof barLabelTable>]
      | [options?: Options<typeof barLabelTable>]
  ): Text[] {
    const [{ labels, fmt = "%g", labelType = "edge", padding = 0, ...style }] = readCall(
      "barLabel",
      [container, ...rest],
      ["container", "labels"],
      1,
      barLabelTable,
    );
    const write = (value: number): string => {
      if (typeof fmt === "function") return fmt(value);
      if (fmt === "%g") return general(value);
      return fmt.includes("{")
        ? fmt.replace(/\{:?([^}]*)\}/, (_, spec: string) => formatNumber(value, spec))
        : formatPercent(fmt, value);
    };
    const isUpright = container.orientation === "vertical";
    return container.patches.map((patch, i) => {
      const value = container.datavalues[i] as number;
      const bar = patch as Rectangle;
      const middle = isUpright ? bar.getX() + bar.getWidth() / 2 : bar.getY() + bar.getHeight() / 2;
      const end = container.ends[i] as number;
      const foot = isUpright ? bar.getY() : bar.getX();
      const along = labelType === "center" ? foot + value / 2 : end;
      const [x, y] = isUpright ? [middle, along] : [along, middle];
      const isNegative = value < 0;
      const aligned =
        labelType === "center"
          ? ({ ha: "center", va: "center" } as const)
          : isUpright
            ? ({ ha: "center", va: isNegative ? "top" : "bottom" } as const)
            : ({ ha: isNegative ? "right" : "left", va: "center" } as const);
      const text = new Text(x, y, String(labels?.[i] ?? write(value)), {
        horizontalalignment: aligned.ha,
        verticalalignment: aligned.va,
        ...style,
      });
      const push = (isNegative ? -1 : 1) * padding;
      const { transData } = this;
      text.transform = {
        name: "data",
        map: (px, py) =>
          shifted(
            this.drawing ? transData.map(px, py) : this.transData.map(px, py),
            isUpright ? [0, -push] : [push, 0],
          ),
      };
      return this.add(text);
    });
  }

  #area(functionName: string, args: readonly unknown[], isLevel: boolean): PolyCollection {
    const places = isLevel ? ["x", "y1", "y2", "where"] : ["y", "x1", "x2", "where"];
    const [read, given] = readCall(functionName, args, places, 2, fillTable);
    const along = isLevel ? this.readX(given[places[0] as string]) : this.readY(given[places[0] as string]);
    const first = broadcast(given[places[1] as string], along.length, places[1] as string);
    const second = broadcast(given[places[2] as string] ?? 0, along.length, places[2] as string);
    const isIn = read.where === undefined ? undefined : Array.from(read.where as ArrayLike<unknown>, Boolean);
    if (isIn && isIn.length !== along.length)
      throw new Error(`where size (${isIn.length}) does not match ${places[0]} size (${along.length})`);
    const at = (a: number, b: number): Point => (isLevel ? [a, b] : [b, a]);
    const paths: Path[] = [];
    for (const [from, to] of runs(along, first, second, isIn)) {
      const upper: Point[] = [];
      const lower: Point[] = [];
      for (let i = from; i < to; i++) {
        upper.push(at(along[i] as number, first[i] as number));
        lower.push(at(along[i] as number, second[i] as number));
      }
      const walk = (points: Point[]): readonly Point[] => (read.step ? stepped(points, read.step, isLevel) : points);
      paths.push(Path.polyline([...walk(upper), ...walk(lower).toReversed()], true));
    }
    const shade = read.facecolor ?? read.color ?? this.nextPatchColor();
    const edge = read.edgecolor ?? read.color;
    const style: CollectionStyle = {
      ...(read.alpha !== undefined && { alpha: read.alpha }),
      ...(read.label !== undefined && { label: read.label }),
      ...(read.zorder !== undefined && { zorder: read.zorder }),
      facecolors: [toRgba(shade)],
      edgecolors: edge === undefined ? [] : [toRgba(edge)],
      linewidths: [read.linewidth ?? rcParams["patch.linewidth"]],
      hatch: read.hatch,
      linestyle: read.linestyle,
    };
    return this.add(new PolyCollection(paths, style));
  }

  /**
   * Fills the area between two curves.
   *
   * @example ax.fillBetween(x, low, high, { alpha: 0.2, color: "C1" })
   */
  fillBetween(
    x: Positions,
    y1: Vector | number,
    ...rest:
      | [y2?: Vector | number, where?: readonly boolean[] | Vector | null, options?: FillOptions]
      | [y2?: Vector | number, options?: FillOptions]
      | [options?: FillOptions]
  ): PolyCollection {
    return this.#area("fillBetween", [x, y1, ...rest], true);
  }

  /** Fills the area between two curves over y. */
  fillBetweenx(
    y: Positions,
    x1: Vector | number,
    ...rest:
      | [x2?: Vector | number, where?: readonly boolean[] | Vector | null, options?: FillOptions]
      | [x2?: Vector | number, options?: FillOptions]
      | [options?: FillOptions]
  ): PolyCollection {
    return this.#area("fillBetweenx", [y, x1, ...rest], false);
  }

  /** Filled polygons through points. */
  fill(
    x: Vector,
    y: Vector,
    ...rest: [color?: string, options?: Options<typeof patchTable>] | [options?: Options<typeof patchTable>]
  ): Patch[] {
    const format = typeof rest[0] === "string" ? rest[0] : undefined;
    const options = rest.find((one) => isOptions(one));
    const [read, at] = readCall("fill", [x, y, ...(options ? [options] : [])], ["x", "y"], 2, patchTable);
    const [xs, ys] = [this.readX(at.x), this.readY(at.y)];
    checkSameLength(xs, ys);
    const path = Path.polyline(
      Array.from(xs, (px, i): Point => [px, ys[i] as number]),
      true,
    );
    return [this.add(patchOf(path, { facecolor: format ?? this.nextPatchColor(), ...read }))];
  }

  /** Areas on top of one another, one for each row of y. */
  stackplot(x: Positions, ...rest: (Matrix | Vector | Options<typeof stackTable>)[]): PolyCollection[] {
    const options = isOptions(rest.at(-1)) ? rest.pop() : undefined;
    const { labels = [], colors, baseline = "zero", ...style } = readOptions("stackplot", stackTable, options);
    const rows = rest.length === 1 ? rowsOf(rest[0]) : rest.map((row) => readVector(row, "y"));
    const xs = this.readX(x);
    const totals = new Float64Array(xs.length);
    for (const row of rows) {
      checkSameLength(xs, row);
      row.forEach((v, i) => (totals[i] = (totals[i] as number) + v));
    }
    let floor: Float64Array = baseline === "sym" ? totals.map((t) => -t / 2) : new Float64Array(xs.length);
    return rows.map((row, k) => {
      const top = floor.map((f, i) => f + (row[i] as number));
      const area = this.fillBetween(xs, floor, top, {
        facecolor: colors ? (colors[k % colors.length] as Color) : this.nextLineColor(),
        ...(labels[k] !== undefined && { label: labels[k] }),
        ...style,
      });
      if (k === 0 && baseline === "zero") Object.assign(area.sticky, { stickyY: [0] });
      floor = top;
      return area;
    });
  }

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

const shifted = ([x, y]: Point, [dx, dy]: Point): Point => [x + dx, y + dy];

/** The stretches, as [from, to), in which all numbers are finite and the condition holds. */
function* runs(
  along: Float64Array,
  first: Float64Array,
  second: Float64Array,
  isIn?: readonly boolean[],
): Generator<[number, number]> {
  let from: number | undefined;
  for (let i = 0; i <= along.length; i++) {
    const isGood =
      i < along.length &&
      (isIn?.[i] ?? true) &&
      Number.isFinite(along[i]) &&
      Number.isFinite(first[i]) &&
      Number.isFinite(second[i]);
    if (isGood) from ??= i;
    else if (from !== undefined) {
      if (i - from > 0) yield [from, i];
      from = undefined;
    }
  }
}

/** Points with steps between them. */
function stepped(points: readonly Point[], where: "pre" | "post" | "mid", isLevel: boolean): Point[] {
  return points.flatMap((at, i): Point[] => {
    const before = points[i - 1];
    if (!before) return [at];
    const k = isLevel ? 0 : 1;
    const turn = where === "post" ? at[k] : where === "mid" ? (before[k] + at[k]) / 2 : before[k];
    const [a, b]: [Point, Point] = isLevel
      ? [
          [turn, before[1]],
          [turn, at[1]],
        ]
      : [
          [before[0], turn],
          [at[0], turn],
        ];
    return [a, b, at];
  });
}

function rowsOf(value: unknown): Float64Array[] {
  const rows = Array.isArray(value) && typeof value[0] !== "number" ? value : undefined;
  if (rows) return rows.map((row) => readVector(row, "y"));
  return value !== null &&
    typeof value === "object" &&
    Symbol.iterator in value &&
    (value as { ndim?: number }).ndim === 2
    ? [...(value as Iterable<unknown>)].map((row) => readVector(row, "y"))
    : [readVector(value, "y")];
}

export type { LineCollection };
