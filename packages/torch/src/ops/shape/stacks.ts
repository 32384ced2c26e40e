/**
 * Joining and splitting by rows, columns and depth, after NumPy: `hstack`, `vsplit`, `tensorSplit`, `atleast2d`.
 *
 * Source: https://pytorch.org/docs/stable/torch.html#indexing-slicing-joining-mutating-ops
 */
import { int, optional, type Param, sizeOrSizes, tensor, tensors } from "../../arguments/params.js";
import { describe } from "../../arguments/parse.js";
import { int64 } from "../../core/dtype.js";
import { safeInteger } from "../../core/scalars.js";
import { checkListLength, type Shape, wrapDim } from "../../core/shape.js";
import { Tensor } from "../../core/tensor.js";
import { op } from "../define.js";
import type { Args, FunctionOp, Op, Out } from "../types.js";
import { cat } from "./joining.js";
import { slice } from "./viewParts.js";

/** One tensor with at least so many dims. */
type Raise = (input: Tensor) => Tensor;

function to1d(input: Tensor): Tensor {
  return input.sizes.length === 0 ? input.reshape(1) : input;
}

function to2d(input: Tensor): Tensor {
  if (input.sizes.length === 0) return input.reshape(1, 1);
  return input.sizes.length === 1 ? input.unsqueeze(0) : input;
}

function to3d(input: Tensor): Tensor {
  if (input.sizes.length === 0) return input.reshape(1, 1, 1);
  if (input.sizes.length === 1) return input.unsqueeze(0).unsqueeze(-1);
  return input.sizes.length === 2 ? input.unsqueeze(-1) : input;
}

/** A function of one tensor, or of several that are spread or in an array. */
interface AtLeast {
  (input: Tensor): Tensor;
  (tensors: readonly Tensor[]): Tensor[];
  (...tensors: Tensor[]): Tensor[];
}

function atLeast(name: string, raise: Raise): AtLeast {
  const call = (...args: readonly unknown[]): Tensor | Tensor[] => {
    const isList = Array.isArray(args[0]);
    const items = (isList ? args[0] : args) as readonly unknown[];
    for (const item of items) {
      if (!(item instanceof Tensor)) throw new TypeError(`${name}(): expected tensors, got ${describe(item)}`);
    }
    const raised = (items as readonly Tensor[]).map(raise);
    return args.length === 1 && !isList ? (raised[0] as Tensor) : raised;
  };
  return call as AtLeast;
}

/**
 * The tensor, or each of several, with at least one dim.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.atleast_1d.html
 */
export const atleast1d: AtLeast = atLeast("atleast1d", to1d);

/**
 * The tensor, or each of several, with at least two dims; a vector becomes a row.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.atleast_2d.html
 */
export const atleast2d: AtLeast = atLeast("atleast2d", to2d);

/**
 * The tensor, or each of several, with at least three dims.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.atleast_3d.html
 */
export const atleast3d: AtLeast = atLeast("atleast3d", to3d);

type Stack = FunctionOp<(tensors: readonly Tensor[], options?: Out) => Tensor>;

/** A function that gives tensors more dims and joins them along one. */
function stacking(name: string, torchName: string, prepare: Raise, dim: (first: Tensor) => number): Stack {
  return op({
    name,
    variants: "function",
    params: { tensors },
    out: "cast",
    overlap: "none",
    composite: ({ tensors: items }) => {
      if (items.length === 0) throw new Error(`${torchName} expects a non-empty TensorList`);
      const prepared = items.map(prepare);
      return cat(prepared, dim(prepared[0] as Tensor));
    },
  });
}

/**
 * Tensors side by side: along dim 1, vectors along dim 0.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.hstack.html
 */
export const hstack: Stack = stacking("hstack", "hstack", to1d, (first) => (first.sizes.length === 1 ? 0 : 1));

/**
 * Tensors on top of each other: along dim 0, vectors as rows.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.vstack.html
 */
export const vstack: Stack = stacking("vstack", "vstack", to2d, () => 0);

/** Another name of `vstack`. */
export const rowStack: Stack = stacking("rowStack", "vstack", to2d, () => 0);

/**
 * Tensors behind each other: along dim 2.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.dstack.html
 */
export const dstack: Stack = stacking("dstack", "dstack", to3d, () => 2);

/**
 * Tensors side by side, vectors and numbers as columns.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.column_stack.html
 */
