/** Straight lines and bands: across the axes, or from one value to another. */
import { type LineStyle, linestyle } from "../artists/artist.js";
import { LineCollection } from "../artists/collections.js";
import { Line2D, type LineOptions, lineTable } from "../artists/line.js";
import { Patch, type PatchOptions, patchTable } from "../artists/patches.js";
import type { Rgba } from "../color/colors.js";
import { type Colors, colors, expectColors } from "../color/options.js";
import { broadcast, type Data, type Positions, readSets, readVector, type Vector } from "../data.js";
import { Path, type Point } from "../geometry.js";
import { as, data, number, type Options, readCall, readOptions, text, words } from "../options.js";
import { rcParams } from "../rc/rcParams.js";
import { LineAxes } from "./lines.js";

const linesTable = {
  colors,
  color: as("colors", colors),
  linestyles: linestyle,
  linestyle: as("linestyles", linestyle),
  ls: as("linestyles", linestyle),
  linewidths: number,
  linewidth: as("linewidths", number),
  lw: as("linewidths", number),
  label: text,
  alpha: number,
  zorder: number,
};

export type LinesOptions = Options<typeof linesTable>;

const eventTable = {
  orientation: words("horizontal", "vertical"),
  lineoffsets: data<Vector | number>(),
  linelengths: data<Vector | number>(),
  linewidths: number,
  colors,
  linestyle: linestyle,
  label: text,
  alpha: number,
  zorder: number,
};

/** Axes on which straight lines and bands can be drawn. */
export class SpanAxes extends LineAxes {
  /**
   * A short line at each of some positions: when events took place. Several lists stand above one another.
   *
   * @example ax.eventplot([[1, 2, 5], [2, 3]], { colors: ["C0", "C1"] })
   */
  eventplot(positions: Data, options: Options<typeof eventTable> = {}): LineCollection[] {
    const {
      orientation = "horizontal",
      lineoffsets = 1,
      linelengths = 1,
      linewidths = rcParams["lines.linewidth"],
      colors: given = "C0",
      ...style
    } = readOptions("eventplot", eventTable, options);
    const shades = expectColors("eventplot", given);
    const sets = readSets(positions, "positions");
    const offsets = readVector(lineoffsets, "lineoffsets");
    const lengths = broadcast(linelengths, sets.length, "linelengths");
    return sets.map((set, i) => {
      const middle = offsets[i] ?? (offsets[0] as number) + i;
      const half = (lengths[i] as number) / 2;
      const segments = Array.from(set, (at): Point[] => {
        const ends: Point[] = [
          [at, middle - half],
          [at, middle + half],
        ];
        return orientation === "horizontal" ? ends : ends.map(([a, b]): Point => [b, a]);
      });
      return this.add(
        new LineCollection(segments, {
          ...style,
          facecolors: [shades[i % shades.length] as Rgba],
          linewidths: [linewidths],
        }),
      );
    });
  }

  /** A level line across the axes, from `xmin` to `xmax` as shares of their width. */
  axhline(
    ...args:
      | [y?: number, xmin?: number, xmax?: number, options?: LineOptions]
      | [y?: number, options?: LineOptions]
      | [options?: LineOptions]
  ): Line2D {
    const [style, at] = readCall("axhline", args, ["y", "xmin", "xmax"], 0, lineTable);
    const { y = 0, xmin = 0, xmax = 1 } = at as Partial<Record<string, number>>;
    return this.add(
      new Line2D(
        Float64Array.of(xmin, xmax),
        Float64Array.of(y, y),
        { color: this.cycleColorAt(0), ...style },
        "yaxis",
      ),
    );
  }

  /** An upright line across the axes, from `ymin` to `ymax` as shares of their height. */
  axvline(
    ...args:
      | [x?: number, ymin?: number, ymax?: number, options?: LineOptions]
      | [x?: number, options?: LineOptions]
      | [options?: LineOptions]
  ): Line2D {
    const [style, at] = readCall("axvline", args, ["x", "ymin", "ymax"], 0, lineTable);
    const { x = 0, ymin = 0, ymax = 1 } = at as Partial<Record<string, number>>;
    return this.add(
      new Line2D(
        Float64Array.of(x, x),
        Float64Array.of(ymin, ymax),
        { color: this.cycleColorAt(0), ...style },
        "xaxis",
      ),
    );
  }

