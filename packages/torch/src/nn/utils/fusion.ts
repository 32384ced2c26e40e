/**
 * Batch norms of networks in evaluation mode, worked into the weights of the layers before them.
 *
 * Source: https://pytorch.org/docs/stable/nn.html#utilities
 */
import { flag, nullable, number, tensor } from "../../arguments/params.js";
import { Signature } from "../../arguments/parse.js";
import { withoutRecording } from "../../autograd/modes.js";
import type { Tensor } from "../../core/tensor.js";
import { deepcopy } from "../../ops/creation/deepcopy.js";
import type { Module } from "../module.js";
import type { ChannelNorm } from "../modules/channelNorm.js";
import { type BatchNormArguments, withBatchNorm } from "../modules/normalizedConv.js";
import { Parameter } from "../parameter.js";

/** A layer with a weight and perhaps a bias. */
type Weighted = Module & { weight: Parameter; bias: Parameter | null };

const batchNormParams = { bnRm: tensor, bnRv: tensor, bnEps: number, bnW: nullable(tensor), bnB: nullable(tensor) };
const convSignature = new Signature("fuseConvBnWeights", {
  convW: tensor,
  convB: nullable(tensor),
  ...batchNormParams,
  transpose: flag,
});
const linearSignature = new Signature("fuseLinearBnWeights", {
  linearW: tensor,
  linearB: nullable(tensor),
  ...batchNormParams,
});

/** Weight and bias, where the output channels are a dim of the weight. */
function fused(...args: Parameters<typeof withBatchNorm>): [weight: Parameter, bias: Parameter] {
  const [weight, bias] = withoutRecording(() => withBatchNorm(...args));
  return [new Parameter(weight), new Parameter(bias)];
}

/**
 * Weight and bias of a convolution that does what a convolution and a batch norm behind it do.
 *
 * @param options.transpose for a transposed convolution.
 * @see https://pytorch.org/docs/stable/generated/torch.nn.utils.fuse_conv_bn_weights.html
 */
export function fuseConvBnWeights(
  ...args: [convW: Tensor, convB: Tensor | null, ...batchNorm: BatchNormArguments, options?: { transpose?: boolean }]
): [weight: Parameter, bias: Parameter] {
  const { convW, convB, bnRm, bnRv, bnEps, bnW, bnB, transpose } = convSignature.parse(args);
  return fused(convW, convB, [bnRm, bnRv, bnEps, bnW, bnB], transpose ? 1 : 0);
}

/**
 * Weight and bias of a linear layer that does what a linear layer and a batch norm behind it do.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.nn.utils.fuse_linear_bn_weights.html
 */
export function fuseLinearBnWeights(
  ...args: [linearW: Tensor, linearB: Tensor | null, ...batchNorm: BatchNormArguments]
): [weight: Parameter, bias: Parameter] {
  const { linearW, linearB, bnRm, bnRv, bnEps, bnW, bnB } = linearSignature.parse(args);
  return fused(linearW, linearB, [bnRm, bnRv, bnEps, bnW, bnB], 0);
}

/** A copy of a layer with the batch norm behind it in its weights. */
function copyWithBatchNorm<M extends Weighted>(layer: M, bn: ChannelNorm, dim: number): M {
  if (layer.training || bn.training) throw new Error("Fusion only for eval!");
  const { runningMean, runningVar, eps, weight, bias } = bn;
  if (runningMean === null || runningVar === null)
    throw new Error("Only support fusing BN for eval with running statistics");
  const copy = deepcopy(layer);
  [copy.weight, copy.bias] = fused(copy.weight, copy.bias, [runningMean, runningVar, eps, weight, bias], dim);
  return copy;
}

/**
 * A convolution that does what a convolution and a batch norm behind it do, both in evaluation mode.
 *
 * @param options.transpose for a transposed convolution.
 * @example const fast = nn.utils.fuseConvBnEval(conv.eval(), bn.eval());
 * @see https://pytorch.org/docs/stable/generated/torch.nn.utils.fuse_conv_bn_eval.html
 */
export function fuseConvBnEval<M extends Weighted>(conv: M, bn: ChannelNorm, options: { transpose?: boolean } = {}): M {
  return copyWithBatchNorm(conv, bn, options.transpose ? 1 : 0);
}

/**
 * A linear layer that does what a linear layer and a batch norm behind it do, both in evaluation mode.
 *
 * @throws Error unless the layer has as many outputs as the batch norm has features, or the latter has one.
 * @see https://pytorch.org/docs/stable/generated/torch.nn.utils.fuse_linear_bn_eval.html
 */
export function fuseLinearBnEval<M extends Weighted>(linear: M, bn: ChannelNorm): M {
  if (linear.weight.sizes[0] !== bn.numFeatures && bn.numFeatures !== 1) {
    throw new Error("To fuse, linear.out_features == bn.num_features or bn.num_features == 1");
  }
  return copyWithBatchNorm(linear, bn, 0);
}
