/**
 * Group norm: the channels of each input are normalized in groups of neighbours.
 *
 * Source: https://pytorch.org/docs/stable/generated/torch.nn.functional.group_norm.html
 */
import { flagOn, int, number, optional, tensor } from "../../arguments/params.js";
import {
  normRows,
  normRowsBackward,
  normShared,
  normSharedBackward,
  type RowGroups,
  type SharedGroups,
} from "../../backend/kernels.js";
import { float32 } from "../../core/dtype.js";
import { formatShape, numelOf, type Shape } from "../../core/shape.js";
import { Tensor } from "../../core/tensor.js";
import { op } from "../define.js";
import { emptyInOrder, memoryOrder } from "../memoryOrder.js";
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

/** How kernels see an input: as planes, or where each channel is one number as rows. */
function split(sizes: Shape, numGroups: number): { planes: SharedGroups } | { rows: RowGroups } {
  const [batch, channels, ...rest] = sizes as [number, number, ...number[]];
  const inner = channels / numGroups;
  const length = numelOf(rest);
  if (length === 1) return { rows: { rows: batch * numGroups, length: inner, period: numGroups } };
  return {
    planes: { layout: "planes", isBatch: false, outer: batch * numGroups, inner, length, period: numGroups },
  };
}

class GroupNormalization extends Normalization {
  constructor(
    readonly sizes: Shape,
    readonly numGroups: number,
    eps: number,
  ) {
    super(eps, [sizes[1] as number]);
  }

  override backward(
    gradients: Gradients,
    grad: Tensor,
    input: Tensor,
    weight: Tensor | undefined,
    { mean, spread }: Saved,
  ): void {
    const [dy, x, w] = [grad.contiguous(), input.contiguous(), weight?.contiguous()];
    const given = split(this.sizes, this.numGroups);
    if ("rows" in given) normRowsBackward(gradients, dy, x, given.rows, w, mean, spread);
    else {
      const statistics = { mean: mean as Tensor, spread, isGiven: false, eps: this.eps };
      normSharedBackward(gradients, dy, x, given.planes, w, statistics);
    }
  }

  protected override mean(x: Tensor): Tensor {
    const { sizes, numGroups } = this;
    const groups = x.reshape([sizes[0] as number, numGroups, numelOf(sizes.slice(1)) / numGroups]);
    return groups.mean(-1, { keepdim: true }).expand(groups.sizes).reshape(sizes);
  }

  override spread(weights: Tensor): Tensor {
    return weights.view([-1, ...this.sizes.slice(2).map(() => 1)]);
  }

  override gather(x: Tensor): Tensor {
    return x.sum(this.sizes.map((_, d) => d).filter((d) => d !== 1));
  }
}

type ByGroups = FunctionOp<
  (
    input: Tensor,
    numGroups: number,
    weight: Tensor | null | undefined,
    bias: Tensor | null | undefined,
    mean: Tensor,
    rstd: Tensor,
    eps: number,
  ) => Tensor
>;

/** `mean` and `rstd` take the statistics. */
const byGroups: ByGroups = op({
  name: "groupNorm",
  id: "groupNorm.groups",
  nodeName: "NativeGroupNormBackward0",
  variants: "function",
  params: { input: tensor, numGroups: int, ...affineParams, mean: tensor, rstd: tensor, eps: number },
  forward: ({ input, numGroups, weight, bias, mean, rstd, eps }) => {
    const out = Tensor.empty(input.sizes, input.dtype);
    const given = split(input.sizes, numGroups);
    const x = input.contiguous();
    if ("rows" in given) normRows(out, x, given.rows, affine(weight, bias), mean, rstd, eps);
    else normShared(out, x, given.planes, affine(weight, bias), { mean, spread: rstd, isGiven: false, eps });
    const order = memoryOrder(input);
    return order === undefined ? out : emptyInOrder(input.sizes, order, input.dtype).copy_(out);
  },
  saves: ["input", "weight", "mean", "rstd"],
  backward: ([grad], { input, numGroups, weight, mean, rstd, eps }, needs) => {
    if (grad === undefined) return {};
    const normalization = new GroupNormalization(input.sizes, numGroups, eps);
    return gradientsOf(normalization, grad, input, weight, { mean, spread: rstd }, needs);
  },
});

type GroupNorm = FunctionOp<
  (
    input: Tensor,
    numGroups: number,
    ...args: Args<
      [weight?: Tensor | null, bias?: Tensor | null, eps?: number],
      ["weight", "bias", "eps"],
      { cudnnEnabled?: boolean }
    >
  ) => Tensor
>;

/**
 * The channels of an input `[N, C, …]` in groups of neighbours, each group of each input with mean 0 and variance 1, times
 * a weight, plus a bias; see `nn.functional.groupNorm`.
 *
 * @param options.cudnnEnabled has no effect.
 */
export const groupNorm: GroupNorm = op({
  name: "groupNorm",
  variants: "function",
  params: { input: tensor, numGroups: int, ...affineParams, eps: optional(number, 1e-5), cudnnEnabled: flagOn },
  composite: ({ input, numGroups, weight = null, bias = null, eps }) => {
    const { sizes } = input;
    const channels = sizes[1];
    if (channels === undefined)
      throw new RangeError(`Expected at least 2 dimensions for input tensor but received ${sizes.length}`);
    if (numGroups <= 0) throw new RangeError(`Expected num groups to be greater than 0, got ${numGroups}`);
    if (channels % numGroups !== 0) {
      throw new Error(
        `Expected number of channels in input to be divisible by num_groups, but got input of shape ${formatShape(sizes)} and num_groups=${numGroups}`,
      );
    }
    for (const [name, one] of Object.entries({ weight, bias })) {
      if (one !== null && (one.sizes.length !== 1 || one.sizes[0] !== channels)) {
        throw new Error(
          `Expected ${name} to be a vector of size equal to the number of channels in input, but got ${name} of shape ${formatShape(one.sizes)} and input of shape ${formatShape(sizes)}`,
        );
      }
    }
    if (isMixed(input, [weight, bias])) {
      return groupNorm(input.to(float32), numGroups, weight, bias, eps).to(input.dtype);
    }
    checkDtypes("group_norm", input, [weight, bias]);
    const shape = [sizes[0] as number, numGroups];
    const [mean, rstd] = [Tensor.empty(shape, input.dtype), Tensor.empty(shape, input.dtype)];
    return byGroups(input, numGroups, weight, bias, mean, rstd, eps);
  },
});
