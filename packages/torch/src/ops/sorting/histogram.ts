/** Counts of elements by where they lie among edges. */
import { flag, int, keyword, numbers, optional, type Param, tensor } from "../../arguments/params.js";
import { float32, float64, scalarTypeName } from "../../core/dtype.js";
import { sameShape } from "../../core/shape.js";
import { Tensor } from "../../core/tensor.js";
import { zeros } from "../creation/filled.js";
import { linspace } from "../creation/ranges.js";
import { type Named, named, op } from "../define.js";
import type { Op } from "../types.js";
import { searchsorted } from "./searching.js";

type Histogram = Named<{ hist: Tensor; binEdges: Tensor }>;
type HistogramOptions = { range?: readonly number[]; weight?: Tensor | null; density?: boolean };

const bins: Param<number | Tensor> = {
  ...(tensor as Param<number | Tensor>),
  expected: "int or Tensor",
  read: (value) => (value instanceof Tensor ? value : int.read(value)),
};

/**
 * How many elements lie between edges; each part has its lower edge, and the last one its upper edge too.
 *
 * @param bins how many parts of one width, or a tensor with the edges.
 * @param options.range the first edge and the last; those of the elements by default.
 * @param options.weight what each element counts; 1 by default.
 * @param options.density whether to divide so that the areas of all bars sum to 1.
 * @example torch.histogram(torch.tensor([1, 2, 1]), 4, { range: [0, 3] }).hist // tensor([0., 2., 1., 0.])
 * @see https://pytorch.org/docs/stable/generated/torch.histogram.html
 */
export const histogram: Op<
  (input: Tensor, bins: number | Tensor, options?: HistogramOptions & { out?: readonly [Tensor, Tensor] }) => Histogram
> = op({
  name: "histogram",
  params: {
    input: tensor,
    bins,
    range: keyword(optional(numbers)),
    weight: keyword(optional(tensor)),
    density: flag,
  },
  out: 2,
  overlap: "any",
  forward: ({ input, bins: wanted, range, weight, density }) => {
    if (input.dtype !== float32 && input.dtype !== float64)
      throw new TypeError(`"histogramdd" not implemented for '${scalarTypeName(input.dtype)}'`);
    if (weight !== undefined && !sameShape(weight.sizes, input.sizes)) {
      throw new Error(
        `torch.histogram: if weight tensor is provided it should have the same shape as the input tensor, but got input with shape [${input.sizes}] and weight with shape [${weight.sizes}]`,
      );
    }
    const binEdges = wanted instanceof Tensor ? givenEdges(input, wanted) : evenEdges(input, wanted, range);
    const hist = counts(input.reshape(-1), binEdges, weight?.reshape(-1));
    return named({ hist: density ? hist.div(hist.sum()).div(binEdges.diff()) : hist, binEdges });
  },
});

function givenEdges(input: Tensor, edges: Tensor): Tensor {
  if (edges.sizes.length !== 1) {
    throw new Error(
      `torch.histogram: bins tensor should have one dimension, but got ${edges.sizes.length} dimensions in the bins tensor`,
    );
  }
  if (edges.dtype !== input.dtype) {
    throw new TypeError(
      `torch.histogram: input tensor and bins tensors should have the same dtype, but got input with dtype ${input.dtype} and bins with dtype ${edges.dtype}`,
    );
  }
  checkCount(edges.numel() - 1);
  return edges.clone();
}

function checkCount(count: number): void {
  if (count < 1) throw new RangeError(`torch.histogram(): bins must be > 0, but got ${count} for dimension 0`);
}

function evenEdges(input: Tensor, count: number, range: readonly number[] | undefined): Tensor {
  checkCount(count);
  const [low, high] = range === undefined ? rangeOf(input) : (range as readonly [number, number]);
  if (!Number.isFinite(low) || !Number.isFinite(high))
    throw new RangeError(`torch.histogram: dimension 0's range [${low}, ${high}] is not finite`);
  if (low > high) {
    throw new RangeError(`torch.histogram: min should not exceed max, but got min ${low} max ${high} for dimension 0`);
  }
  const [from, to] = low === high ? [low - 0.5, high + 0.5] : [low, high];
  return linspace(from, to, count + 1, { dtype: input.dtype });
}

function rangeOf(input: Tensor): readonly [number, number] {
  return input.numel() === 0 || input.isMeta ? [0, 1] : [input.amin().item(), input.amax().item()];
}

function counts(values: Tensor, edges: Tensor, weight: Tensor | undefined): Tensor {
  const count = edges.numel() - 1;
  const result = zeros([count], { dtype: values.dtype });
  const last = edges.select(0, count);
  const isInside = values.ge(edges.select(0, 0)).logicalAnd(values.le(last));
  const kept = values.maskedSelect(isInside);
  const place = searchsorted(edges, kept, { right: true })
    .sub(1)
    .clampMax(count - 1);
  const each = weight === undefined ? kept.newOnes(kept.sizes) : weight.to(values.dtype).maskedSelect(isInside);
  return result.indexAdd_(0, place, each);
}
