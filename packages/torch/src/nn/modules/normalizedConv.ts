/**
 * Convolutions with what stands behind them: in evaluation, and where nobody wants a gradient, batch norm, a sum with
 * another tensor and an activation are worked into what the convolution gives while it is in the cache.
 */
import { isGradEnabled } from "../../autograd/modes.js";
import { float32, float64 } from "../../core/dtype.js";
import type { Tensor } from "../../core/tensor.js";
import { isAutocastCpuEnabled } from "../../ops/autocast.js";
import { finishedConvolution, type JoinedActivation } from "../../ops/conv/finished.js";
import { convolvedSize } from "../../ops/conv/geometry.js";
import { activeMode } from "../../ops/dispatch.js";
import { inModule } from "../failure.js";
import { isPlain, type Module } from "../module.js";
import { BatchNorm } from "./batchNorm.js";
import { ConvNd } from "./conv.js";
import { ReLU, ReLU6 } from "./rectified.js";
import { Hardsigmoid, Hardswish } from "./smooth.js";

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

/** What gives the tensor that is added to what modules give, and a module behind the sum. */
export interface Shortcut {
  readonly added: () => Tensor;
  readonly behind?: Module;
}

type Step = (input: Tensor) => Tensor;

const activations: readonly [Class: new () => Module, forward: Module["forward"], name: JoinedActivation][] = [
  [ReLU, ReLU.prototype.forward, "relu"],
  [ReLU6, ReLU6.prototype.forward, "relu6"],
  [Hardsigmoid, Hardsigmoid.prototype.forward, "hardsigmoid"],
  [Hardswish, Hardswish.prototype.forward, "hardswish"],
];

/** An activation that can run within a convolution. */
interface Activation {
  readonly module: Module;
  readonly name: JoinedActivation;
}

function activationOf(module: Module | undefined): Activation | undefined {
  if (module === undefined) return undefined;
  for (const [Class, forward, name] of activations) {
    if (module instanceof Class) return isPlain(module, forward) ? { module, name } : undefined;
  }
  return undefined;
}

/** What stands behind a convolution, in this order. */
interface Behind {
  readonly norm: BatchNorm | undefined;
  readonly added: (() => Tensor) | undefined;
  readonly activation: Activation | undefined;
}

/** The modules of a row, and the sum behind them, where a convolution and what stands behind it are one step. */
export function joined(modules: Iterable<Module>, shortcut?: Shortcut): Iterable<Step> {
  const row = [...modules];
  return shortcut === undefined && !row.some(isConvolution) ? row : stepsOf(row, shortcut);
}

const isConvolution = (module: Module): module is ConvNd => module instanceof ConvNd;

function* stepsOf(row: readonly Module[], shortcut: Shortcut | undefined): Generator<Step> {
  let left = shortcut;
  for (let i = 0; i < row.length; ) {
    const conv = row[i++] as Module;
    if (!isConvolution(conv)) {
      yield conv;
      continue;
    }
    const norm = row[i] instanceof BatchNorm ? (row[i++] as BatchNorm) : undefined;
    const sum = i === row.length ? left : undefined;
    if (sum !== undefined) left = undefined;
    const activation = activationOf(sum === undefined ? row[i] : sum.behind);
    if (sum === undefined && activation !== undefined) i++;
    yield finishedConv(conv, { norm, added: sum?.added, activation });
    if (sum?.behind !== undefined && activation === undefined) yield sum.behind;
  }
  if (left !== undefined) yield* summed(left);
}

/** The sum behind modules, one step after the other. */
export function* summed({ added, behind }: Shortcut): Generator<Step> {
  yield (input) => input.add(added());
  if (behind !== undefined) yield behind;
}

function finishedConv(conv: ConvNd, behind: Behind): Step {
  const { norm, added, activation } = behind;
  if (norm === undefined && added === undefined && activation === undefined) return conv;
  return (input) => {
    if (canJoin(conv, norm, input)) {
      const summand = added?.();
      if (summand === undefined || canAdd(conv, input, summand)) {
        return runJoined(conv, norm, input, summand ?? null, activation?.name ?? null);
      }
      return activated(runJoined(conv, norm, input, null, null).add(summand), activation);
    }
    const features = norm === undefined ? conv(input) : norm(conv(input));
    return activated(added === undefined ? features : features.add(added()), activation);
  };
}

function activated(input: Tensor, activation: Activation | undefined): Tensor {
  return activation === undefined ? input : activation.module(input);
}

function runJoined(
  conv: ConvNd,
  norm: BatchNorm | undefined,
  input: Tensor,
  added: Tensor | null,
  activation: JoinedActivation | null,
): Tensor {
  const { weight, bias, stride, dilation, groups } = conv;
  const padding = conv.padding as readonly number[];
  const [mean, variance] = [norm?.runningMean ?? null, norm?.runningVar ?? null];
  const [scale, shift] = [norm?.weight ?? null, norm?.bias ?? null];
  const eps = norm?.eps ?? 0;
  try {
    return finishedConvolution(
      input,
      weight,
      bias,
      stride,
      padding,
      dilation,
      groups,
      mean,
      variance,
      scale,
      shift,
      eps,
      added,
      activation,
    );
  } catch (error) {
    throw inModule(error, conv, [input]);
  }
}

/** Whether nobody looks on, and all do what their classes say with operands that the kernel takes. */
function canJoin(conv: ConvNd, norm: BatchNorm | undefined, input: Tensor): boolean {
  const { weight, kernelSize, padding, paddingMode } = conv;
  if (isGradEnabled() || isAutocastCpuEnabled() || activeMode !== undefined) return false;
  if (!isPlain(conv, ConvNd.prototype.forward) || paddingMode !== "zeros" || typeof padding === "string") return false;
  if (weight.dtype !== float32 && weight.dtype !== float64) return false;
  const { ndim } = input;
  return ndim === kernelSize.length + 2 && (norm === undefined || canJoinNorm(norm, weight, ndim));
}

/** Whether a tensor has dtype and sizes of what a convolution gives. */
function canAdd({ kernelSize, stride, padding, dilation, weight }: ConvNd, { sizes }: Tensor, added: Tensor): boolean {
  if (added.dtype !== weight.dtype || added.ndim !== sizes.length) return false;
  if (added.sizes[0] !== sizes[0] || added.sizes[1] !== weight.sizes[0]) return false;
  return kernelSize.every((kernel, d) => {
    const [size, step, around, spread] = [sizes[d + 2], stride[d], padding[d], dilation[d]] as number[];
    return (
      added.sizes[d + 2] === convolvedSize(size as number, kernel, step as number, around as number, spread as number)
    );
  });
}

function canJoinNorm(norm: BatchNorm, weight: Tensor, ndim: number): boolean {
  if (norm.training || !isPlain(norm, BatchNorm.prototype.forward) || !norm.takes(ndim)) return false;
  const { runningMean, runningVar, weight: scale, bias } = norm;
  if (runningMean === null || runningVar === null) return false;
  for (const one of [runningMean, runningVar, scale, bias]) {
    if (one !== null && (one.dtype !== weight.dtype || one.ndim !== 1 || one.sizes[0] !== weight.sizes[0]))
      return false;
  }
  return true;
}
