/** Losses, normalizations, attention and recurrent layers: what networks call that has kernels of its own. */
import { numelOf } from "../../core/shape.js";
import type { Tensor } from "../../core/tensor.js";
import { composeAttention } from "../../ops/attention/core.js";
import { emptyLike } from "../../ops/creation/filled.js";
import type { Lengths } from "../../ops/loss/ctc.js";
import { mapResult, type Result } from "../../ops/results.js";
import { aligned, entriesAsRows, spread } from "./align.js";
import type { BatchedCall } from "./call.js";
import { merged } from "./products.js";
import type { Composition, Rule } from "./rules.js";

type Optional = Tensor | null | undefined;

// ---- losses ----

/** A loss of pairs of elements. */
const pointwiseLoss: Rule = (call) => {
  const reduction = call.arg("reduction") as string;
  const args = aligned(call);
  args[call.operation.signature.names.indexOf("reduction")] = "none";
  const losses = call.operation.invoke("call", args) as Tensor;
  if (reduction === "none") return losses;
  const flat = entriesAsRows(losses);
  return reduction === "mean" ? flat.mean(1) : flat.sum(1);
};

interface Classes {
  readonly input: Tensor;
  readonly target: Tensor;
  readonly weight: Optional;
  readonly ignoreIndex: number;
  readonly reduction: "none" | "mean" | "sum";
}

/** The losses of each place and the weights that they have. */
function nllParts({ input, target, weight, ignoreIndex }: Classes): { losses: Tensor; weights: Tensor } {
  const dim = input.sizes.length === 1 ? 0 : 1;
  const ignored = target.eq(ignoreIndex);
  const classes = target.maskedFill(ignored, 0);
  const losses = input.gather(dim, classes.unsqueeze(dim)).squeeze(dim).neg();
  const weights = weight
    ? weight.gather(0, classes.reshape([-1])).view(classes.sizes)
    : losses.detach().newOnes(classes.sizes);
  const counted = weights.maskedFill(ignored, 0);
  return { losses: losses.mul(counted).maskedFill(ignored, 0), weights: counted };
}

function reduceWeighted(losses: Tensor, weights: Tensor, reduction: string): Tensor {
  if (reduction === "none") return losses;
  return reduction === "sum" ? losses.sum() : losses.sum().div(weights.sum());
}

function composeNll(args: Classes): Result {
  const { losses, weights } = nllParts(args);
  return [reduceWeighted(losses, weights, args.reduction), weights.sum()];
}

function composeCrossEntropy(args: Classes & { labelSmoothing: number }): Result {
  const { input, target, weight, ignoreIndex, reduction, labelSmoothing } = args;
  const logProbs = input.logSoftmax(1);
  const { losses, weights } = nllParts({ ...args, input: logProbs });
  let loss = reduceWeighted(losses, weights, reduction);
  if (labelSmoothing > 0) {
    const all = weight ? logProbs.mul(weight) : logProbs;
    const smooth = all.sum(1).neg().maskedFill(target.eq(ignoreIndex), 0);
    const share = labelSmoothing / (input.sizes[1] as number);
    loss = loss.mul(1 - labelSmoothing).add(reduceWeighted(smooth, weights, reduction).mul(share));
  }
  return [loss, logProbs, weights.sum()];
}

/** Sequences of all entries beside each other, and their targets behind each other. */
function foldedTargets(call: BatchedCall) {
  const { size } = call;
  const labels = call.value("labels");
  const step = call.isBatched("labels") ? labels.numel() / Math.max(1, size) : 0;
  return {
    logProbs: merged(call.full("logProbs").transpose(0, 1), 1),
    labels: labels.reshape([-1]),
    lengths: (call.arg("lengths") as Lengths).repeated(size, step),
  };
}

const ctcLoss: Rule = (call) => {
  const batch = call.tensor("logProbs").sizes[1] as number;
  const result = call.run(foldedTargets(call));
  return mapResult(result, (one) => one.reshape([call.size, batch, ...one.sizes.slice(1)]));
};

const ctcLossBackward: Rule = (call) => {
  const folded = ["grad", "losses", "alpha"].map((name) => [name, merged(call.full(name), 0).contiguous()]);
  const grads = call.run({ ...foldedTargets(call), ...Object.fromEntries(folded) }) as Tensor;
  const [times, batch, classes] = call.tensor("logProbs").sizes as readonly [number, number, number];
  return grads.reshape([times, call.size, batch, classes]).transpose(0, 1);
};

// ---- normalizations ----

interface Affine {
  readonly input: Tensor;
  readonly weight: Optional;
  readonly bias: Optional;
  readonly eps: number;
}

function scaled(input: Tensor, weight: Optional, bias: Optional): Tensor {
  const product = weight ? input.mul(weight) : input;
  return bias ? product.add(bias) : product;
}

