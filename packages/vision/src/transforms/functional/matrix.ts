/** The numbers of affine and perspective maps. */
import torch from "flambeau";

/** `x' = a x + b y + c`, `y' = d x + e y + f`. */
export type AffineMatrix = [a: number, b: number, c: number, d: number, e: number, f: number];

type Pair = readonly [x: number, y: number];

const radians = (degrees: number) => (degrees * Math.PI) / 180;

/**
 * Where a pixel of the result comes from, if an image is turned by an angle, sheared and scaled around a center and then
 * moved.
 */
export function inverseAffineMatrix(
  [cx, cy]: Pair,
  angle: number,
  [tx, ty]: Pair,
  scale: number,
  shear: Pair,
): AffineMatrix {
  const rotation = radians(angle);
  const [sx, sy] = shear.map(radians) as [number, number];
  const a = Math.cos(rotation - sy) / Math.cos(sy);
  const b = (-Math.cos(rotation - sy) * Math.tan(sx)) / Math.cos(sy) - Math.sin(rotation);
  const c = Math.sin(rotation - sy) / Math.cos(sy);
  const d = (-Math.sin(rotation - sy) * Math.tan(sx)) / Math.cos(sy) + Math.cos(rotation);
  const [m0, m1, m3, m4] = [d / scale, -b / scale, -c / scale, a / scale] as [number, number, number, number];
  const [x, y] = [-cx - tx, -cy - ty];
  return [m0, m1, m0 * x + m1 * y + cx, m3, m4, m3 * x + m4 * y + cy];
}

/** The four corners of an image. */
export type Corners = readonly (readonly number[])[];

/**
 * The coefficients of the perspective map by which the pixels of the result, with corners `ends`, come from those of the
 * image, with corners `starts`.
 *
 * @throws Error unless there are four corners.
 */
export function perspectiveCoefficients(starts: Corners, ends: Corners): number[] {
  if (starts.length !== 4 || ends.length !== 4 || [...starts, ...ends].some(({ length }) => length !== 2))
    throw new Error("expected four corners, each of two numbers, for startpoints and endpoints");
  const rows = ends.flatMap(([x, y], i) => {
    const [u, v] = starts[i] as [number, number];
    return [
      [x, y, 1, 0, 0, 0, -u * (x as number), -u * (y as number), u],
      [0, 0, 0, x, y, 1, -v * (x as number), -v * (y as number), v],
    ] as number[][];
  });
  return solve(rows);
}

/** Solves linear equations, each the factors and behind them the result, by elimination with the greatest pivots. */
function solve(equations: number[][]): number[] {
  const rows = equations.map((row) => [...row]);
  const size = rows.length;
  for (let column = 0; column < size; column++) {
    const pivots = rows.slice(column).map((row) => Math.abs(row[column] as number));
    const pivot = column + pivots.indexOf(Math.max(...pivots));
    [rows[column], rows[pivot]] = [rows[pivot] as number[], rows[column] as number[]];
    const top = rows[column] as number[];
    for (const row of rows) {
      if (row === top) continue;
      const factor = (row[column] as number) / (top[column] as number);
      for (let j = column; j <= size; j++) (row[j] as number) -= factor * (top[j] as number);
    }
  }
  return rows.map((row, i) => (row[size] as number) / (row[i] as number));
}

/** Width and height that hold all of an image under a map around its center. */
export function mappedSize(matrix: AffineMatrix, width: number, height: number): [width: number, height: number] {
  const [x, y] = [0.5 * width, 0.5 * height];
  const corners = torch.tensor([
    [-x, -y, 1],
    [-x, y, 1],
    [x, y, 1],
    [x, -y, 1],
  ]);
  const mapped = corners.matmul(torch.tensor(matrix).view(2, 3).t());
  const tolerance = 1e-4;
  const half = torch.tensor([x, y]);
  const cut = (ends: torch.Tensor) => ends.add(half).div(tolerance).trunc().mul(tolerance);
  const size = cut(mapped.amax(0))
    .ceil()
    .sub(cut(mapped.amin(0)).floor());
  return size.tolist() as [number, number];
}
