/** Grids of axes: where the cells lie in the figure. Fractions are of the figure, from the lower left corner. */

/** A rectangle in fractions of the figure. */
export interface Fractions {
  readonly left: number;
  readonly bottom: number;
  readonly right: number;
  readonly top: number;
}

/** The margins of a figure around its grid, and the gaps in it as shares of the mean size of a cell. */
export interface SubplotParams {
  left: number;
  bottom: number;
  right: number;
  top: number;
  wspace: number;
  hspace: number;
}

export interface GridSpecOptions extends Partial<SubplotParams> {
  widthRatios?: readonly number[] | undefined;
  heightRatios?: readonly number[] | undefined;
}

/**
 * A grid of rows and columns over a figure or over a cell of another grid.
 *
 * @example
 * const grid = new GridSpec(2, 3);
 * figure.addSubplot(grid.at(0, [0, 2])); // the first two columns of the first row
 */
export class GridSpec {
  constructor(
    readonly nrows: number,
    readonly ncols: number,
    readonly options: GridSpecOptions = {},
    readonly parent?: SubplotSpec,
  ) {
    if (!Number.isInteger(nrows) || nrows < 1)
      throw new RangeError(`Number of rows must be a positive integer, not ${nrows}`);
    if (!Number.isInteger(ncols) || ncols < 1)
      throw new RangeError(`Number of columns must be a positive integer, not ${ncols}`);
  }

  /** A cell, or several: each of the two is an index, or [from, to) with `null` for an end. */
  at(row: GridIndex, column: GridIndex): SubplotSpec {
    const rows = cells(row, this.nrows);
    const columns = cells(column, this.ncols);
    return new SubplotSpec(this, rows, columns);
  }

  /** The cell with a number, counted along the rows from 0. */
  cell(first: number, last = first): SubplotSpec {
    const at = (n: number): [number, number] => [Math.floor(n / this.ncols), n % this.ncols];
    const [[r0, c0], [r1, c1]] = [at(first), at(last)];
    return new SubplotSpec(this, [Math.min(r0, r1), Math.max(r0, r1)], [Math.min(c0, c1), Math.max(c0, c1)]);
  }

  /** Where some rows and columns lie, in a figure with these margins. */
  place(rows: readonly [number, number], columns: readonly [number, number], figure: SubplotParams): Fractions {
    const around = this.parent
      ? { ...this.parent.place(figure), wspace: figure.wspace, hspace: figure.hspace }
      : figure;
    const { left, bottom, right, top, wspace, hspace } = { ...around, ...defined(this.options) };
    const [from, to] = spread(right - left, this.ncols, wspace, this.options.widthRatios, columns);
    const [above, below] = spread(top - bottom, this.nrows, hspace, this.options.heightRatios, rows);
    return { left: left + from, right: left + to, top: top - above, bottom: top - below };
  }
}

/** One number, or the first and the one after the last. */
export type GridIndex = number | readonly [number | null, number | null];

function cells(index: GridIndex, count: number): [number, number] {
  const wrap = (i: number): number => (i < 0 ? i + count : i);
  const [from, to] =
    typeof index === "number" ? [wrap(index), wrap(index)] : [wrap(index[0] ?? 0), wrap(index[1] ?? count) - 1];
  if (from < 0 || to >= count || to < from)
    throw new RangeError(`index [${index}] is out of bounds for GridSpec with size ${count}`);
  return [from, to];
}

const defined = <T extends object>(options: T): Partial<T> =>
  Object.fromEntries(
    Object.entries(options).filter(([, value]) => value !== undefined && value !== null),
  ) as Partial<T>;

/** Where some of `count` cells begin and end along a length. */
function spread(
  length: number,
  count: number,
  gap: number,
  ratios: readonly number[] = new Array<number>(count).fill(1),
  [first, last]: readonly [number, number],
): [number, number] {
  const cell = length / (count + gap * (count - 1));
  const unit = (cell * count) / ratios.reduce((a, b) => a + b, 0);
  const before = (n: number): number => ratios.slice(0, n).reduce((a, b) => a + b, 0) * unit + n * gap * cell;
  return [before(first), before(last) + (ratios[last] as number) * unit];
}

/** Some cells of a grid. */
export class SubplotSpec {
  constructor(
    readonly grid: GridSpec,
    readonly rows: readonly [number, number],
    readonly columns: readonly [number, number],
  ) {}

  /** Where the cells lie in a figure with these margins. */
  place(figure: SubplotParams): Fractions {
    return this.grid.place(this.rows, this.columns, figure);
  }

  /** A grid inside of the cells. */
  subgridspec(nrows: number, ncols: number, options: GridSpecOptions = {}): GridSpec {
    return new GridSpec(nrows, ncols, options, this);
  }

  /** The cells of the outermost grid in which these lie. */
  get outermost(): SubplotSpec {
    return this.grid.parent?.outermost ?? this;
  }
}
