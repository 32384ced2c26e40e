/** Cross entropy of logits with class indices or class probabilities. */
import { int, nullable, number, optional, tensor, word } from "../../arguments/params.js";
import { releasingTemporaries } from "../../autograd/temporaries.js";
import { crossEntropyBackward as fusedBackwardKernel, crossEntropy as fusedKernel } from "../../backend/kernels.js";
import { scalarTypeName } from "../../core/dtype.js";
import { sameShape } from "../../core/shape.js";
import { Tensor } from "../../core/tensor.js";
import { LossSignature } from "../autocast.js";
import { op } from "../define.js";
import type { FunctionOp } from "../types.js";
import { checkShapes, checkWeight, classIndices } from "./classIndices.js";
import { type ClassificationArguments, nllOfIndices } from "./nll.js";
import { type Reduction, type ReductionOption, reductionParam } from "./reduction.js";

interface Options {
  readonly weight: Tensor | null | undefined;
  readonly ignoreIndex: number;
  readonly reduction: Reduction;
  readonly labelSmoothing: number;
}

// ---- logits [N, C] and class indices [N], in one pass ----

const common = {
  target: tensor,
  weight: optional(nullable(tensor)),
  ignoreIndex: int,
  reduction: word("none", "mean", "sum"),
  labelSmoothing: number,
};

type Fused = FunctionOp<
  (
    input: Tensor,
    target: Tensor,
    weight: Tensor | null | undefined,
    ignoreIndex: number,
    reduction: Reduction,
    labelSmoothing: number,
  ) => readonly [loss: Tensor, logProbs: Tensor, totalWeight: Tensor]
>;

const fused: Fused = op({
  name: "crossEntropy",
  nodeName: ({ labelSmoothing }) => (labelSmoothing > 0 ? "AddBackward0" : "NllLossBackward0"),
  params: { input: tensor, ...common },
  forward: ({ input, target, weight, ignoreIndex, reduction, labelSmoothing }) => {
    const loss = Tensor.empty(reduction === "none" ? target.sizes : [], input.dtype);
    const logProbs = Tensor.empty(input.sizes, input.dtype);
    const totalWeight = Tensor.empty([], input.dtype);
    fusedKernel(
      loss,
      totalWeight,
      logProbs,
      input,
      target,
      weight ?? undefined,
      ignoreIndex,
      reduction,
      labelSmoothing,
    );
    return [loss, logProbs, totalWeight];
  },
  saves: ["target", "weight", "results"],
  // The log-probabilities get a gradient only when the backward pass is itself differentiated.
  backward: ([grad, gradLogProbs], { target, weight, ignoreIndex, reduction, labelSmoothing, results }) => {
    const [, logProbs, totalWeight] = results as [Tensor, Tensor, Tensor];
    const direct =
      grad && fusedGradient(grad, logProbs, totalWeight, target, weight, ignoreIndex, reduction, labelSmoothing);
    if (gradLogProbs === undefined) return { input: direct };
    const through = gradLogProbs.sub(logProbs.exp().mul(gradLogProbs.sum(1, { keepdim: true })));
    return { input: direct ? direct.add(through) : through };
  },
});

type FusedGradient = FunctionOp<
  (
    grad: Tensor,
    logProbs: Tensor,
    totalWeight: Tensor,
    target: Tensor,
    weight: Tensor | null | undefined,
    ignoreIndex: number,
    reduction: Reduction,
    labelSmoothing: number,
  ) => Tensor
>;

/** The gradient of the logits: `grad * (sum of q * exp(logProbs) - q)`, with the weights q that classes have in the loss. */
const fusedGradient: FusedGradient = op({
  name: "crossEntropyBackward",
  params: { grad: tensor, logProbs: tensor, totalWeight: tensor, ...common },
  forward: ({ grad, logProbs, totalWeight, target, weight, ignoreIndex, reduction, labelSmoothing }) => {
    const result = Tensor.empty(logProbs.sizes, logProbs.dtype);
    fusedBackwardKernel(
      result,
      grad,
      logProbs,
      target,
      weight ?? undefined,
      totalWeight,
      ignoreIndex,
      reduction,
      labelSmoothing,
    );
    return result;
  },
  saves: ["grad", "logProbs", "totalWeight", "target", "weight"],
  backward: ([outer], { grad, logProbs, totalWeight, target, weight, ignoreIndex, reduction, labelSmoothing }) => {
    const g = outer as Tensor;
    const compute = (gradOut: Tensor, logs: Tensor) =>
      fusedGradient(gradOut, logs, totalWeight, target, weight, ignoreIndex, reduction, labelSmoothing);
    // Where all probabilities are 0, what is left is -grad * q.
    const sumOfWeights = compute(grad, logProbs.newFull(logProbs.sizes, -Infinity)).sum(1, { keepdim: true }).neg();
    return {
      grad: g.mul(compute(grad.newOnes(grad.sizes), logProbs)).sum(1),
      logProbs: g.mul(sumOfWeights).mul(logProbs.exp()),
    };
  },
});

