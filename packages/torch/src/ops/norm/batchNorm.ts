/**
 * Batch norm: each channel is normalized over the batch and all positions.
 *
 * Source: https://pytorch.org/docs/stable/generated/torch.nn.functional.batch_norm.html
 */
import { nullable, number, optional, requiredFlag, tensor } from "../../arguments/params.js";
import { type NormStatistics, normShared, normSharedBackward, type SharedGroups } from "../../backend/kernels.js";
import { float32 } from "../../core/dtype.js";
import { numelOf, type Shape } from "../../core/shape.js";
import { Tensor } from "../../core/tensor.js";
import { op } from "../define.js";
import { emptyInOrder, inOrder, type MemoryOrder, memoryOrder } from "../memoryOrder.js";
import { repeat } from "../shape/repeat.js";
import type { FunctionOp } from "../types.js";
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
import { type Flow, flowPast } from "./secondOrder.js";

/** How kernels see the channels of an input in an order of memory. */
function channels(sizes: Shape, order: MemoryOrder): SharedGroups {
  const [outer, inner, ...rest] = sizes as [number, number, ...number[]];
  const length = numelOf(rest);
  const grouped = { isBatch: true, inner, period: 1 };
  if (order === undefined && length !== 1) return { ...grouped, layout: "planes", outer, length };
  return { ...grouped, layout: "columns", outer: outer * length, length: 1 };
}

class BatchNormalization extends Normalization {
  readonly #sizes: Shape;
  readonly #isGiven: boolean;

  constructor(sizes: Shape, isGiven: boolean, eps: number) {
    super(eps, [sizes[1] as number]);
    this.#sizes = sizes;
    this.#isGiven = isGiven;
  }

