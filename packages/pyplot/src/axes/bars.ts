/** Bars. */
import { BarContainer, type ErrorbarContainer, noLegend } from "../artists/containers.js";
import { type Patch, type PatchOptions, type PatchProperties, patchTable, Rectangle } from "../artists/patches.js";
import { Text, textTable } from "../artists/text.js";
import { formatNumber, formatPercent, general } from "../axis/formatters.js";
import type { Color } from "../color/colors.js";
import { readColors } from "../color/options.js";
import { broadcast, type Data, type Positions, readVector, type Vector } from "../data.js";
import {
  as,
  color,
  data,
  flag,
  list,
  number,
  numberFormat,
  type Options,
  type Read,
  readCall,
  readOptions,
  words,
} from "../options.js";
import { errorTable, PointAxes, readErrors } from "./points.js";

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

const barLabelTable = {
  ...textTable,
  labels: list<unknown>("list"),
  fmt: numberFormat,
  labelType: words("edge", "center"),
  padding: number,
};

/** Where bars stand and how long they are. */
interface Bars {
  readonly at: Float64Array;
  readonly lengths: Float64Array;
  readonly thick: Float64Array;
  readonly base: Float64Array;
  readonly isCentred: boolean;
  readonly isUpright: boolean;
}

const endsOf = ({ base, lengths }: Bars): Float64Array => base.map((b, i) => b + (lengths[i] as number));

/** Axes on which bars can be drawn. */
export class BarAxes extends PointAxes {
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
    const [along, across] = isUpright ? ["height", "width"] : ["width", "height"];
    const given = readVector(sizes.length, along as string);
    const count = Math.max(places.length, given.length);
    const bars: Bars = {
      at: broadcast(places, count, isUpright ? "x" : "y"),
      lengths: broadcast(given, count, along as string),
      thick: broadcast(sizes.thick ?? 0.8, count, across as string),
      base: broadcast(sizes.base ?? 0, count, isUpright ? "bottom" : "left"),
      isCentred: read.align !== "edge",
      isUpright,
    };
    const { xerr, yerr, label, tickLabel } = read;
    if (Array.isArray(label) && label.length !== count) {
      throw new Error(`number of labels (${label.length}) does not match number of bars (${count}).`);
    }
    const error = isUpright ? yerr : xerr;
    const [low, high] = error === undefined ? [] : readErrors(error, count, isUpright ? "yerr" : "xerr");
    const patches = this.#barPatches(bars, read);
    if (read.log) isUpright ? this.setYscale("log") : this.setXscale("log");
    if (tickLabel) isUpright ? this.setXticks(bars.at, tickLabel) : this.setYticks(bars.at, tickLabel);
    const errors = xerr === undefined && yerr === undefined ? undefined : this.#barErrors(bars, read);
    const ends = endsOf(bars).map((end, i) =>
      (bars.lengths[i] as number) < 0 ? end - (low?.[i] ?? 0) : end + (high?.[i] ?? 0),
    );
    const name = typeof label === "string" ? label : "";
    const orientation = isUpright ? "vertical" : "horizontal";
    return this.addContainer(new BarContainer(patches, errors, bars.lengths, orientation, [...ends], name));
  }

  /** The rectangles; colours, widths, labels and patterns may be one for all or one for each. */
  #barPatches({ at, lengths, thick, base, isCentred, isUpright }: Bars, read: Read<typeof barTable>): Rectangle[] {
    const { color: fill, facecolor, edgecolor, linewidth, label, hatch } = read;
    const faces = readColors(fill ?? facecolor ?? this.nextPatchColor());
    const edges = edgecolor === undefined ? [] : readColors(edgecolor);
    if (!faces || !edges) throw new Error("bar: color and edgecolor must be colors");
    const widths = linewidth === undefined ? [] : readVector(linewidth, "linewidth");
    const hatches = hatch === undefined ? [] : [hatch].flat();
    const { alpha, linestyle, zorder, visible, clipOn, fill: isFilled, joinstyle, capstyle } = read as PatchProperties;
    const each = <T>(list: ArrayLike<T>, i: number): T | undefined => list[i % list.length];
    return Array.from(at, (place, i) => {
      const [t, length, b] = [thick[i] as number, lengths[i] as number, base[i] as number];
      const start = isCentred ? place - t / 2 : place;
      const [corner, size] = isUpright
        ? ([
            [start, b],
            [t, length],
          ] as const)
        : ([
            [b, start],
            [length, t],
          ] as const);
      const bar = new Rectangle(corner, ...size, {
        ...{ alpha, linestyle, zorder, visible, clipOn, fill: isFilled, joinstyle, capstyle },
        facecolor: each(faces, i),
        edgecolor: each(edges, i),
        linewidth: each(widths, i),
        hatch: each(hatches, i),
        label: Array.isArray(label) ? String(label[i]) : noLegend,
      });
      bar.sticky = isUpright ? { stickyY: [b] } : { stickyX: [b] };
      return this.add(bar);
    });
  }

  #barErrors(bars: Bars, { xerr, yerr, ecolor = "k", capsize, errorKw }: Read<typeof barTable>): ErrorbarContainer {
    const { at, thick, isCentred, isUpright } = bars;
    const middle = at.map((place, i) => (isCentred ? place : place + (thick[i] as number) / 2));
    const ends = endsOf(bars);
    const given = readOptions("bar", errorTable, { xerr, yerr, ecolor, capsize, fmt: "none", ...errorKw });
    return isUpright ? this.drawErrorbars(middle, ends, given) : this.drawErrorbars(ends, middle, given);
  }

  /**
   * Level bars with gaps: from each start so long, all at the same height.
   *
   * @example ax.brokenBarh([[0, 3], [5, 2]], [10, 4], { facecolor: "tab:blue" })
   */
  brokenBarh(
    xranges: readonly (readonly [start: number, length: number])[],
    yrange: readonly [start: number, height: number],
    options: PatchOptions = {},
  ): Patch[] {
    const style = readOptions("brokenBarh", patchTable, options);
    const facecolor = style.facecolor ?? style.color ?? this.nextPatchColor();
    return xranges.map(([start, length]) =>
      this.add(new Rectangle([start, yrange[0]], length, yrange[1], { ...style, facecolor })),
    );
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
      const [dx, dy] = isUpright ? [0, -push] : [push, 0];
      text.transform = {
        name: "data",
        map: (px, py) => {
          const [canvasX, canvasY] = this.transData.map(px, py);
          return [canvasX + dx, canvasY + dy];
        },
      };
      return this.add(text);
    });
  }
}
