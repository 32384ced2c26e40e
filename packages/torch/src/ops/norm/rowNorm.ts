/**
 * Layer norm and RMS norm: the elements of the last dims are normalized together, and each has a weight of its own.
 *
 * Source: https://pytorch.org/docs/stable/generated/torch.nn.functional.layer_norm.html
 */
import { flagOn, ints, nullable, number, optional, tensor } from "../../arguments/params.js";
import { normRows, normRowsBackward, type RowGroups } from "../../backend/kernels.js";
import { type DType, float32 } from "../../core/dtype.js";
import { finfo } from "../../core/limits.js";
import { formatShape, numelOf, type Shape, sameShape } from "../../core/shape.js";
import { Tensor } from "../../core/tensor.js";
import { op } from "../define.js";
import type { Args, FunctionOp } from "../types.js";
import {
  affine,
  affineParams,
  checkDtypes,
  type Gradients,
  gradientsOf,
  isMixed,
  Normalization,
  type Saved,
} from "./normalization.js";
import { type Flow, flowThrough } from "./secondOrder.js";

/** Rows of the last dims, which all have the same weights. */
function rowsOf(sizes: Shape, normalizedShape: Shape): RowGroups {
  const length = numelOf(normalizedShape);
  return { rows: numelOf(sizes.slice(0, sizes.length - normalizedShape.length)), length, period: 1 };
}

class RowNormalization extends Normalization {
  readonly #sizes: Shape;
  readonly #isCentered: boolean;

  constructor(sizes: Shape, normalizedShape: Shape, isCentered: boolean, eps: number) {
    super(eps, normalizedShape);
    this.#sizes = sizes;
    this.#isCentered = isCentered;
  }