function normalizedOver(input: Tensor, dims: readonly number[], eps: number): Tensor {
  const centered = input.sub(input.mean(dims, { keepdim: true }));
  return centered.mul(centered.square().mean(dims, { keepdim: true }).add(eps).rsqrt());
}

type Rows = Affine & { readonly normalizedShape: readonly number[] };

const lastDims = ({ normalizedShape }: Rows) => normalizedShape.map((_, i) => -1 - i);

function composeLayerNorm(args: Rows): Tensor {
  return scaled(normalizedOver(args.input, lastDims(args), args.eps ?? 1e-5), args.weight, args.bias);
}

function composeRmsNorm(args: Rows): Tensor {
  const { input, weight } = args;
  const eps = args.eps ?? (input.dtype.name === "float64" ? 2 ** -52 : 2 ** -23);
  return scaled(input.mul(input.square().mean(lastDims(args), { keepdim: true }).add(eps).rsqrt()), weight, undefined);
}

/** The weight of each channel, as it broadcasts to the input. */
function perChannel(weight: Optional, input: Tensor): Optional {
  return weight?.view([-1, ...input.sizes.slice(2).map(() => 1)]);
}

function composeGroupNorm(args: Affine & { numGroups: number }): Tensor {
  const { input, numGroups, weight, bias, eps } = args;
  const length = numelOf(input.sizes.slice(1)) / numGroups;
  const groups = input.reshape([input.sizes[0] as number, numGroups, length]);
  const normalized = normalizedOver(groups, [2], eps).reshape(input.sizes);
  return scaled(normalized, perChannel(weight, input), perChannel(bias, input));
}

type BatchNorm = Affine & {
  readonly runningMean: Optional;
  readonly runningVar: Optional;
  readonly training: boolean;
  readonly momentum: number;
};

function composeBatchNorm(args: BatchNorm): Tensor {
  const { input, weight, bias, runningMean, runningVar, training, momentum, eps } = args;
  const channel = (one: Optional) => perChannel(one, input) as Tensor;
  if (!training) {
    const normalized = input.sub(channel(runningMean)).mul(channel(runningVar).add(eps).rsqrt());
    return scaled(normalized, perChannel(weight, input), perChannel(bias, input));
  }
  const others = input.sizes.map((_, d) => d).filter((d) => d !== 1);
  const mean = input.mean(others, { keepdim: true });
  const centered = input.sub(mean);
  const variance = centered.square().mean(others, { keepdim: true });
  const count = input.numel() / (input.sizes[1] as number);
  const move = (running: Optional, seen: Tensor) => {
    if (input.numel() > 0) running?.mul_(1 - momentum).add_(seen.detach().reshape([-1]).mul(momentum));
  };
  move(runningMean, mean);
  move(runningVar, variance.mul(count / (count - 1)));
  return scaled(centered.mul(variance.add(eps).rsqrt()), perChannel(weight, input), perChannel(bias, input));
}

/** A normalization whose weights are the same for all entries: one of more rows or images. */
function normalization(isFolded: boolean, ...shared: readonly string[]): Rule {
  return (call) => {
    if (!call.isBatched("input") || shared.some((name) => call.isBatched(name))) return undefined;
    if (!isFolded) return call.run();
    if (call.rank("input") < 2 || call.arg("training") === true) return undefined;
    const input = call.value("input");
    return (call.run({ input: merged(input, 0) }) as Tensor).view(input.sizes);
  };
}

interface NormGradient {
  readonly grad: Tensor;
  readonly input: Tensor;
  readonly weight: Optional;
  readonly mean: Optional;
  readonly spread: Tensor;
  readonly normalization: {
    flow(input: Tensor, saved: object): { flow(x: Tensor): Tensor; normalized: Tensor };
    spread(weights: Tensor): Tensor;
    gather(x: Tensor): Tensor;
  };
  readonly wanted: readonly ("input" | "weight" | "bias")[];
}

/** The gradients of a normalization, which are linear in that of its result. */
function composeNormBackward(args: NormGradient): Result {
  const { grad, input, weight, mean, spread, normalization: rule, wanted } = args;
  const { flow, normalized } = rule.flow(input, { mean: mean ?? undefined, spread });
  const parts = {
    input: () => flow(weight ? grad.mul(rule.spread(weight)) : grad),
    weight: () => rule.gather(grad.mul(normalized)),
    bias: () => rule.gather(grad),
  };
  const shape = { input: input.sizes, weight: weight?.sizes, bias: weight?.sizes };
  return wanted.map((part) => {
    const made = parts[part]();
    return made.reshape(shape[part] ?? [made.numel()]);
  });
}

// ---- attention ----

