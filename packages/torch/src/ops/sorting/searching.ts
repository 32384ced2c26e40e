/** Places of values among sorted ones, membership, and counts. */
import { flag, int, keyword, type Operand, operand, optional, tensor, word } from "../../arguments/params.js";
import { bincount as bincountKernel, searchsorted as searchsortedKernel } from "../../backend/kernels.js";
import { bool, type DType, float32, float64, int32, int64, scalarTypeName } from "../../core/dtype.js";
import { dtypeOfScalar, resultType } from "../../core/promotion.js";
import { formatShape, sameShape } from "../../core/shape.js";
import { Tensor } from "../../core/tensor.js";
import { tensor as tensorOf } from "../creation/data.js";
import { zeros } from "../creation/filled.js";
import { op } from "../define.js";
import { cast } from "../pointwise/pointwise.js";
import type { Args, FunctionOp, Op, Out } from "../types.js";

type PlaceOptions = { outInt32?: boolean; right?: boolean } & Out;

interface Places {
  readonly sequence: Tensor;
  readonly input: Operand;
  readonly right: boolean;
  readonly outInt32: boolean;
  readonly sorter?: Tensor | undefined;
}

/** An operand in a dtype, in which a number wraps. */
function asTensor(value: Operand, dtype: DType): Tensor {
  return cast(value instanceof Tensor ? value : tensorOf(value, { dtype: dtypeOfScalar(value) }), dtype);
}

function places(name: string, { sequence, input, right, outInt32, sorter }: Places): Tensor {
  const dtype = resultType(sequence, input);
  const values = asTensor(input, dtype);
  checkPlaces(name, sequence, values, sorter);
  const result = Tensor.empty(values.sizes, outInt32 ? int32 : int64);
  if (values.numel() > 0) searchsortedKernel(result, cast(sequence, dtype), values, right, sorter);
  return result;
}

function checkPlaces(name: string, sequence: Tensor, values: Tensor, sorter: Tensor | undefined): void {
  if (sequence.sizes.length === 0) {
    throw new Error(`torch.${name}(): boundaries tensor should have positive dimension, but got 0 dimension`);
  }
  if (sequence.sizes.length !== 1 && !sameShape(sequence.sizes.slice(0, -1), values.sizes.slice(0, -1))) {
    throw new Error(
      `torch.${name}(): boundaries tensor should be 1 dimension or the first N-1 dimensions of boundaries tensor and input value tensor must match, but we got boundaries tensor ${formatShape(sequence.sizes)} and input value tensor ${formatShape(values.sizes)}`,
    );
  }
  if (sequence.sizes.length !== 1 && sequence.sizes.length !== values.sizes.length) {
    throw new Error(
      `torch.${name}(): input value can be a scalar only when boundaries tensor dimension is 1, but we got boundaries tensor dim(${sequence.sizes.length})`,
    );
  }
  if (sorter === undefined) return;
  if (!sameShape(sorter.sizes, sequence.sizes)) {
    throw new Error(
      `torch.${name}(): boundary and sorter must have the same size, but got boundary tensor ${formatShape(sequence.sizes)} and got sorter tensor ${formatShape(sorter.sizes)}`,
    );
  }
  if (sorter.dtype !== int64)
    throw new TypeError(
      `torch.${name}(): sorter must be a tensor of long dtype but got dtype ${scalarTypeName(sorter.dtype)}`,
    );
}

/**
 * Where each value belongs in a sequence that is sorted along its last dim.
 *
 * @param options.right after equal elements rather than before them (as `side: "right"`).
 * @param options.sorter the order that sorts the sequence, if it is not sorted itself.
 * @example torch.searchsorted(torch.tensor([1, 3, 5]), torch.tensor([3, 4])) // tensor([1, 2])
 * @see https://pytorch.org/docs/stable/generated/torch.searchsorted.html
 */
export const searchsorted: FunctionOp<
  (
    sortedSequence: Tensor,
    input: Operand,
    options?: PlaceOptions & { side?: "left" | "right"; sorter?: Tensor | null },
  ) => Tensor
