/** What histograms are made of: ranges, edges, and counts between edges. */
import { float32, float64, int64, scalarTypeName } from "../../core/dtype.js";
import { numelOf, sameShape } from "../../core/shape.js";
import { Tensor } from "../../core/tensor.js";
import { zeros } from "../creation/filled.js";
import { linspace } from "../creation/ranges.js";
import { type Named, named } from "../define.js";
import { searchsorted } from "./searching.js";

export type Histogram = Named<{ hist: Tensor; binEdges: Tensor }>;

/** What is asked of `histogram`. */
export interface HistogramArguments {
  readonly input: Tensor;
  readonly bins: number | Tensor;
  readonly range: readonly number[] | undefined;
  readonly weight: Tensor | undefined;
  readonly density: boolean;
}

/** `histogram` by other operations; it reads no numbers where the edges or their range are given. */
export function histogramOf({ input, bins: wanted, range, weight, density }: HistogramArguments): Histogram {
  checkDtype(input);
  if (weight !== undefined && !sameShape(weight.sizes, input.sizes)) {
    throw new Error(
      `torch.histogram: if weight tensor is provided it should have the same shape as the input tensor, but got input with shape [${input.sizes}] and weight with shape [${weight.sizes}]`,
    );
  }
  const binEdges = wanted instanceof Tensor ? givenEdges(input, wanted) : evenEdges(input, wanted, range, 0);
  const hist = counts(input.reshape(-1, 1), [binEdges], weight?.reshape(-1));
  return named({ hist: density ? densities(hist, [binEdges]) : hist, binEdges });
}

/** What is asked of `histc`. */
export interface HistcArguments {
  readonly input: Tensor;
  readonly bins: number;
  readonly min: number;
  readonly max: number;
}

/** The range in which `histc` counts, after all that it is asked was checked. */
export function rangeOfBins({ input, bins, min, max }: HistcArguments): readonly [low: number, high: number] {
  if (!input.dtype.isFloatingPoint)
    throw new TypeError(`"histogram_cpu" not implemented for '${scalarTypeName(input.dtype)}'`);
  if (bins <= 0) throw new RangeError(`torch.histc(): bins must be > 0, but got ${bins}`);
  if (bins > 2 ** 30) throw new RangeError(`torch.histc(): bins must be at most 2^30, but got ${bins}`);
  let [low, high] = [min, max];
  if (low === high && input.numel() > 0 && !input.isMeta) [low, high] = [input.amin().item(), input.amax().item()];
  if (low === high) [low, high] = [low - 1, high + 1];
  if (!Number.isFinite(low) || !Number.isFinite(high))
    throw new RangeError(`torch.histc: range of [${low}, ${high}] is not finite`);
  if (low > high) throw new RangeError("torch.histc: max must be larger than min");
  return [low, high];
}

/** @throws TypeError for what is not counted. */
export function checkDtype(input: Tensor): void {
  if (input.dtype !== float32 && input.dtype !== float64)
    throw new TypeError(`"histogramdd" not implemented for '${scalarTypeName(input.dtype)}'`);
}

/** Edges that were given, checked. */
export function givenEdges(input: Tensor, edges: Tensor): Tensor {
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
  checkCount(edges.numel() - 1, 0);
  return edges.clone();
}

function checkCount(count: number, dim: number): void {
  if (count < 1) throw new RangeError(`torch.histogram(): bins must be > 0, but got ${count} for dimension ${dim}`);
}

/** Edges of so many parts of one width. */
export function evenEdges(input: Tensor, count: number, range: readonly number[] | undefined, dim: number): Tensor {
  checkCount(count, dim);
  const [low, high] = range === undefined ? rangeOf(input) : (range as readonly [number, number]);
  if (!Number.isFinite(low) || !Number.isFinite(high))
    throw new RangeError(`torch.histogram: dimension ${dim}'s range [${low}, ${high}] is not finite`);
  if (low > high) {
    throw new RangeError(
      `torch.histogram: min should not exceed max, but got min ${low} max ${high} for dimension ${dim}`,
    );
  }
  const [from, to] = low === high ? [low - 0.5, high + 0.5] : [low, high];
  return linspace(from, to, count + 1, { dtype: input.dtype });
}

function rangeOf(input: Tensor): readonly [number, number] {
  return input.numel() === 0 || input.isMeta ? [0, 1] : [input.amin().item(), input.amax().item()];
}

/** The sum of weights (1 each) of the points of shape [M, N] in each cell between N lists of edges. */
export function counts(points: Tensor, edges: readonly Tensor[], weight: Tensor | undefined): Tensor {
  const sizes = edges.map((one) => one.numel() - 1);
  let cell = points.newZeros(points.sizes[0] as number, { dtype: int64 });
  let isInside = cell.eq(0);
  for (const [d, one] of edges.entries()) {
    const size = sizes[d] as number;
    const values = points.select(1, d).contiguous();
    const place = searchsorted(one, values, { right: true })
      .sub(1)
      .clamp(0, size - 1);
    cell = cell.mul(size).add(place);
    isInside = isInside.logicalAnd(values.ge(one.select(0, 0))).logicalAnd(values.le(one.select(0, size)));
  }
  const each =
    weight === undefined ? isInside.to(points.dtype) : weight.to(points.dtype).maskedFill(isInside.logicalNot(), 0);
  return zeros([numelOf(sizes)], { dtype: points.dtype, device: points.device })
    .indexAdd(0, cell, each)
    .reshape(sizes);
}

/** Counts divided by their sum and by the volumes of the cells. */
export function densities(hist: Tensor, edges: readonly Tensor[]): Tensor {
  return edges.reduce((result, one, d) => {
    const widths = one.diff();
    return result.div(widths.reshape(edges.map((_, other) => (other === d ? -1 : 1))));
  }, hist.div(hist.sum()));
}