// ---- compositions for everything else ----

function composed(input: Tensor, target: Tensor, { weight, ignoreIndex, reduction, labelSmoothing }: Options): Tensor {
  const logProbs = input.logSoftmax(classDim(input));
  const hard = nllOfIndices(logProbs, target, weight, ignoreIndex, reduction);
  if (labelSmoothing === 0) return hard;
  const smooth = smoothLoss(logProbs, target, weight, ignoreIndex, reduction);
  return hard.mul(1 - labelSmoothing).add(smooth.mul(labelSmoothing / (input.sizes[classDim(input)] as number)));
}

/** The loss if all classes were equally right. */
function smoothLoss(
  logProbs: Tensor,
  target: Tensor,
  weight: Tensor | null | undefined,
  ignoreIndex: number,
  reduction: Reduction,
): Tensor {
  const dim = classDim(logProbs);
  const ignored = target.eq(ignoreIndex);
  const losses = weighted(logProbs, weight).sum(dim).neg().maskedFill(ignored, 0);
  if (reduction === "none") return losses;
  const total = losses.sum();
  if (reduction === "sum") return total;
  const weights = weight
    ? weight.indexSelect(0, classIndices(target).maskedFill(ignored, 0).reshape(-1)).view(target.sizes)
    : losses.newOnes(target.sizes);
  return total.div(weights.maskedFill(ignored, 0).sum());
}

/** Cross entropy with a probability for each class. */
function ofProbabilities(
  input: Tensor,
  target: Tensor,
  { weight, ignoreIndex, reduction, labelSmoothing }: Options,
): Tensor {
  if (!target.dtype.isFloatingPoint) {
    throw new TypeError(
      `Expected floating point type for target with class probabilities, got ${scalarTypeName(target.dtype)}`,
    );
  }
  if (ignoreIndex >= 0) throw new Error("ignore_index is not supported for floating point target");
  const dim = classDim(input);
  const classes = input.sizes[dim] as number;
  const goal = labelSmoothing > 0 ? target.mul(1 - labelSmoothing).add(labelSmoothing / classes) : target;
  const losses = weighted(input.logSoftmax(dim).mul(goal), weight);
  if (reduction === "none") return losses.sum(dim).neg();
  return reduction === "sum"
    ? losses.sum().neg()
    : losses
        .sum()
        .neg()
        .div(input.numel() / classes);
}

function classDim(input: Tensor): number {
  return input.sizes.length === 1 ? 0 : 1;
}

/** Values of classes times the weights of the classes. */
function weighted(values: Tensor, weight: Tensor | null | undefined): Tensor {
  if (!weight) return values;
  const dim = classDim(values);
  return values.mul(weight.view(values.sizes.map((_, d) => (d === dim ? -1 : 1))));
}

const signature = new LossSignature("crossEntropy", {
  input: tensor,
  target: tensor,
  weight: optional(nullable(tensor)),
  ignoreIndex: optional(int, -100),
  reduction: reductionParam,
  labelSmoothing: optional(number, 0),
});

/**
 * The cross entropy of logits with targets: `-log(softmax(input)[t])` of each target t, by default their mean.
 *
 * @param input logits `[N, C]`, `[N, C, d1, …]` or `[C]`.
 * @param target class indices `[N]`, `[N, d1, …]` or `[]` (int64, or floating whole numbers), or probabilities in
 *   the shape of the input.
 * @param weight one for each class.
 * @param ignoreIndex a target that counts nothing; -100 by default.
 * @throws RangeError for a target that is no class; Error if the shapes do not fit.
 * @example F.crossEntropy(logits, labels, { labelSmoothing: 0.1 })
 * @see https://pytorch.org/docs/stable/generated/torch.nn.functional.cross_entropy.html
 */
export function crossEntropy(...args: ClassificationArguments<ReductionOption & { labelSmoothing?: number }>): Tensor {
  return releasingTemporaries((options) => {
    const { input, target, weight, labelSmoothing } = options;
    if (!(labelSmoothing >= 0 && labelSmoothing <= 1)) {
      throw new RangeError(`label_smoothing must be between 0.0 and 1.0. Got: ${labelSmoothing}`);
    }
    if (sameShape(input.sizes, target.sizes)) {
      checkWeight(input, weight);
      return ofProbabilities(input, target, options);
    }
    checkShapes(input, target);
    checkWeight(input, weight);
    if (input.sizes.length !== 2 || target.sizes.length !== 1 || !input.dtype.isFloatingPoint)
      return composed(input, target, options);
    return fused(input, classIndices(target), weight, options.ignoreIndex, options.reduction, labelSmoothing)[0];
  }, signature.parse(args));
}
