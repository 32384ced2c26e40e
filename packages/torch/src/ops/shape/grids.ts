/**
 * Several tensors laid out against each other: `meshgrid`, `cartesianProd`, `blockDiag`, `kron`, …
 *
 * Source: https://pytorch.org/docs/stable/torch.html#other-operations
 */

import { flag, int, intOrInts, optional, spreadTensors, tensor, word } from "../../arguments/params.js";
import { readArgument } from "../../arguments/parse.js";
import { deviceInForce, onDevice } from "../../backend/devices.js";
import { copy, fill } from "../../backend/kernels.js";
import { int64, promoteTypes } from "../../core/dtype.js";
import { resultType } from "../../core/promotion.js";
import {
  broadcastShapes as broadcastTwo,
  checkListLength,
  checkSizes,
  formatShape,
  type Shape,
  sameShape,
} from "../../core/shape.js";
import { Tensor } from "../../core/tensor.js";
import { arange } from "../creation/ranges.js";
import { op } from "../define.js";
import type { Args, FunctionOp, Op, Out } from "../types.js";
import { stack } from "./joining.js";
import { type Runs, runsBetween } from "./runs.js";
import { unsafeView } from "./viewParts.js";

/** Tensors, spread or in one array. */
export type SpreadTensors<O = never> =
  | [...tensors: Tensor[]]
  | [...tensors: Tensor[], options: O]
  | [tensors: readonly Tensor[], options?: O];

/**
 * The shape to which shapes broadcast.
 *
 * @example torch.broadcastShapes([2], [3, 1]) // [3, 2]
 * @throws Error if they do not.
 * @see https://pytorch.org/docs/stable/generated/torch.broadcast_shapes.html
 */
export function broadcastShapes(...shapes: readonly (number | readonly number[])[]): number[] {
  const lists = shapes.map((shape) => readArgument("broadcastShapes", "shapes", intOrInts, shape));
  for (const list of lists) checkSizes(list);
  return [...lists.reduce((shape: Shape, list) => broadcastTwo(shape, list), [])];
}

/**
 * All tensors expanded to the shape to which they broadcast.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.broadcast_tensors.html
 */
export const broadcastTensors: FunctionOp<(...tensors: SpreadTensors) => Tensor[]> = op({
  name: "broadcastTensors",
  variants: "function",
  params: { tensors: spreadTensors },
  composite: ({ tensors }) => {
    const shape = tensors.reduce((sizes: Shape, item) => broadcastTwo(sizes, item.sizes), []);
    return tensors.map((item) => (sameShape(item.sizes, shape) ? item : item.expand(shape)));
  },
});

/** The coordinates of a grid, with dim i of the grid for tensor i. */
function grid(tensors: readonly Tensor[]): Tensor[] {
  const shape = tensors.map((item) => item.numel());
  return tensors.map((item, i) => item.view(shape.map((_, d) => (d === i ? -1 : 1))).expand(shape));
}

/**
 * Grids of coordinates from vectors: result i holds element j of vector i wherever index i of the grid is j.
 *
 * @param options.indexing `"ij"`: the first vector goes with the rows (default); `"xy"`: with the columns.
 * @see https://pytorch.org/docs/stable/generated/torch.meshgrid.html
 */
export const meshgrid: FunctionOp<(...args: SpreadTensors<{ indexing?: "ij" | "xy" }>) => Tensor[]> = op({
  name: "meshgrid",
  variants: "function",
  params: { tensors: spreadTensors, indexing: optional(word("ij", "xy"), "ij") },
  composite: ({ tensors, indexing }) => {
    const [first] = tensors;
    if (first === undefined) throw new Error("meshgrid expects a non-empty TensorList");
    for (const { sizes, dtype } of tensors) {
      if (sizes.length > 1)
        throw new Error(`torch.meshgrid: Expected 0D or 1D tensor in the tensor list but got: ${formatShape(sizes)}`);
      if (dtype !== first.dtype)
        throw new TypeError(`meshgrid expects all tensors to have the same dtype, got ${first.dtype} and ${dtype}`);
    }
    const [a, b, ...rest] = tensors;
    if (indexing === "ij" || a === undefined || b === undefined) return grid(tensors);
    const [gridB, gridA, ...others] = grid([b, a, ...rest]) as [Tensor, Tensor, ...Tensor[]];
    return [gridA, gridB, ...others];
  },
});

function checkVector(input: Tensor): void {
  if (input.sizes.length !== 1) throw new Error(`Expect a 1D vector, but got shape ${formatShape(input.sizes)}`);
}

/**
 * All tuples with one element from each vector, one row for each.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.cartesian_prod.html
 */
export const cartesianProd: FunctionOp<(...tensors: SpreadTensors) => Tensor> = op({
  name: "cartesianProd",
  variants: "function",
  params: { tensors: spreadTensors },
  composite: ({ tensors }) => {
    tensors.forEach(checkVector);
    if (tensors.length === 1) return tensors[0] as Tensor;
    return stack(
      meshgrid(tensors).map((item) => item.flatten()),
      1,
    );
  },
});

/** How many ways there are to choose r of n things; at least 1, as a row has its length. */
function waysToChoose(n: number, r: number): number {
  let ways = 1;
  for (let i = 1; i <= Math.min(r, n - r) && Number.isFinite(ways); i++) ways *= (n - i + 1) / i;
  return ways;
}

/** The ways to choose r of n indices in rising order: for each place, the index that each way has there. */
function chosenIndices(n: number, r: number, withReplacement: boolean): Tensor[] {
  const device = deviceInForce();
  // How many there are is a number of the host's.
  return onDevice("cpu", () => chosenOnHost(n, r, withReplacement)).map((indices) => indices.to(device));
}