> = op({
  name: "searchsorted",
  variants: "function",
  params: {
    sortedSequence: tensor,
    input: operand,
    outInt32: flag,
    right: flag,
    side: optional(word("left", "right")),
    sorter: keyword(optional(tensor)),
  },
  out: true,
  overlap: "any",
  forward: ({ sortedSequence, input, outInt32, right, side, sorter }) => {
    if (side === "left" && right) {
      throw new Error(
        "torch.searchsorted(): side and right can't be set to opposites, got side of left while right was True",
      );
    }
    return places("searchsorted", {
      sequence: sortedSequence,
      input,
      right: right || side === "right",
      outInt32,
      sorter,
    });
  },
});

/**
 * The number of the bucket in which each value lies; `boundaries` are sorted and have one dim.
 *
 * @param options.right whether a bucket holds its left boundary rather than its right one.
 * @see https://pytorch.org/docs/stable/generated/torch.bucketize.html
 */
export const bucketize: FunctionOp<(input: Operand, boundaries: Tensor, options?: PlaceOptions) => Tensor> = op({
  name: "bucketize",
  variants: "function",
  params: { input: operand, boundaries: tensor, outInt32: flag, right: flag },
  out: true,
  overlap: "any",
  forward: ({ input, boundaries, outInt32, right }) => {
    if (boundaries.sizes.length !== 1)
      throw new Error(`boundaries tensor must be 1 dimension, but got dim(${boundaries.sizes.length})`);
    return places("bucketize", { sequence: boundaries, input, right, outInt32 });
  },
});

/**
 * Whether each element is one of `testElements`; either may be a number.
 *
 * @param options.invert whether it is none of them.
 * @see https://pytorch.org/docs/stable/generated/torch.isin.html
 */
export const isin: FunctionOp<
  (elements: Operand, testElements: Operand, options?: { assumeUnique?: boolean; invert?: boolean } & Out) => Tensor
> = op({
  name: "isin",
  variants: "function",
  params: { elements: operand, testElements: operand, assumeUnique: flag, invert: flag },
  out: true,
  forward: ({ elements, testElements, invert }) => {
    const dtype = resultType(elements, testElements);
    const [values, tests] = [asTensor(elements, dtype), asTensor(testElements, dtype).reshape(-1)];
    const found = tests.numel() === 0 ? values.newZeros(values.sizes, { dtype: bool }) : isAmong(values, tests);
    return invert ? found.logicalNot() : found;
  },
});

function isAmong(values: Tensor, tests: Tensor): Tensor {
  const sorted = tests.sort().values;
  const place = places("isin", { sequence: sorted, input: values, right: false, outInt32: false });
  return sorted
    .indexSelect(0, place.clampMax(sorted.numel() - 1).reshape(-1))
    .view(values.sizes)
    .eq(values);
}

/**
 * How often each whole number from 0 up occurs, or the sum of the weights of its occurrences.
 *
 * @param input one dim of whole numbers, none of them negative.
 * @param minlength the least size of the result.
 * @see https://pytorch.org/docs/stable/generated/torch.bincount.html
 */
export const bincount: Op<
  (input: Tensor, ...args: Args<[weights?: Tensor | null, minlength?: number], ["weights", "minlength"]>) => Tensor
> = op({
  name: "bincount",
  params: { input: tensor, weights: optional(tensor), minlength: optional(int, 0) },
  forward: ({ input, weights, minlength }) => {
    if (minlength < 0) throw new RangeError("minlength should be >= 0");
    if (input.dtype.isFloatingPoint || input.dtype === bool)
      throw new TypeError(`"bincount_cpu" not implemented for '${scalarTypeName(input.dtype)}'`);
    const isEmpty = input.sizes.length === 1 && input.numel() === 0;
    if (input.sizes.length !== 1 || (!isEmpty && input.amin().item() < 0)) {
      throw new Error("bincount only supports 1-d non-negative integral inputs.");
    }
    if (weights !== undefined && !sameShape(weights.sizes, input.sizes))
      throw new Error("weights should be 1-d and have the same length as input");
    if (isEmpty) return zeros([minlength], { dtype: int64 });
    const size = Math.max(input.amax().item() + 1, minlength);
    const factors = weights === undefined ? undefined : cast(weights, weights.dtype === float32 ? float32 : float64);
    const result = zeros([size], { dtype: factors?.dtype ?? int64 });
    bincountKernel(result, input, factors);
    return result;
  },
});