  override backward(
    gradients: Gradients,
    grad: Tensor,
    input: Tensor,
    weight: Tensor | undefined,
    { mean, spread }: Saved,
  ): void {
    const rows = rowsOf(this.#sizes, this.weights);
    normRowsBackward(gradients, grad.contiguous(), input.contiguous(), rows, weight?.contiguous(), mean, spread);
  }

  override flow(input: Tensor): Flow {
    return flowThrough(input, (x) => this.mean(x), this.#isCentered, this.eps);
  }

  protected override mean(x: Tensor): Tensor {
    return x.mean(
      this.weights.map((_, i) => -1 - i),
      { keepdim: true },
    );
  }

  override spread(weights: Tensor): Tensor {
    return weights;
  }

  override gather(x: Tensor): Tensor {
    return x.sumToSize(this.weights);
  }
}

/** Throws unless a shape is that of the last dims, and the weights have it. */
function checkRows(input: Tensor, normalizedShape: Shape, named: Readonly<Record<string, Tensor | null>>): void {
  const { sizes } = input;
  if (normalizedShape.length === 0) {
    throw new Error(
      "Expected normalized_shape to be at least 1-dimensional, i.e., containing at least one element, but got normalized_shape = []",
    );
  }
  for (const [name, one] of Object.entries(named)) {
    if (one !== null && !sameShape(one.sizes, normalizedShape)) {
      throw new Error(
        `Expected ${name} to be of same shape as normalized_shape, but got ${name} of shape ${formatShape(one.sizes)} and normalized_shape = ${formatShape(normalizedShape)}`,
      );
    }
  }
  const isLast =
    normalizedShape.length <= sizes.length && sameShape(sizes.slice(-normalizedShape.length), normalizedShape);
  if (!isLast) {
    throw new Error(
      `Given normalized_shape=${formatShape(normalizedShape)}, expected input with shape [*, ${normalizedShape.join(", ")}], but got input of size${formatShape(sizes)}`,
    );
  }
}

const rowParams = { input: tensor, normalizedShape: ints };

type ByRows = FunctionOp<
  (
    input: Tensor,
    normalizedShape: Shape,
    weight: Tensor | null | undefined,
    bias: Tensor | null | undefined,
    mean: Tensor,
    rstd: Tensor,
    eps: number,
  ) => Tensor
>;

/** Takes the statistics of the rows, with 1 in place of the normalized dims. */
function emptyStatistics({ sizes, dtype }: Tensor, normalizedShape: Shape): Tensor {
  return Tensor.empty(
    sizes.map((size, d) => (d < sizes.length - normalizedShape.length ? size : 1)),
    dtype,
  );
}

/** `mean` and `rstd` take the statistics. */
const byRows: ByRows = op({
  name: "layerNorm",
  id: "layerNorm.rows",
  nodeName: "NativeLayerNormBackward0",
  variants: "function",
  params: { ...rowParams, ...affineParams, mean: tensor, rstd: tensor, eps: number },
  forward: ({ input, normalizedShape, weight, bias, mean, rstd, eps }) => {
    const out = Tensor.empty(input.sizes, input.dtype);
    normRows(out, input.contiguous(), rowsOf(input.sizes, normalizedShape), affine(weight, bias), mean, rstd, eps);
    return out;
  },
  saves: ["input", "weight", "mean", "rstd"],
  backward: ([grad], { input, normalizedShape, weight, mean, rstd, eps }, needs) => {
    if (grad === undefined) return {};
    const normalization = new RowNormalization(input.sizes, normalizedShape, true, eps);
    return gradientsOf(normalization, grad, input, weight, { mean, spread: rstd }, needs);
  },
});

type LayerNorm = FunctionOp<
  (
    input: Tensor,
    normalizedShape: Shape,
    ...args: Args<
      [weight?: Tensor | null, bias?: Tensor | null, eps?: number],
      ["weight", "bias", "eps"],
      { cudnnEnable?: boolean }
    >
  ) => Tensor
>;

/**
 * The elements of the last dims with mean 0 and variance 1, times a weight, plus a bias; see `nn.functional.layerNorm`.
 *
 * @param options.cudnnEnable has no effect.
 */
export const layerNorm: LayerNorm = op({
  name: "layerNorm",
  variants: "function",
  params: { ...rowParams, ...affineParams, eps: optional(number, 1e-5), cudnnEnable: flagOn },
  composite: ({ input, normalizedShape, weight = null, bias = null, eps }) => {
    checkRows(input, normalizedShape, { weight, bias });
    if (isMixed(input, [weight, bias])) {
      return layerNorm(input.to(float32), normalizedShape, weight, bias, eps).to(input.dtype);
    }
    checkDtypes("layer_norm", input, [weight, bias]);
    const [mean, rstd] = [emptyStatistics(input, normalizedShape), emptyStatistics(input, normalizedShape)];
    return byRows(input, normalizedShape, weight, bias, mean, rstd, eps);
  },
});

type ByRootMeanSquare = FunctionOp<
  (input: Tensor, normalizedShape: Shape, weight: Tensor | null | undefined, rstd: Tensor, eps: number) => Tensor
>;

const byRootMeanSquare: ByRootMeanSquare = op({
  name: "rmsNorm",
  id: "rmsNorm.rows",
  nodeName: "FusedRmsNormBackward0",
  variants: "function",
  params: { ...rowParams, weight: affineParams.weight, rstd: tensor, eps: number },
  forward: ({ input, normalizedShape, weight, rstd, eps }) => {
    const out = Tensor.empty(input.sizes, input.dtype);
    const rows = rowsOf(input.sizes, normalizedShape);
    normRows(out, input.contiguous(), rows, affine(weight, undefined), undefined, rstd, eps);
    return out;
  },
  saves: ["input", "weight", "rstd"],
  backward: ([grad], { input, normalizedShape, weight, rstd, eps }, needs) => {
    if (grad === undefined) return {};
    const normalization = new RowNormalization(input.sizes, normalizedShape, false, eps);
    return gradientsOf(normalization, grad, input, weight, { mean: undefined, spread: rstd }, needs);
  },
});

type RmsNorm = FunctionOp<
  (
    input: Tensor,
    normalizedShape: Shape,
    ...args: Args<[weight?: Tensor | null, eps?: number | null], ["weight", "eps"]>
  ) => Tensor
>;

/**
 * The elements of the last dims over the root of their mean square, times a weight.
 *
 * @param normalizedShape the sizes of the dims.
 * @param weight in the shape of the dims.
 * @param eps is added to the mean square; the `eps` of the dtype by default.
 * @see https://pytorch.org/docs/stable/generated/torch.nn.functional.rms_norm.html
 */
export const rmsNorm: RmsNorm = op({
  name: "rmsNorm",
  variants: "function",
  params: { ...rowParams, weight: affineParams.weight, eps: optional(nullable(number)) },
  composite: ({ input, normalizedShape, weight = null, eps }) => {
    checkRows(input, normalizedShape, { weight });
    const dtype: DType = checkDtypes("rms_norm", input, [weight]);
    const rstd = emptyStatistics(input, normalizedShape);
    return byRootMeanSquare(input, normalizedShape, weight, rstd, eps ?? finfo(dtype).eps);
  },
});
