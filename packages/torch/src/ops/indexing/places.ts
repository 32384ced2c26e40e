/** The places that index tensors and masks name. */
import { invalid, type Param, tensor } from "../../arguments/params.js";
import { type Indices, nonzero as nonzeroKernel } from "../../backend/kernels.js";
import { readCount } from "../../backend/reading.js";
import { bool, Category, int64 } from "../../core/dtype.js";
import { broadcastShapes, formatShape, maxDims, type Shape } from "../../core/shape.js";
import { Tensor } from "../../core/tensor.js";
import { cast } from "../pointwise/pointwise.js";
import { type IndexList, isMask } from "./items.js";

/** Index tensors, one for each of the first dims; null leaves a dim whole. */
export const indexList: Param<IndexList> = {
  ...(tensor as Param<unknown> as Param<IndexList>),
  expected: "list of Tensors",
  read: (value) =>
    Array.isArray(value) &&
    value.length <= maxDims &&
    value.every((item) => item === null || item === undefined || item instanceof Tensor)
      ? value.map((item) => item ?? null)
      : invalid,
  holds: "tensors",
};

/** Index tensors brought to one shape, and the shape of what they name. */
export interface Plan {
  /** By dim of the indexed tensor, int64. */
  readonly indices: Indices;
  /** The shape to which the index tensors broadcast. */
  readonly shape: Shape;
  /** The shape of the result. */
  readonly resultShape: Shape;
  /** Where the dims of the index tensors begin in the result. */
  readonly position: number;
}

/** The coordinates of the elements of a mask that are set, one tensor for each dim. */
function coordinates(mask: Tensor): Tensor[] {
  const ndim = mask.sizes.length;
  const table = Tensor.empty([readCount(mask), ndim], int64);
  nonzeroKernel(table, mask);
  return Array.from({ length: ndim }, (_, d) => table.viewOf([table.sizes[0] as number], [ndim], d));
}

/** Index tensors with masks replaced by the coordinates of what is set in them. */
function expandMasks(input: Tensor, given: IndexList): (Tensor | undefined)[] {
  const indices: (Tensor | undefined)[] = [];
  given.forEach((index, place) => {
    if (index === null) {
      indices.push(undefined);
    } else if (isMask(index)) {
      checkMaskShape(input, index, indices.length, place);
      indices.push(...coordinates(index));
    } else {
      if (index.dtype.category === Category.Floating) {
        throw new TypeError(
          `tensors used as indices must be long, int, byte or bool tensors, got ${index.dtype}; convert with { dtype: torch.long }`,
        );
      }
      indices.push(cast(index, int64));
    }
  });
  return indices;
}

function checkMaskShape(input: Tensor, mask: Tensor, dim: number, place: number): void {
  for (let d = 0; d < mask.sizes.length; d++) {
    if (mask.sizes[d] === input.sizes[dim + d]) continue;
    throw new Error(
      `The shape of the mask ${formatShape(mask.sizes)} at index ${d} does not match the shape of the indexed tensor ${formatShape(input.sizes)} at index ${place + d}`,
    );
  }
}

function broadcastIndices(indices: readonly Tensor[]): Shape {
  try {
    return indices.reduce((shape: Shape, { sizes }) => broadcastShapes(shape, sizes), []);
  } catch {
    const shapes = indices.map(({ sizes }) => formatShape(sizes)).join(", ");
    throw new Error(`shape mismatch: indexing tensors could not be broadcast together with shapes ${shapes}`);
  }
}

/** Index tensors that stand side by side put their dims in their own place; others put them in front. */
export function plan(input: Tensor, given: IndexList): Plan {
  const indices = expandMasks(input, given);
  if (indices.length > input.sizes.length) {
    throw new RangeError(`too many indices for tensor of dimension ${input.sizes.length} (got ${indices.length})`);
  }
  const dims = indices.flatMap((index, d) => (index === undefined ? [] : [d]));
  if (dims.length === 0) throw new Error("at least one index tensor is needed");
  const shape = broadcastIndices(dims.map((d) => indices[d] as Tensor));
  const [first, last] = [dims[0] as number, dims.at(-1) as number];
  const position = last - first + 1 === dims.length ? first : 0;
  const rest = input.sizes.filter((_, d) => !dims.includes(d));
  return { indices, shape, position, resultShape: [...rest.slice(0, position), ...shape, ...rest.slice(position)] };
}

/** A view of a tensor in the shape of the result whose first dims are those of the index tensors. */
export function indexDimsFirst(result: Tensor, { shape, position }: Plan): Tensor {
  if (position === 0) return result;
  const reorder = (values: Shape) => [
    ...values.slice(position, position + shape.length),
    ...values.slice(0, position),
    ...values.slice(position + shape.length),
  ];
  return result.viewOf(reorder(result.sizes), reorder(result.strides), result.offset);
}

/** The mask that is the only index: `aligned` broadcasts to the tensor, and `isWhole` tells if it has all its dims. */
export interface OnlyMask {
  readonly aligned: Tensor;
  readonly isWhole: boolean;
}

/** The mask that is the only index; undefined if there are other indices. */
export function onlyMask(input: Tensor, indices: IndexList): OnlyMask | undefined {
  const dim = indices.findIndex((item) => item !== null);
  const mask = indices[dim];
  if (!mask || !isMask(mask) || indices.some((item, d) => item !== null && d !== dim)) return undefined;
  const after = input.sizes.length - dim - mask.sizes.length;
  if (after < 0 || mask.sizes.length === 0) return undefined;
  checkMaskShape(input, mask, dim, dim);
  const aligned = after === 0 ? mask : mask.reshape([...mask.sizes, ...new Array<number>(after).fill(1)]);
  return { aligned: cast(aligned, bool), isWhole: mask.sizes.length === input.sizes.length };
}
