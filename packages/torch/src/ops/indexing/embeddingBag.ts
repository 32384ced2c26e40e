/** Rows looked up by index, and the rows of each bag put together. */
import { flag, int, keyword, number, optional, tensor } from "../../arguments/params.js";
import { Signature } from "../../arguments/parse.js";
import { releasingTemporaries } from "../../autograd/temporaries.js";
import { int64 } from "../../core/dtype.js";
import { formatShape, sameShape } from "../../core/shape.js";
import type { Tensor } from "../../core/tensor.js";
import { arange } from "../creation/ranges.js";
import { holdsAnywhere } from "../numbers.js";
import { repeatInterleave } from "../shape/rearranging.js";
import type { Args } from "../types.js";
import { bagMode, checkDense, checkedIndices, embedding, wrapPadding } from "./embedding.js";
import { where } from "./masks.js";

/** How the rows of a bag are put together. */
export type EmbeddingBagMode = "sum" | "mean" | "max";

const signature = new Signature("embeddingBag", {
  input: tensor,
  weight: tensor,
  offsets: optional(tensor),
  maxNorm: optional(number),
  normType: optional(number, 2),
  scaleGradByFreq: flag,
  mode: bagMode,
  sparse: flag,
  perSampleWeights: optional(tensor),
  includeLastOffset: flag,
  paddingIdx: keyword(optional(int)),
});

export interface EmbeddingBagOptions {
  /** Divide gradients by how often a row occurs in the input. */
  scaleGradByFreq?: boolean;
  /** How the rows of a bag are put together; `"mean"` by default. */
  mode?: EmbeddingBagMode;
  /** Gradients are dense here: `true` throws. */
  sparse?: boolean;
  /** Factors of the rows, in the shape of the input; in mode `"sum"`. */
  perSampleWeights?: Tensor | null;
  /** Whether the offsets end with where the last bag ends. */
  includeLastOffset?: boolean;
  /** Indices that do not count. */
  paddingIdx?: number | null;
}

/** A flat list of indices, and to which bag each belongs. */
interface Bags {
  readonly indices: Tensor;
  readonly bags: Tensor;
  readonly count: number;
}

/** Bags of one length, the rows of an input. */
function bagsOfRows(indices: Tensor, offsets: Tensor | undefined): Bags {
  if (offsets !== undefined) {
    throw new Error(
      `if input is 2D, then offsets has to be None, as input is treated is a mini-batch of fixed length sequences. However, found offsets of type Tensor of shape ${formatShape(offsets.sizes)}`,
    );
  }
  const [count, length] = indices.sizes as [number, number];
  const bags = repeatInterleave(arange(count, { dtype: int64, device: indices.device }), length);
  return { indices: indices.reshape(-1), bags, count };
}

/** Bags that begin at offsets, of which the last may be where the last one ends. */
function bagsFrom(indices: Tensor, offsets: Tensor | undefined, includeLastOffset: boolean): Bags {
  if (offsets === undefined) throw new Error("offsets has to be a 1D Tensor but got None");
  if (offsets.sizes.length !== 1)
    throw new Error(`offsets has to be a 1D Tensor, but got Tensor of dimension ${offsets.sizes.length}`);
  const [given] = offsets.sizes as [number];
  const [length] = indices.sizes as [number];
  if (includeLastOffset && given === 0) throw new Error("include_last_offset: number of offset should be at least 1");
  const starts = checkedIndices("embedding_bag", "#1 'offsets'", offsets);
  if (given > 0 && holdsAnywhere(starts.narrow(0, 0, 1).ne(0))) {
    throw new Error(
      `offsets[0] has to be 0, i.e., the first sequence in the mini-batch has to start from position 0. However, got ${starts.at(0).item()}`,
    );
  }
  if (holdsAnywhere(starts.gt(length))) {
    throw new Error(
      `offsets[-1] can not be greater than input's length ${length} but got offsets[-1] of ${starts.max().item()}`,
    );
  }
  if (given === 0 && length > 0) throw new Error("offsets must have an element for each bag, got none");
  // At each offset another bag begins: counting them up to a place gives the bag.
  const begun = starts.newZeros([length + 1]).indexAdd(0, starts, starts.newOnes([given]));
  const bags = begun.cumsum(0).narrow(0, 0, length).sub(1);
  return { indices, bags, count: given };
}

/** The greatest of the rows of each bag, the first of those that are equal; zeros where nothing counts. */
function greatest(rows: Tensor, bags: Tensor, count: number, isPadding: Tensor | undefined): Tensor {
  const width = rows.sizes.slice(1);
  const [length] = rows.sizes as [number];
  if (length === 0) return rows.newZeros([count, ...width]).indexAdd(0, bags, rows);
  const seen = rows.detach();
  const counted = isPadding === undefined ? seen : seen.maskedFill(isPadding, Number.NEGATIVE_INFINITY);
  const lowest = seen.newFull([count, ...width], Number.NEGATIVE_INFINITY);
  const tops = lowest.indexReduce(0, bags, counted, "amax");
  const isTop = counted.eq(tops.indexSelect(0, bags)).logicalOr(counted.isnan());
  const places = arange(length, { dtype: int64, device: rows.device }).unsqueeze(1);
  const candidates = where(isPadding === undefined ? isTop : isTop.logicalAnd(isPadding.logicalNot()), places, length);
  const first = bags.newFull([count, ...width], length).indexReduce(0, bags, candidates, "amin");
  return rows.gather(0, first.clampMax(length - 1)).maskedFill(first.eq(length), 0);
}

