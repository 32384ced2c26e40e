/** Reads the grids on which fields of values are given. */
import type { Field } from "../artists/contour.js";
import type { MeshCorners } from "../artists/mesh.js";
import { range, readValues, type Values } from "../data.js";
import { isOptions, type Read, readCall, type Table } from "../options.js";

/** Reads `(C)` or `(X, Y, C)`, with more places after it. */
export function readGrid<T extends Table>(
  functionName: string,
  args: readonly unknown[],
  name: string,
  table: T,
  more: readonly string[] = [],
): [Read<T>, Record<string, unknown>] {
  const isMatrix = (v: unknown): boolean => {
    const first = Array.isArray(v) ? (v[0] as unknown) : undefined;
    return typeof first === "object" || (typeof v === "object" && v !== null && (v as { ndim?: number }).ndim === 2);
  };
  const isArray = (v: unknown): boolean => typeof v === "object" && v !== null && !isOptions(v);
  const hasGrid = args.length >= 3 && isArray(args[1]) && isMatrix(args[2]);
  const places = hasGrid ? ["X", "Y", name, ...more] : [name, ...more];
  return readCall(functionName, args, places, hasGrid ? 3 : 1, table);
}

/** The middle of neighbours, and as far beyond the ends: from the middles of cells their edges. */
function edgesOf(middles: Float64Array): Float64Array {
  const n = middles.length;
  if (n === 1) return Float64Array.of((middles[0] as number) - 0.5, (middles[0] as number) + 0.5);
  const at = (i: number): number => middles[i] as number;
  return Float64Array.from({ length: n + 1 }, (_, i) => {
    if (i === 0) return at(0) - (at(1) - at(0)) / 2;
    return i === n ? at(n - 1) + (at(n - 1) - at(n - 2)) / 2 : (at(i - 1) + at(i)) / 2;
  });
}

/** The corners of the cells of a mesh. */
export function cornersOf(X: unknown, Y: unknown, rows: number, columns: number, shading: string): MeshCorners {
  const [gridX, gridY] =
    X === undefined ? [range(columns + 1), range(rows + 1)] : [readValues(X, "X"), readValues(Y, "Y")];
  const asGrid = (
    given: Float64Array | Values,
    isX: boolean,
  ): { values: Float64Array; rows: number; columns: number } => {
    if (given instanceof Float64Array)
      return { values: given, rows: isX ? 1 : given.length, columns: isX ? given.length : 1 };
    const { values, shape } = given;
    if (shape.length === 2) return { values, rows: shape[0] as number, columns: shape[1] as number };
    return { values, rows: isX ? 1 : values.length, columns: isX ? values.length : 1 };
  };
  const [gx, gy] = [asGrid(gridX, true), asGrid(gridY, false)];
  const [width, height] = [gx.columns, gy.rows];
  const isMiddle = width === columns && height === rows;
  if (!isMiddle && !(width === columns + 1 && height === rows + 1)) {
    throw new TypeError(
      `Dimensions of C (${rows}, ${columns}) should be one smaller than X(${width}) and Y(${height}) while using shading='${shading}'`,
    );
  }
  if (isMiddle && shading === "flat")
    throw new TypeError(
      `Dimensions of C (${rows}, ${columns}) should be one smaller than X(${width}) and Y(${height}) while using shading='flat'`,
    );
  const line = (grid: typeof gx, isX: boolean): ((r: number, c: number) => number) => {
    const along = isX ? grid.columns : grid.rows;
    const isFlat = isX ? grid.rows === 1 : grid.columns === 1;
    if (isFlat) {
      const values = isMiddle ? edgesOf(grid.values) : grid.values;
      return (r, c) => values[isX ? c : r] as number;
    }
    if (!isMiddle) return (r, c) => grid.values[r * grid.columns + c] as number;
    // Middles that differ from row to row: the mean of the four around a corner.
    const first = Float64Array.from({ length: along }, (_, i) => grid.values[isX ? i : i * grid.columns] as number);
    const values = edgesOf(first);
    return (r, c) => values[isX ? c : r] as number;
  };
  const [fx, fy] = [line(gx, true), line(gy, false)];
  const size = (rows + 1) * (columns + 1);
  const x = new Float64Array(size);
  const y = new Float64Array(size);
  for (let r = 0; r <= rows; r++)
    for (let c = 0; c <= columns; c++) {
      x[r * (columns + 1) + c] = fx(r, c);
      y[r * (columns + 1) + c] = fy(r, c);
    }
  return { x, y, rows, columns };
}