  get #others(): number[] {
    return this.#sizes.map((_, d) => d).filter((d) => d !== 1);
  }

  override order(input: Tensor): MemoryOrder {
    return memoryOrder(input);
  }

  override backward(
    gradients: Gradients,
    grad: Tensor,
    input: Tensor,
    weight: Tensor | undefined,
    { mean, spread }: Saved,
  ): void {
    const order = this.order(input);
    const written = gradients.input;
    normSharedBackward(
      { ...gradients, input: written && inOrder(written, order) },
      inOrder(grad, order).contiguous(),
      inOrder(input, order).contiguous(),
      channels(input.sizes, order),
      weight?.contiguous(),
      { mean: mean as Tensor, spread, isGiven: this.#isGiven, eps: this.eps },
    );
  }

  override flow(input: Tensor, saved: Saved): Flow {
    if (!this.#isGiven) return super.flow(input, saved);
    return flowPast(input, this.spread(saved.mean as Tensor), this.spread(saved.spread), this.eps);
  }

  protected override mean(x: Tensor): Tensor {
    return x.mean(this.#others, { keepdim: true });
  }

  override spread(weights: Tensor): Tensor {
    return weights.view([-1, ...this.#sizes.slice(2).map(() => 1)]);
  }

  override gather(x: Tensor): Tensor {
    return x.sum(this.#others);
  }
}

/** The input with each channel normalized by statistics, which are found if they are not given. */
function normalized(
  input: Tensor,
  weight: Tensor | null | undefined,
  bias: Tensor | null | undefined,
  statistics: NormStatistics,
): Tensor {
  const order = memoryOrder(input);
  const out = emptyInOrder(input.sizes, order, input.dtype);
  const source = inOrder(input, order).contiguous();
  normShared(inOrder(out, order), source, channels(input.sizes, order), affine(weight, bias), statistics);
  return out;
}

type ByBatch = FunctionOp<
  (
    input: Tensor,
    weight: Tensor | null | undefined,
    bias: Tensor | null | undefined,
    runningMean: Tensor | null | undefined,
    runningVar: Tensor | null | undefined,
    mean: Tensor,
    rstd: Tensor,
    momentum: number,
    eps: number,
  ) => Tensor
>;

/** With the statistics of the batch, which `mean` and `rstd` take, and of which running ones take over their part. */
const byBatch: ByBatch = op({
  name: "batchNorm",
  id: "batchNorm.training",
  nodeName: "NativeBatchNormBackward0",
  variants: "function",
  params: {
    input: tensor,
    ...affineParams,
    runningMean: optional(nullable(tensor)),
    runningVar: optional(nullable(tensor)),
    mean: tensor,
    rstd: tensor,
    momentum: number,
    eps: number,
  },
  forward: ({ input, weight, bias, runningMean, runningVar, mean, rstd, momentum, eps }) => {
    // An empty batch says nothing.
    const running = [runningMean, runningVar].map((one) => (input.numel() > 0 && one) || undefined);
    const [movingMean, movingVariance] = running.map((one) => one?.contiguous());
    const out = normalized(input, weight, bias, {
      ...{ mean, spread: rstd, isGiven: false, eps, momentum },
      runningMean: movingMean,
      runningVariance: movingVariance,
    });
    for (const [one, moved] of [
      [running[0], movingMean],
      [running[1], movingVariance],
    ]) {
      if (moved === one) one?.bumpVersion();
      else one?.copy_(moved as Tensor);
    }
    return out;
  },
  saves: ["input", "weight", "mean", "rstd"],
  backward: ([grad], { input, weight, mean, rstd, eps }, needs) => {
    if (grad === undefined) return {};
    const normalization = new BatchNormalization(input.sizes, false, eps);
    return gradientsOf(normalization, grad, input, weight, { mean, spread: rstd }, needs);
  },
});

type ByRunning = FunctionOp<
  (
    input: Tensor,
    weight: Tensor | null | undefined,
    bias: Tensor | null | undefined,
    runningMean: Tensor,
    runningVar: Tensor,
    eps: number,
  ) => Tensor
>;

/** With running statistics, which stay as they are. */
const byRunning: ByRunning = op({
  name: "batchNorm",
  id: "batchNorm.evaluation",
  nodeName: "NativeBatchNormBackward0",
  variants: "function",
  params: { input: tensor, ...affineParams, runningMean: tensor, runningVar: tensor, eps: number },
  forward: ({ input, weight, bias, runningMean, runningVar, eps }) => {
    const statistics = { mean: runningMean.contiguous(), spread: runningVar.contiguous(), isGiven: true, eps };
    return normalized(input, weight, bias, statistics);
  },
  saves: ["input", "weight", "runningMean", "runningVar"],
  backward: ([grad], { input, weight, runningMean, runningVar, eps }, needs) => {
    if (grad === undefined) return {};
    const normalization = new BatchNormalization(input.sizes, true, eps);
    const statistics = { mean: runningMean.detach(), spread: runningVar.detach() };
    return gradientsOf(normalization, grad, input, weight, statistics, needs);
  },
});

/** Throws unless what belongs to channels has one number for each. */
function checkChannels(channels: number, named: Readonly<Record<string, Tensor | null>>): void {
  for (const [name, one] of Object.entries(named)) {
    if (one !== null && one.numel() !== channels) {
      throw new Error(`${name} should contain ${channels} elements not ${one.numel()}`);
    }
  }
}

type BatchNorm = FunctionOp<
  (
    input: Tensor,
    weight: Tensor | null,
    bias: Tensor | null,
    runningMean: Tensor | null,
    runningVar: Tensor | null,
    training: boolean,
    momentum: number,
    eps: number,
    cudnnEnabled: boolean,
  ) => Tensor
>;

/**
 * Each channel of an input `[N, C, …]` with mean 0 and variance 1, times a weight, plus a bias; see
 * `nn.functional.batchNorm`, which takes the arguments in another order.
 *
 * @param cudnnEnabled has no effect.
 */
export const batchNorm: BatchNorm = op({
  name: "batchNorm",
  variants: "function",
  params: {
    input: tensor,
    weight: nullable(tensor),
    bias: nullable(tensor),
    runningMean: nullable(tensor),
    runningVar: nullable(tensor),
    training: requiredFlag,
    momentum: number,
    eps: number,
    cudnnEnabled: requiredFlag,
  },
  composite: ({ input, weight, bias, runningMean, runningVar, training, momentum, eps, cudnnEnabled }) => {
    const channels = input.sizes[1];
    if (channels === undefined)
      throw new RangeError(`batch_norm: expected an input of at least 2 dims, got ${input.sizes.length}`);
    if (isMixed(input, [weight, bias, runningMean, runningVar])) {
      const whole = input.to(float32);
      return batchNorm(whole, weight, bias, runningMean, runningVar, training, momentum, eps, cudnnEnabled).to(
        input.dtype,
      );
    }
    checkDtypes("batch_norm", input, [weight, bias, runningMean, runningVar]);
    if (!training && runningMean === null) throw new Error("running_mean must be defined in evaluation mode");
    if (!training && runningVar === null) throw new Error("running_var must be defined in evaluation mode");
    checkChannels(channels, { running_mean: runningMean, running_var: runningVar, weight, bias });
    if (training) {
      const [mean, rstd] = [Tensor.empty([channels], input.dtype), Tensor.empty([channels], input.dtype)];
      return byBatch(input, weight, bias, runningMean, runningVar, mean, rstd, momentum, eps);
    }
    return byRunning(input, weight, bias, runningMean as Tensor, runningVar as Tensor, eps);
  },
});

type InstanceNorm = FunctionOp<
  (
    input: Tensor,
    weight: Tensor | null,
    bias: Tensor | null,
    runningMean: Tensor | null,
    runningVar: Tensor | null,
    useInputStats: boolean,
    momentum: number,
    eps: number,
    cudnnEnabled: boolean,
  ) => Tensor
>;

/**
 * Each channel of each input of a batch with mean 0 and variance 1, times a weight, plus a bias; see
 * `nn.functional.instanceNorm`, which takes the arguments in another order.
 *
 * @param cudnnEnabled has no effect.
 */
export const instanceNorm: InstanceNorm = op({
  name: "instanceNorm",
  variants: "function",
  params: {
    input: tensor,
    weight: nullable(tensor),
    bias: nullable(tensor),
    runningMean: nullable(tensor),
    runningVar: nullable(tensor),
    useInputStats: requiredFlag,
    momentum: number,
    eps: number,
    cudnnEnabled: requiredFlag,
  },
  composite: ({ input, weight, bias, runningMean, runningVar, useInputStats, momentum, eps, cudnnEnabled }) => {
    if (!useInputStats && (runningMean === null || runningVar === null))
      throw new Error("Expected running_mean and running_var to be defined when use_input_stats is false");
    const [batch, channels, ...rest] = input.sizes;
    if (batch === undefined || channels === undefined)
      throw new RangeError(`instance_norm: expected an input of at least 2 dims, got ${input.sizes.length}`);
    checkChannels(channels, { running_mean: runningMean, running_var: runningVar, weight, bias });
    // The channels of all inputs stand side by side, as those of one.
    const forEach = (one: Tensor | null) => one && repeat(one, [batch]);
    const [mean, variance] = [forEach(runningMean), forEach(runningVar)];
    const flat = input.contiguous().view([1, batch * channels, ...rest]);
    const out = batchNorm(
      flat,
      forEach(weight),
      forEach(bias),
      mean,
      variance,
      useInputStats,
      momentum,
      eps,
      cudnnEnabled,
    );
    if (useInputStats) {
      runningMean?.copy_((mean as Tensor).view([batch, channels]).mean(0));
      runningVar?.copy_((variance as Tensor).view([batch, channels]).mean(0));
    }
    return out.view(input.sizes);
  },
});