/** Heads side by side, of which an entry may have any number: one of more. */
const attention: Rule = (call) => {
  if ((call.arg("dropoutP") as number) > 0) return undefined;
  const names = call.tensorNames;
  const rank = Math.max(...names.map((name) => call.rank(name)), 2);
  return call.run(Object.fromEntries(names.map((name) => [name, spread(call.full(name), rank)])));
};

/** The kernel of attention, of heads that an entry has as `[parts, batch, heads, rows, size]`. */
const attentionCore: Rule = (call) => {
  const given = call.arg("parts") as readonly Tensor[];
  const [first] = given as [Tensor];
  const batch = first.sizes[1] as number;
  const parts = given.map((part) => merged(call.level.full(part).transpose(0, 1), 1));
  const folded = (name: string) => {
    const one = call.arg(name) as Optional;
    if (one === null || one === undefined) return one;
    const value = spread(call.level.owns(one) ? one.value : one.unsqueeze(0), 4);
    if (!call.level.owns(one) && value.sizes[1] === 1) return value.squeeze(0);
    return merged(value.expand([call.size, batch, ...value.sizes.slice(2)]), 0);
  };
  const result = call.run({ parts, mask: folded("mask"), kept: folded("kept") });
  return mapResult(result, (tensor) => tensor.reshape([call.size, batch, ...tensor.sizes.slice(1)]));
};

/** A recurrent layer, of sequences of one length: more rows in each step. */
const recurrentLayer: Rule = (call) => {
  const weights = ["weightIh", "weightHh", "biasIh", "biasHh", "weightHr"];
  const runs = call.arg("runs") as readonly number[];
  if (weights.some((name) => call.isBatched(name)) || runs.length !== 2) return undefined;
  const [steps, rows] = runs as [number, number];
  const { size } = call;
  const byStep = (tensor: Tensor) => {
    const inner = tensor.sizes.slice(2);
    return tensor
      .reshape([size, steps, rows, ...inner])
      .transpose(0, 1)
      .reshape([steps * size * rows, ...inner]);
  };
  const isLstm = call.arg("cell") === "lstm";
  const starts = isLstm ? { cells: merged(call.full("cells"), 0) } : {};
  const found = call.run({
    input: byStep(call.full("input")),
    state: merged(call.full("state"), 0),
    runs: [steps, rows * size],
    ...starts,
  }) as readonly Tensor[];
  return found.map((tensor, i) => {
    const inner = tensor.sizes.slice(1);
    if (i === 1 || (isLstm && i === found.length - 1)) return tensor.reshape([size, rows, ...inner]);
    return tensor
      .reshape([steps, size, rows, ...inner])
      .transpose(0, 1)
      .reshape([size, steps * rows, ...inner]);
  });
};

interface AttentionParts {
  readonly parts: readonly Tensor[];
  readonly mask: Optional;
  readonly kept: Optional;
  readonly scale: number;
  readonly keptScale: number;
  readonly isCausal: boolean;
  readonly needsWeights: boolean;
}

function composeCore({ parts, mask, kept, needsWeights, ...settings }: AttentionParts): Result {
  const { output, weights } = composeAttention(parts, {
    ...settings,
    mask: mask ?? undefined,
    kept: kept ?? undefined,
  });
  // The logarithms of sums are for the kernel of the gradient alone.
  const logSums = emptyLike(output.select(3, 0));
  return needsWeights ? [output, logSums, weights] : [output, logSums];
}

/** What is in the library as a kernel whose gradients know the kernel, in parts that differ from entry to entry. */
export const transparent: Readonly<Record<string, Composition>> = {
  nllLoss: composeNll,
  crossEntropy: composeCrossEntropy,
  layerNorm: composeLayerNorm,
  rmsNorm: composeRmsNorm,
  groupNorm: composeGroupNorm,
  batchNorm: composeBatchNorm,
  scaledDotProductAttentionCore: composeCore,
};

export const networkCompositions: Readonly<Record<string, Composition>> = {
  ...transparent,
  normBackward: composeNormBackward,
};

const losses = "mseLoss smoothL1Loss huberLoss softMarginLoss binaryCrossEntropy binaryCrossEntropyWithLogits";

/** Rules of losses, normalizations and attention, by id. */
export const networkRules: Readonly<Record<string, Rule>> = {
  ...Object.fromEntries(losses.split(" ").map((id) => [id, pointwiseLoss])),
  layerNorm: normalization(false, "weight", "bias"),
  rmsNorm: normalization(false, "weight"),
  groupNorm: normalization(true, "weight", "bias"),
  batchNorm: normalization(true, "weight", "bias", "runningMean", "runningVar"),
  "ctcLoss.losses": ctcLoss,
  ctcLossBackward,
  scaledDotProductAttention: attention,
  scaledDotProductAttentionCore: attentionCore,
  recurrentLayer,
};