/** Where a place between the points of a grid is in data. */
export function placesOf(
  X: unknown,
  Y: unknown,
  rows: number,
  columns: number,
  read: { origin?: string; extent?: readonly [number, number, number, number] },
): Field["place"] {
  if (X === undefined) {
    const { origin, extent: limits } = read;
    if (origin === undefined && !limits) return (c, r) => [c, r];
    const [x0, x1, y0, y1] = limits ?? [-0.5, columns - 0.5, -0.5, rows - 0.5];
    return (c, r) => {
      const row = origin === "upper" ? rows - 1 - r : r;
      if (origin === undefined) return [x0 + ((x1 - x0) * c) / (columns - 1), y0 + ((y1 - y0) * row) / (rows - 1)];
      return [x0 + ((x1 - x0) * (c + 0.5)) / columns, y0 + ((y1 - y0) * (row + 0.5)) / rows];
    };
  }
  const [gx, gy] = [readValues(X, "X"), readValues(Y, "Y")];
  const check = (grid: Values, name: string, length: number): void => {
    const fits =
      grid.shape.length === 2 ? grid.shape[0] === rows && grid.shape[1] === columns : grid.values.length === length;
    if (!fits)
      throw new TypeError(`Shapes of ${name} [${grid.shape.join(", ")}] and z [${rows}, ${columns}] do not match`);
  };
  check(gx, "x", columns);
  check(gy, "y", rows);
  const sample = (grid: Values, isX: boolean): ((c: number, r: number) => number) => {
    const at =
      grid.shape.length === 2
        ? (c: number, r: number) => grid.values[r * columns + c] as number
        : (c: number, r: number) => grid.values[isX ? c : r] as number;
    return (c, r) => {
      const [c0, r0] = [Math.min(columns - 1, Math.floor(c)), Math.min(rows - 1, Math.floor(r))];
      const [c1, r1] = [Math.min(columns - 1, c0 + 1), Math.min(rows - 1, r0 + 1)];
      const [fc, fr] = [c - c0, r - r0];
      return (1 - fr) * ((1 - fc) * at(c0, r0) + fc * at(c1, r0)) + fr * ((1 - fc) * at(c0, r1) + fc * at(c1, r1));
    };
  };
  const [sx, sy] = [sample(gx, true), sample(gy, false)];
  return (c, r) => [sx(c, r), sy(c, r)];
}

/** The points of a field of arrows: given for each, as the two sides of a grid, or the places in the matrix. */
export function gridPoints(X: unknown, Y: unknown, { values, shape }: Values): [Float64Array, Float64Array] {
  const [rows, columns] = shape.length === 2 ? (shape as [number, number]) : [1, values.length];
  if (X === undefined) return [values.map((_, i) => i % columns), values.map((_, i) => Math.floor(i / columns))];
  const [x, y] = [readValues(X, "X").values, readValues(Y, "Y").values];
  if (x.length === values.length && y.length === values.length) return [x, y];
  if (x.length === columns && y.length === rows)
    return [values.map((_, i) => x[i % columns] as number), values.map((_, i) => y[Math.floor(i / columns)] as number)];
  throw new Error(
    `X and Y must have as many points as U (${values.length}), or be the sides of its grid, but have ${x.length} and ${y.length}`,
  );
}