function chosenOnHost(n: number, r: number, withReplacement: boolean): Tensor[] {
  // Before anything is made: no part of the ways has more beginnings than there are ways.
  checkListLength(r * waysToChoose(withReplacement ? n + r - 1 : n, r));
  const step = withReplacement ? 0 : 1;
  // How far an index may go, so that enough are left for the places that follow.
  const endAt = (place: number) => (withReplacement ? n : n - r + 1 + place);
  const first = arange(Math.max(0, endAt(0)));
  const places: Runs[] = [{ run: first, value: first }];
  for (let place = 1; place < r; place++) {
    const starts = (places.at(-1) as Runs).value.add(step);
    places.push(runsBetween(starts, starts.newFull(starts.shape, endAt(place))));
  }
  // A way is known by its last index; each index tells after which one it was chosen.
  const columns: Tensor[] = [];
  let way = arange((places.at(-1) as Runs).value.numel());
  for (const { run, value } of places.reverse()) {
    columns.push(value.indexSelect(0, way));
    way = run.indexSelect(0, way);
  }
  return columns.reverse();
}

/**
 * All ways to choose r elements of a vector, one row for each.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.combinations.html
 */
export const combinations: FunctionOp<
  (input: Tensor, ...args: Args<[r?: number], ["r"], { withReplacement?: boolean }>) => Tensor
> = op({
  name: "combinations",
  variants: "function",
  params: { input: tensor, r: optional(int, 2), withReplacement: flag },
  composite: ({ input, r, withReplacement }) => {
    checkVector(input);
    if (r < 0) throw new RangeError(`Expect a non-negative number, but got ${r}`);
    if (r === 0) return input.newEmpty(0);
    const columns = chosenIndices(input.sizes[0] as number, r, withReplacement);
    return stack(
      columns.map((column) => input.indexSelect(0, column)),
      1,
    );
  },
});

interface Block {
  readonly rows: number;
  readonly columns: number;
  readonly top: number;
  readonly left: number;
}

/** Where each tensor stands on the diagonal of blocks; a vector is a row. */
function blocksOf(tensors: readonly { readonly sizes: Shape }[]): Block[] {
  let [top, left] = [0, 0];
  return tensors.map(({ sizes }, i) => {
    if (sizes.length > 2) {
      throw new Error(
        `torch.block_diag: Input tensors must have 2 or fewer dimensions. Input ${i} has ${sizes.length} dimensions`,
      );
    }
    const block = { rows: sizes.length === 2 ? (sizes[0] as number) : 1, columns: sizes.at(-1) ?? 1, top, left };
    top += block.rows;
    left += block.columns;
    return block;
  });
}

function blockIn(matrix: Tensor, { rows, columns, top, left }: Block): Tensor {
  return matrix.narrow(0, top, rows).narrow(1, left, columns);
}

/**
 * A matrix with the given matrices along its diagonal, and zeros elsewhere.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.block_diag.html
 */
export const blockDiag: FunctionOp<(...tensors: SpreadTensors) => Tensor> = op({
  name: "blockDiag",
  variants: "function",
  params: { tensors: spreadTensors },
  forward: ({ tensors }) => {
    const blocks = blocksOf(tensors);
    const last = blocks.at(-1);
    const shape = last === undefined ? [1, 0] : [last.top + last.rows, last.left + last.columns];
    const result = Tensor.empty(shape, resultType(...tensors));
    fill(result, 0);
    for (const [i, item] of tensors.entries()) copy(blockIn(result, blocks[i] as Block), item);
    return result;
  },
  backward: ([grad], { tensors }) => ({
    tensors:
      grad && blocksOf(tensors).map((block, i) => blockIn(grad, block).reshape((tensors[i] as { sizes: Shape }).sizes)),
  }),
});

/**
 * The Kronecker product: every element of the input times the whole of the other.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.kron.html
 */
export const kron: Op<(input: Tensor, other: Tensor, options?: Out) => Tensor> = op({
  name: "kron",
  params: { input: tensor, other: tensor },
  out: "cast",
  overlap: "none",
  composite: ({ input, other }) => {
    const ndim = Math.max(input.sizes.length, other.sizes.length);
    const sized = (item: Tensor) => [...new Array<number>(ndim - item.sizes.length).fill(1), ...item.sizes];
    const [a, b] = [sized(input), sized(other)];
    const left = input.reshape(a.flatMap((size) => [size, 1]));
    const right = other.reshape(b.flatMap((size) => [1, size]));
    return unsafeView(
      left.mul(right).contiguous(),
      a.map((size, d) => size * (b[d] as number)),
    );
  },
});

/**
 * Vandermonde's matrix: the powers of the elements of a vector, one row for each.
 *
 * @param N the number of columns; as many as elements by default.
 * @param options.increasing whether the powers rise from left to right.
 * @see https://pytorch.org/docs/stable/generated/torch.vander.html
 */
export const vander: FunctionOp<(x: Tensor, ...args: Args<[N?: number], ["N"], { increasing?: boolean }>) => Tensor> =
  op({
    name: "vander",
    variants: "function",
    params: { x: tensor, N: optional(int), increasing: flag },
    composite: ({ x, N, increasing }) => {
      if (x.sizes.length !== 1) throw new Error("x must be a one-dimensional tensor.");
      const count = N ?? (x.sizes[0] as number);
      if (count < 0) throw new RangeError("N must be non-negative.");
      checkListLength(count);
      const base = x.to(promoteTypes(x.dtype, int64));
      if (count === 0) return base.newEmpty(base.sizes[0] as number, 0);
      const powers = [base.newOnes(base.sizes)];
      while (powers.length < count) powers.push(powers.length === 1 ? base : (powers.at(-1) as Tensor).mul(base));
      return stack(increasing ? powers : powers.reverse(), 1);
    },
  });