  /** A straight line without ends through a point, with a slope or through a second point. */
  axline(
    xy1: Point,
    ...rest:
      | [xy2?: Point | null, options?: LineOptions & { slope?: number }]
      | [options?: LineOptions & { slope?: number }]
  ): Line2D {
    const [{ slope, ...style }, { xy2 }] = readCall("axline", [xy1, ...rest], ["xy1", "xy2"], 1, {
      ...lineTable,
      slope: number,
    });
    const [x, y] = xy1;
    if ((xy2 === undefined) === (slope === undefined))
      throw new TypeError("Exactly one of 'xy2' and 'slope' must be given");
    const [x2, y2] = (xy2 as Point | undefined) ?? [x + 1, y + (slope as number)];
    const line = new Line2D(Float64Array.of(x, x2), Float64Array.of(y, y2), { color: this.nextLineColor(), ...style });
    line.isEndless = true;
    return this.add(line);
  }

  /** A level band across the axes. */
  axhspan(
    ymin: number,
    ymax: number,
    ...rest: [xmin?: number, xmax?: number, options?: PatchOptions] | [options?: PatchOptions]
  ): Patch {
    const [read, at] = readCall("axhspan", [ymin, ymax, ...rest], ["ymin", "ymax", "xmin", "xmax"], 2, patchTable);
    const { xmin = 0, xmax = 1 } = at as { xmin?: number; xmax?: number };
    return this.#span(Path.rectangle(xmin, ymin, xmax - xmin, ymax - ymin), read, "yaxis");
  }

  /** An upright band across the axes. */
  axvspan(
    xmin: number,
    xmax: number,
    ...rest: [ymin?: number, ymax?: number, options?: PatchOptions] | [options?: PatchOptions]
  ): Patch {
    const [read, at] = readCall("axvspan", [xmin, xmax, ...rest], ["xmin", "xmax", "ymin", "ymax"], 2, patchTable);
    const { ymin = 0, ymax = 1 } = at as { ymin?: number; ymax?: number };
    return this.#span(Path.rectangle(xmin, ymin, xmax - xmin, ymax - ymin), read, "xaxis");
  }

  #span(path: Path, style: ConstructorParameters<typeof Patch>[1], space: "xaxis" | "yaxis"): Patch {
    const patch = new Patch(path, style);
    patch.space = space;
    return this.add(patch);
  }

  #lines(functionName: string, args: readonly unknown[], isUpright: boolean): LineCollection {
    const places = isUpright ? ["x", "ymin", "ymax"] : ["y", "xmin", "xmax"];
    const [read, given] = readCall(functionName, args, [...places, "colors", "linestyles", "label"], 3, linesTable);
    const [at, low, high] = places.map((name) => given[name]);
    const positions = isUpright ? this.readX(at) : this.readY(at);
    const [from, to] = [
      broadcast(low, positions.length, places[1] as string),
      broadcast(high, positions.length, places[2] as string),
    ];
    const segments = Array.from(positions, (p, i): Point[] => {
      const [a, b] = [from[i] as number, to[i] as number];
      return isUpright
        ? [
            [p, a],
            [p, b],
          ]
        : [
            [a, p],
            [b, p],
          ];
    });
    const shades = expectColors(functionName, read.colors ?? "C0");
    const { linestyles = "solid", linewidths = rcParams["lines.linewidth"], colors: _, ...style } = read;
    return this.add(
      new LineCollection(segments, {
        ...style,
        facecolors: shades,
        linewidths: [linewidths],
        linestyle: linestyles as LineStyle,
      }),
    );
  }

  /** Upright lines at x from `ymin` to `ymax`. */
  vlines(
    x: Positions | number,
    ymin: Vector | number,
    ymax: Vector | number,
    ...rest:
      | [colors?: Colors | null, linestyles?: LineStyle | null, label?: string, options?: LinesOptions]
      | [options?: LinesOptions]
  ): LineCollection {
    return this.#lines("vlines", [x, ymin, ymax, ...rest], true);
  }

  /** Level lines at y from `xmin` to `xmax`. */
  hlines(
    y: Positions | number,
    xmin: Vector | number,
    xmax: Vector | number,
    ...rest:
      | [colors?: Colors | null, linestyles?: LineStyle | null, label?: string, options?: LinesOptions]
      | [options?: LinesOptions]
  ): LineCollection {
    return this.#lines("hlines", [y, xmin, xmax, ...rest], false);
  }
}
