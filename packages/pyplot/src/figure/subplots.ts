/** Grids of axes: which cells there are, and the types of what comes of them. */
import type { Axes } from "../axes/axes.js";
import { readOptions } from "../options.js";
import type { Figure } from "./figure.js";
import { type GridIndex, GridSpec, SubplotSpec } from "./gridspec.js";
import { type SubplotsOptions, subplotsTable } from "./options.js";

/** So many of a thing. */
type Several<T, N extends number, Made extends readonly T[] = []> = number extends N
  ? T[]
  : Made["length"] extends N
    ? [...Made]
    : Several<T, N, [...Made, T]>;

/**
 * The axes of a grid: one, a list for one row or column, else rows. Where the numbers are not known to the compiler, it
 * may be any of these.
 */
export type AxesGrid<R extends number = number, C extends number = number> = number extends R | C
  ? Axes & Axes[] & Axes[][]
  : R extends 1
    ? C extends 1
      ? Axes
      : Several<Axes, C>
    : C extends 1
      ? Several<Axes, R>
      : Several<Several<Axes, C>, R>;

/** Makes the axes of a grid, row by row. */
export function makeSubplots(figure: Figure, nrows: number, ncols: number, options: SubplotsOptions): Axes[][] {
  const read = readOptions("subplots", subplotsTable, options);
  const { sharex = false, sharey = false, gridspecKw, subplotKw = {} } = read;
  const { widthRatios, heightRatios } = read;
  const grid = new GridSpec(nrows, ncols, { widthRatios, heightRatios, ...gridspecKw });
  const rows: Axes[][] = [];
  /** The axes with which those in a cell have an axis in common. */
  const source = (how: typeof sharex, r: number, c: number): Axes | undefined => {
    if (how === true || how === "all") return rows[0]?.[0];
    return how === "row" ? rows[r]?.[0] : how === "col" ? rows[0]?.[c] : undefined;
  };
  const isOneOf = (how: typeof sharex, ...ways: (typeof sharex)[]): boolean =>
    how === true || how === "all" || ways.includes(how);
  for (let r = 0; r < nrows; r++) {
    const row: Axes[] = [];
    rows.push(row);
    for (let c = 0; c < ncols; c++) {
      const shared = { sharex: source(sharex, r, c), sharey: source(sharey, r, c) };
      const axes = figure.addSubplot(grid.at(r, c), { ...subplotKw, ...shared });
      if (isOneOf(sharex, "col") && r < nrows - 1) axes.xaxis.hideLabels();
      if (isOneOf(sharey, "row") && c > 0) axes.yaxis.hideLabels();
      row.push(axes);
    }
  }
  return rows;
}

/** One axes, a list for one row or column, else the rows. */
export function squeezed(rows: readonly Axes[][]): unknown {
  if (rows.length === 1) return rows[0]?.length === 1 ? rows[0][0] : rows[0];
  return rows[0]?.length === 1 ? rows.map((row) => row[0]) : rows;
}

/** Makes axes by name, laid out as the names stand. */
export function makeMosaic(
  figure: Figure,
  mosaic: readonly (readonly string[])[] | string,
  options: SubplotsOptions,
): Record<string, Axes> {
  const { widthRatios, heightRatios, gridspecKw } = readOptions("subplotMosaic", subplotsTable, options);
  const lines = typeof mosaic === "string" ? mosaic.trim().split(/[\n;]/) : [];
  const rows = typeof mosaic === "string" ? lines.map((line) => [...line.trim()]) : mosaic;
  const grid = new GridSpec(rows.length, rows[0]?.length ?? 0, { widthRatios, heightRatios, ...gridspecKw });
  const named: Record<string, Axes> = {};
  for (const name of new Set(rows.flat())) {
    if (name === ".") continue;
    const at = rows.flatMap((row, r) => row.flatMap((one, c) => (one === name ? [[r, c] as const] : [])));
    const span = (k: 0 | 1): GridIndex => [Math.min(...at.map((p) => p[k])), Math.max(...at.map((p) => p[k])) + 1];
    named[name] = figure.addSubplot(grid.at(span(0), span(1)), { label: name });
  }
  return named;
}

/** @throws RangeError for a cell that does not exist. */
export function cellOf(nrows: number, ncols: number, index: unknown): SubplotSpec {
  const grid = new GridSpec(nrows, ncols);
  const [first, last] = Array.isArray(index) ? (index as [number, number]) : [index as number, index as number];
  for (const one of [first, last]) {
    if (Number.isInteger(one) && one >= 1 && one <= nrows * ncols) continue;
    throw new RangeError(`num must be an integer with 1 <= num <= ${nrows * ncols}, not ${one}`);
  }
  return grid.cell(first - 1, last - 1);
}

/** A cell that is given as one, or by a number of three digits: rows, columns and index. */
export function specOf(cell: unknown): SubplotSpec {
  if (cell === undefined) return cellOf(1, 1, 1);
  if (cell instanceof SubplotSpec) return cell;
  if (typeof cell === "number" && Number.isInteger(cell) && cell >= 111 && cell <= 999) {
    const [rows, columns, index] = [...String(cell)].map(Number) as [number, number, number];
    return cellOf(rows, columns, index);
  }
  throw new TypeError("Single argument to subplot must be a three-digit integer or a cell of a grid");
}