export const columnStack: Stack = stacking(
  "columnStack",
  "column_stack",
  (input) => (input.sizes.length <= 1 ? input.reshape(input.numel(), 1) : input),
  () => 1,
);

/** A number of parts, or the indices before which a new part begins. */
type Sections = number | readonly number[];

/** The indices between which the parts lie. */
function boundaries(size: number, sections: Sections): readonly [start: number, end: number | undefined][] {
  if (typeof sections !== "number") {
    return [...sections, undefined].map(
      (end, i) => [i === 0 ? 0 : (sections[i - 1] as number), end] as [number, number | undefined],
    );
  }
  if (sections <= 0) throw new RangeError(`number of sections must be larger than 0, got ${sections}`);
  checkListLength(sections);
  const [small, larger] = [Math.floor(size / sections), size % sections];
  return Array.from({ length: sections }, (_, i) => {
    const start = i * small + Math.min(i, larger);
    return [start, start + small + (i < larger ? 1 : 0)] as [number, number];
  });
}

function splitAt(input: Tensor, sections: Sections, dim: number): Tensor[] {
  const d = wrapDim(dim, input.sizes.length);
  return boundaries(input.sizes[d] as number, sections).map(([start, end]) => slice(input, d, start, end));
}

const sectionsParam: Param<Sections | Tensor> = {
  ...(sizeOrSizes as Param<Sections | Tensor>),
  expected: "int, tuple of ints or Tensor",
  read: (value) => (value instanceof Tensor ? value : sizeOrSizes.read(value)),
};

function readSections(sections: Sections | Tensor): Sections {
  if (!(sections instanceof Tensor)) return sections;
  if (sections.dtype !== int64 || sections.sizes.length > 1) {
    throw new TypeError(
      `tensor_split expected tensor_indices_or_sections to be a zero-dimensional or one-dimensional tensor of dtype torch.long, got ${sections.sizes.length} dims of ${sections.dtype}`,
    );
  }
  const numbers = sections.tolist() as number | bigint | (number | bigint)[];
  return Array.isArray(numbers) ? numbers.map(safeInteger) : safeInteger(numbers);
}

/**
 * Parts along a dim: so many of about one size, or those between the given indices.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.tensor_split.html
 */
export const tensorSplit: Op<
  (input: Tensor, indicesOrSections: Sections | Tensor, ...args: Args<[dim?: number], ["dim"]>) => Tensor[]
> = op({
  name: "tensorSplit",
  params: { input: tensor, indicesOrSections: sectionsParam, dim: optional(int, 0) },
  composite: ({ input, indicesOrSections, dim }) => {
    if (input.sizes.length === 0) {
      throw new Error("tensor_split expected at least a 1-dimensional tensor, but got a tensor with 0 dims");
    }
    return splitAt(input, readSections(indicesOrSections), dim);
  },
});

type SplitAlong = Op<(input: Tensor, indicesOrSections: Sections) => Tensor[]>;

/** A function that splits along a dim into parts of one size, or between indices. */
function splitting(name: string, minDims: number, dim: (sizes: Shape) => number): SplitAlong {
  return op({
    name,
    params: { input: tensor, indicesOrSections: sizeOrSizes },
    composite: ({ input, indicesOrSections: sections }) => {
      const { sizes } = input;
      if (sizes.length < minDims) {
        throw new Error(
          `torch.${name} requires a tensor with at least ${minDims} dimension, but got a tensor with ${sizes.length} dimensions!`,
        );
      }
      const d = dim(sizes);
      const size = sizes[d] as number;
      if (typeof sections === "number" && (sections === 0 || size % sections !== 0)) {
        throw new Error(
          `torch.${name} attempted to split along dimension ${d}, but the size of the dimension ${size} is not divisible by the split_size ${sections}!`,
        );
      }
      return splitAt(input, sections, d);
    },
  });
}

/**
 * Parts side by side: along dim 1, of a vector along dim 0.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.hsplit.html
 */
export const hsplit: SplitAlong = splitting("hsplit", 1, (sizes) => (sizes.length === 1 ? 0 : 1));

/**
 * Parts on top of each other: along dim 0.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.vsplit.html
 */
export const vsplit: SplitAlong = splitting("vsplit", 2, () => 0);

/**
 * Parts behind each other: along dim 2.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.dsplit.html
 */
export const dsplit: SplitAlong = splitting("dsplit", 3, () => 2);
