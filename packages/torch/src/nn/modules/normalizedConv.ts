/**
 * Convolutions with a batch norm behind them: in evaluation, and where nobody wants a gradient, the norm goes into the
 * weights, which are fewer than what they give.
 */
import { isGradEnabled } from "../../autograd/modes.js";
import type { Tensor } from "../../core/tensor.js";
import { isAutocastCpuEnabled } from "../../ops/autocast.js";
import { activeMode } from "../../ops/dispatch.js";
import { inModule } from "../failure.js";
import { isPlain, type Module } from "../module.js";
import { BatchNorm } from "./batchNorm.js";
import { ConvNd } from "./conv.js";

/** Running mean and variance of a batch norm, its eps, weight and bias. */
export type BatchNormArguments = [bnRm: Tensor, bnRv: Tensor, bnEps: number, bnW: Tensor | null, bnB: Tensor | null];

/** Weight and bias of a layer that does what one and a batch norm behind it do; `dim` of the weight is that of outputs. */
export function withBatchNorm(
  weight: Tensor,
  bias: Tensor | null,
  [mean, variance, eps, bnWeight, bnBias]: BatchNormArguments,
  dim: number,
): [weight: Tensor, bias: Tensor] {
  const rstd = variance.add(eps).rsqrt();
  const scale = bnWeight === null ? rstd : rstd.mul(bnWeight);
  const shape = weight.sizes.map((_, d) => (d === dim ? -1 : 1));
  const shifted = (bias === null ? mean.neg() : bias.sub(mean)).mul(scale);
  return [weight.mul(scale.reshape(shape)), bnBias === null ? shifted : shifted.add(bnBias)];
}

/** The modules of a row, where a convolution and the batch norm behind it are one if that gives the same. */
export function* joined(modules: Iterable<Module>): Generator<(input: Tensor) => Tensor> {
  let conv: ConvNd | undefined;
  for (const module of modules) {
    if (conv !== undefined && module instanceof BatchNorm) {
      yield normalizedConv(conv, module);
      conv = undefined;
      continue;
    }
    if (conv !== undefined) yield conv;
    conv = module instanceof ConvNd ? module : undefined;
    if (conv === undefined) yield module;
  }
  if (conv !== undefined) yield conv;
}

function normalizedConv(conv: ConvNd, norm: BatchNorm): (input: Tensor) => Tensor {
  return (input) => {
    const { runningMean, runningVar, eps, weight, bias } = norm;
    if (runningMean === null || runningVar === null || !canJoin(conv, norm) || !isWorthIt(conv, input)) {
      return norm(conv(input));
    }
    try {
      const statistics: BatchNormArguments = [runningMean, runningVar, eps, weight, bias];
      return conv.convolve(input, ...withBatchNorm(conv.weight, conv.bias, statistics, 0));
    } catch (error) {
      throw inModule(error, conv, [input]);
    }
  };
}

/** Whether nobody looks on, and both do what their classes say. */
function canJoin(conv: ConvNd, norm: BatchNorm): boolean {
  if (isGradEnabled() || isAutocastCpuEnabled() || activeMode !== undefined || norm.training) return false;
  if (!isPlain(conv, ConvNd.prototype.forward) || !isPlain(norm, BatchNorm.prototype.forward)) return false;
  return conv.outChannels === norm.numFeatures && conv.weight.dtype === norm.runningMean?.dtype;
}

/** Whether the weights are fewer than the elements to normalize, by as much as the work on them costs more. */
function isWorthIt({ inChannels, outChannels, stride, weight }: ConvNd, input: Tensor): boolean {
  const positions = input.numel() / inChannels / stride.reduce((product, step) => product * step, 1);
  return weight.numel() * 2 < positions * outChannels;
}
