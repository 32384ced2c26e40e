/** Losses of yes or no: binary cross entropy of probabilities and of logits. */

import { keyword, nullable, optional, tensor } from "../../arguments/params.js";
import { releasingTemporaries } from "../../autograd/temporaries.js";
import { scalarTypeName } from "../../core/dtype.js";
import { broadcastShapes, formatShape, sameShape } from "../../core/shape.js";
import type { Tensor } from "../../core/tensor.js";
import { logsigmoid } from "../activation/smooth.js";
import { LossSignature } from "../autocast.js";
import { checkCast } from "../copyInto.js";
import { holdsAnywhere } from "../numbers.js";
import type { Args } from "../types.js";
import { lossParams, pointwiseLoss } from "./elementwise.js";
import { type ReductionOption, reductionParam } from "./reduction.js";

type MaybeTensor = Tensor | null | undefined;

const maybeTensor = optional(nullable(tensor));

function times(values: Tensor, factor: MaybeTensor): Tensor {
  return factor ? values.mul(factor) : values;
}

// PyTorch keeps logarithms above -100, so that a certain but wrong answer costs a finite amount.
const lowestLog = -100;

const ofProbabilities = pointwiseLoss({
  name: "binaryCrossEntropy",
  params: { weight: maybeTensor },
  value: ({ input, target, weight }) => {
    const yes = input.log().clampMin(lowestLog);
    const no = input.neg().log1p().clampMin(lowestLog);
    return times(target.sub(1).mul(no).sub(target.mul(yes)), weight);
  },
  slope: ({ input, target, weight }) =>
    times(input.sub(target).div(input.neg().add(1).mul(input).clampMin(1e-12)), weight),
  targetSlope: ({ input, weight }) => times(input.neg().log1p().sub(input.log()), weight),
});

const { input: inputParam, target: targetParam } = lossParams;

type Arguments<O = unknown> = [
  input: Tensor,
  target: Tensor,
  ...rest: Args<[weight?: Tensor | null], ["weight"], ReductionOption & O>,
];

const probabilitiesSignature = new LossSignature("binaryCrossEntropy", {
  input: inputParam,
  target: targetParam,
  weight: maybeTensor,
  reduction: reductionParam,
});

/**
 * `-(t * log(x) + (1 - t) * log(1 - x))` for probabilities x and targets t from 0 to 1, by default the mean.
 *
 * @param weight factors, which broadcast.
 * @throws Error if an input is not from 0 to 1.
 * @see https://pytorch.org/docs/stable/generated/torch.nn.functional.binary_cross_entropy.html
 */
export function binaryCrossEntropy(...args: Arguments): Tensor {
  return releasingTemporaries(({ input, target, weight, reduction }) => {
    if (!sameShape(input.sizes, target.sizes)) {
      throw new Error(
        `Using a target size (torch.Size(${formatShape(target.sizes)})) that is different to the input size (torch.Size(${formatShape(input.sizes)})) is deprecated. Please ensure they have the same size.`,
      );
    }
    if (target.dtype !== input.dtype) {
      throw new TypeError(`Found dtype ${scalarTypeName(target.dtype)} but expected ${scalarTypeName(input.dtype)}`);
    }
    checkExpands(weight, input);
    const given = input.detach();
    if (holdsAnywhere(given.ge(0).logicalAnd(given.le(1)).logicalNot()))
      throw new Error("all elements of input should be between 0 and 1");
    return ofProbabilities(input, target, reduction, weight);
  }, probabilitiesSignature.parse(args));
}

/** Throws unless a factor broadcasts to the shape of the input. */
function checkExpands(factor: MaybeTensor, input: Tensor): void {
  const shape = factor ? broadcastShapes(input.sizes, factor.sizes) : input.sizes;
  if (!sameShape(shape, input.sizes)) {
    throw new Error(
      `output with shape ${formatShape(input.sizes)} doesn't match the broadcast shape ${formatShape(shape)}`,
    );
  }
}

/** How much more the yes counts: `1 + (posWeight - 1) * target`, the factor of its logarithm. */
function yesWeight(target: Tensor, posWeight: Tensor): Tensor {
  return posWeight.sub(1).mul(target).add(1);
}

const ofLogits = pointwiseLoss({
  name: "binaryCrossEntropyWithLogits",
  params: { weight: maybeTensor, posWeight: maybeTensor },
  value: ({ input, target, weight, posWeight }) => {
    const yes = logsigmoid(input);
    const counted = posWeight ? yes.mul(yesWeight(target, posWeight)) : yes;
    return times(target.neg().add(1).mul(input).sub(counted), weight);
  },
  slope: ({ input, target, weight, posWeight }) => {
    const probability = input.sigmoid();
    if (!posWeight) return times(probability.sub(target), weight);
    return times(probability.mul(yesWeight(target, posWeight)).sub(target.mul(posWeight)), weight);
  },
  targetSlope: ({ input, weight, posWeight }) => {
    if (!posWeight) return times(input.neg(), weight);
    return times(logsigmoid(input.neg()).sub(logsigmoid(input).mul(posWeight)), weight);
  },
});

const logitsSignature = new LossSignature("binaryCrossEntropyWithLogits", {
  input: inputParam,
  target: targetParam,
  weight: maybeTensor,
  reduction: reductionParam,
  posWeight: keyword(maybeTensor),
});

/**
 * Binary cross entropy of `sigmoid(input)`, without under- or overflow.
 *
 * @param weight factors, which broadcast.
 * @param options.posWeight how much more a yes counts than a no; broadcasts.
 * @see https://pytorch.org/docs/stable/generated/torch.nn.functional.binary_cross_entropy_with_logits.html
 */
export function binaryCrossEntropyWithLogits(...args: Arguments<{ posWeight?: Tensor | null }>): Tensor {
  return releasingTemporaries(({ input, target, weight, reduction, posWeight }) => {
    if (!sameShape(input.sizes, target.sizes)) {
      throw new Error(
        `Target size (torch.Size(${formatShape(target.sizes)})) must be the same as input size (torch.Size(${formatShape(input.sizes)}))`,
      );
    }
    checkCast(input.dtype, target.dtype);
    checkExpands(weight, input);
    checkExpands(posWeight, input);
    return ofLogits(input, target, reduction, weight, posWeight);
  }, logitsSignature.parse(args));
}
