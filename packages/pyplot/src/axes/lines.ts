/** Lines through points. */
import { parseFormat } from "../artists/formatString.js";
import { Line2D, type LineOptions, lineTable } from "../artists/line.js";
import { checkSameLength, columns, type Data, isNames, type Positions, range, readValues } from "../data.js";
import { isOptions, type Options, readOptions, words } from "../options.js";
import { TickAxes } from "./ticks.js";

const stepTable = {
  ...lineTable,
  where: words("pre", "post", "mid"),
};

/** What `plot` takes: sets of y, or of x and y, each with a format string or without, and options for all. */
export type PlotArgs = readonly (Positions | Data | string | LineOptions | number)[];

/** Axes on which lines can be drawn. */
export class LineAxes extends TickAxes {
  /**
   * Lines through points, or markers at them.
   *
   * Takes y, or x and y, with a format string (`"r--"`: colour, marker, line style) or without; several such groups in a
   * row; and options for all of them. A matrix is a line for each column.
   *
   * @example ax.plot(epochs, losses, "C1o-", { label: "loss", linewidth: 2 })
   * @throws Error where x and y differ in length, or the format string makes no sense.
   * @see https://matplotlib.org/stable/api/_as_gen/matplotlib.pyplot.plot.html
   */
  plot(...args: PlotArgs): Line2D[] {
    const rest = [...args];
    const options = isOptions(rest.at(-1)) ? rest.pop() : {};
    const style = readOptions("plot", lineTable, options);
    const groups: { x?: unknown; y: unknown; format: string }[] = [];
    while (rest.length > 0) {
      const first = rest.shift();
      const hasX = rest.length > 0 && typeof rest[0] !== "string";
      const y = hasX ? rest.shift() : first;
      const format = typeof rest[0] === "string" ? (rest.shift() as string) : "";
      groups.push(hasX ? { x: first, y, format } : { y, format });
    }
    const sets = groups.flatMap(({ x, y, format }) =>
      this.#pairs(x, y).map((pair) => ({ ...pair, format: parseFormat(format) })),
    );
    return sets.map(({ x, y, format }) => {
      const given = { ...format, ...style };
      return this.add(new Line2D(x, y, { ...given, color: given.color ?? this.nextLineColor() }));
    });
  }

  /** The lines that x and y make: one for each column. */
  #pairs(x: unknown, y: unknown): { x: Float64Array; y: Float64Array }[] {
    const ys = isNames(y) ? [this.readY(y, "y")] : readLines(y, "y");
    if (x === undefined) return ys.map((one) => ({ x: range(one.length), y: one }));
    const xs = isNames(x) ? [this.readX(x, "x")] : readLines(x, "x");
    const count = Math.max(xs.length, ys.length);
    if (xs.length > 1 && ys.length > 1 && xs.length !== ys.length) {
      throw new Error(`x has ${xs.length} columns but y has ${ys.length} columns`);
    }
    return Array.from({ length: count }, (_, i) => {
      const pair = { x: (xs[i] ?? xs[0]) as Float64Array, y: (ys[i] ?? ys[0]) as Float64Array };
      checkSameLength(pair.x, pair.y);
      return pair;
    });
  }

  /** `plot` with both axes logarithmic. */
  loglog(...args: PlotArgs): Line2D[] {
    const lines = this.plot(...args);
    this.setXscale("log");
    this.setYscale("log");
    return lines;
  }

  /** `plot` with x logarithmic. */
  semilogx(...args: PlotArgs): Line2D[] {
    const lines = this.plot(...args);
    this.setXscale("log");
    return lines;
  }

  /** `plot` with y logarithmic. */
  semilogy(...args: PlotArgs): Line2D[] {
    const lines = this.plot(...args);
    this.setYscale("log");
    return lines;
  }

  /** A line of steps: `where` says whether it rises before (`"pre"`), after (`"post"`) or between (`"mid"`) the points. */
  step(
    x: Positions,
    y: Data,
    ...rest: [format: string, options?: Options<typeof stepTable>] | [options?: Options<typeof stepTable>]
  ): Line2D[] {
    const [format, given = {}] = typeof rest[0] === "string" ? [rest[0], rest[1]] : ["", rest[0]];
    const { where = "pre", ...style } = readOptions("step", stepTable, given ?? {});
    return this.plot(x, y, format, { ...style, drawstyle: `steps-${where}` as const } as LineOptions);
  }
}

/** A vector is one set, a matrix one for each column. */
function readLines(value: unknown, name: string): Float64Array[] {
  const read = readValues(value, name);
  const { shape } = read;
  if (shape.length <= 1) return [read.values];
  if (shape.length === 2) return columns(read);
  throw new Error(`x and y can be no greater than 2D, but ${name} has shape [${shape.join(", ")}]`);
}