/**
 * The rows of a weight `[rows, width]` at indices, put together bag by bag: `[bags, width]`, with zeros for a bag in which
 * nothing counts.
 *
 * @param input indices: `[bags, length]`, or all of them in one dim, with offsets.
 * @param offsets where in the input each bag begins.
 * @param maxNorm the greatest length of a row; longer ones are shortened in place.
 * @example F.embeddingBag(torch.tensor([1n, 2n, 4n]), weight, torch.tensor([0n, 2n])) // the mean of two rows, and one row
 * @throws RangeError for an index out of range.
 * @see https://pytorch.org/docs/stable/generated/torch.nn.functional.embedding_bag.html
 */
export function embeddingBag(
  ...args: [
    input: Tensor,
    weight: Tensor,
    ...rest: Args<
      [offsets?: Tensor | null, maxNorm?: number | null, normType?: number],
      ["offsets", "maxNorm", "normType"],
      EmbeddingBagOptions
    >,
  ]
): Tensor {
  return releasingTemporaries(
    ({ input, weight, offsets, maxNorm, normType, scaleGradByFreq, mode, sparse, perSampleWeights, ...given }) => {
      checkDense("embeddingBag", sparse);
      const indices = checkedIndices("embedding_bag", "#1 'indices'", input);
      if (weight.sizes.length !== 2) throw new Error("'weight' must be 2-D");
      if (indices.sizes.length !== 1 && indices.sizes.length !== 2)
        throw new Error(`input has to be 1D or 2D Tensor, but got Tensor of dimension ${indices.sizes.length}`);
      if (perSampleWeights !== undefined) checkWeights(input, weight, perSampleWeights, mode);
      if (mode === "max" && scaleGradByFreq)
        throw new Error("max mode does not support scaling the gradient by the frequency");
      const padding = wrapPadding(
        given.paddingIdx,
        weight.sizes[0] as number,
        "padding_idx must be within the number of embeddings",
      );
      const {
        indices: flat,
        bags,
        count,
      } = indices.sizes.length === 2
        ? bagsOfRows(indices, offsets)
        : bagsFrom(indices, offsets, given.includeLastOffset);
      const rows = embedding(flat, weight, padding, maxNorm, normType, { scaleGradByFreq });
      const isPadding = padding === undefined ? undefined : flat.eq(padding);
      const made = combine(
        rows,
        bags,
        count,
        mode,
        isPadding?.unsqueeze(1),
        perSampleWeights?.reshape(-1).unsqueeze(1),
      );
      // What is behind the end of the last bag is in none.
      return given.includeLastOffset ? made.narrow(0, 0, count - 1) : made;
    },
    signature.parse(args),
  );
}

/** The rows of each bag put together; those of padding do not count. */
function combine(
  rows: Tensor,
  bags: Tensor,
  count: number,
  mode: EmbeddingBagMode,
  isPadding: Tensor | undefined,
  factors: Tensor | undefined,
): Tensor {
  if (mode === "max") return greatest(rows, bags, count, isPadding);
  const counted = isPadding === undefined ? rows : rows.maskedFill(isPadding, 0);
  const scaled = factors === undefined ? counted : counted.mul(factors);
  const sums = rows.newZeros([count, ...rows.sizes.slice(1)]).indexAdd(0, bags, scaled);
  if (mode === "sum") return sums;
  const ones = isPadding === undefined ? rows.newOnes([bags.numel(), 1]) : isPadding.logicalNot().to(rows.dtype);
  return sums.div(rows.newZeros([count, 1]).indexAdd(0, bags, ones).clampMin(1));
}

function checkWeights(input: Tensor, weight: Tensor, factors: Tensor, mode: EmbeddingBagMode): void {
  if (!sameShape(factors.sizes, input.sizes)) {
    throw new Error(
      `embedding_bag: If per_sample_weights (${formatShape(factors.sizes)}) is not None, then it must have the same shape as the input (${formatShape(input.sizes)})`,
    );
  }
  if (factors.dtype !== weight.dtype) {
    throw new TypeError(
      `expected weight and per_sample_weights to have the same dtype, got ${weight.dtype} and ${factors.dtype}`,
    );
  }
  if (mode !== "sum") {
    throw new Error(
      `embedding_bag: per_sample_weights was not None. per_sample_weights is only supported for mode='sum' (got mode='${mode}').`,
    );
  }
}
