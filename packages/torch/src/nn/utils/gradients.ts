/**
 * Gradients kept within bounds, and parameters as one vector.
 *
 * Source: https://pytorch.org/docs/stable/nn.html#utilities
 */
import {
  flag,
  isIterable,
  listItems,
  number,
  optional,
  type Param,
  tensor,
  tensors,
  unset,
} from "../../arguments/params.js";
import { Signature } from "../../arguments/parse.js";
import { warn } from "../../arguments/warn.js";
import { withoutRecording } from "../../autograd/modes.js";
import { getDefaultDtype } from "../../core/dtype.js";
import { Tensor } from "../../core/tensor.js";
import { checkCopy } from "../../ops/copyInto.js";
import { cat, stack } from "../../ops/shape/joining.js";
import type { Args } from "../../ops/types.js";

/** One tensor or several. */
export type TensorOrTensors = Tensor | Iterable<Tensor>;

const oneOrMany: Param<readonly Tensor[]> = {
  ...tensors,
  expected: "Tensor or iterable of Tensors",
  read: (value) => {
    if (value instanceof Tensor) return [value];
    return tensors.read(isIterable(value) ? listItems(value) : value);
  },
};

/** Warns of a generator that gives nothing: it was gone through before, and no gradient will be clipped. */
function warnIfSpent(given: unknown, parameters: readonly Tensor[]): void {
  const isGenerator = typeof (given as Iterator<unknown>).next === "function";
  if (isGenerator && parameters.length === 0) {
    warn("`parameters` is an empty generator, no gradient clipping will occur.");
  }
}

/** The gradients of parameters; throws if one of them cannot be changed where it is. */
function gradsOf(parameters: readonly Tensor[]): Tensor[] {
  const grads = parameters.map(({ grad }) => grad).filter((grad) => grad !== null);
  for (const grad of grads) checkCopy(grad, grad);
  return grads;
}

/** Accepted as in PyTorch, where it says whether all tensors go through one call. */
type Foreach = { foreach?: boolean | null };

const totalNormSignature = new Signature("getTotalNorm", {
  tensors: oneOrMany,
  normType: optional(number, 2),
  errorIfNonfinite: flag,
  foreach: unset,
});

type NormOptions = { errorIfNonfinite?: boolean } & Foreach;

/**
 * The norm of several tensors as if they were one vector.
 *
 * @throws Error if it is not finite and `errorIfNonfinite` is set.
 * @see https://pytorch.org/docs/stable/generated/torch.nn.utils.get_total_norm.html
 */
export function getTotalNorm(
  ...args: [tensors: TensorOrTensors, ...rest: Args<[normType?: number], ["normType"], NormOptions>]
): Tensor {
  const { tensors: given, normType, errorIfNonfinite } = totalNormSignature.parse(args);
  return totalNorm(given, normType, errorIfNonfinite);
}

function totalNorm(given: readonly Tensor[], normType: number, errorIfNonfinite: boolean): Tensor {
  if (given.length === 0) return Tensor.empty([], getDefaultDtype()).zero_();
  const total = stack(given.map((one) => one.norm(normType))).norm(normType);
  if (errorIfNonfinite && !Number.isFinite(total.item())) {
    throw new Error(
      `The total norm of order ${normType} for gradients from \`parameters\` is non-finite, so it cannot be clipped. To disable this error and scale the gradients by the non-finite norm anyway, set \`errorIfNonfinite: false\``,
    );
  }
  return total;
}

/** Scales gradients so that a norm of all of them together is at most `maxNorm`. */
function scaleDown(grads: readonly Tensor[], maxNorm: number, total: Tensor): void {
  const scale = total.add(1e-6).reciprocal().mul(maxNorm).clampMax(1);
  for (const grad of grads) grad.mul_(scale);
}

const clipWithNormSignature = new Signature("clipGradsWithNorm_", {
  parameters: oneOrMany,
  maxNorm: number,
  totalNorm: tensor,
  foreach: unset,
});

/**
 * Scales the gradients of parameters by what a norm of all of them, which is known, is above `maxNorm`.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.nn.utils.clip_grads_with_norm_.html
 */
export function clipGradsWithNorm_(
  ...args: [parameters: TensorOrTensors, maxNorm: number, totalNorm: Tensor, options?: Foreach]
): void {
  const { parameters, maxNorm, totalNorm: total } = clipWithNormSignature.parse(args);
  withoutRecording(() => scaleDown(gradsOf(parameters), maxNorm, total));
}

const clipNormSignature = new Signature("clipGradNorm_", {
  parameters: oneOrMany,
  maxNorm: number,
  normType: optional(number, 2),
  errorIfNonfinite: flag,
  foreach: unset,
});

/**
 * Scales the gradients of parameters so that the norm of all of them together is at most `maxNorm`.
 *
 * @returns the norm before.
 * @throws Error if it is not finite and `errorIfNonfinite` is set.
 * @see https://pytorch.org/docs/stable/generated/torch.nn.utils.clip_grad_norm_.html
 */
export function clipGradNorm_(
  ...args: [parameters: TensorOrTensors, maxNorm: number, ...rest: Args<[normType?: number], ["normType"], NormOptions>]
): Tensor {
  const { parameters, maxNorm, normType, errorIfNonfinite } = clipNormSignature.parse(args);
  warnIfSpent(args[0], parameters);
  return withoutRecording(() => {
    const grads = gradsOf(parameters);
    const total = totalNorm(grads, normType, errorIfNonfinite);
    scaleDown(grads, maxNorm, total);
    return total;
  });
}

const clipValueSignature = new Signature("clipGradValue_", {
  parameters: oneOrMany,
  clipValue: number,
  foreach: unset,
});

/**
 * Moves each number of the gradients of parameters to within ±`clipValue`.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.nn.utils.clip_grad_value_.html
 */
export function clipGradValue_(...args: [parameters: TensorOrTensors, clipValue: number, options?: Foreach]): void {
  const { parameters, clipValue } = clipValueSignature.parse(args);
  warnIfSpent(args[0], parameters);
  withoutRecording(() => {
    for (const grad of gradsOf(parameters)) grad.clamp_(-clipValue, clipValue);
  });
}

const toVectorSignature = new Signature("parametersToVector", { parameters: oneOrMany });

/**
 * All parameters in one vector, through which gradients flow.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.nn.utils.parameters_to_vector.html
 */
export function parametersToVector(parameters: Iterable<Tensor>): Tensor {
  return cat(toVectorSignature.parse([parameters]).parameters.map((parameter) => parameter.reshape(-1)));
}

const toParametersSignature = new Signature("vectorToParameters", { vec: tensor, parameters: oneOrMany });

/**
 * Lets parameters show the parts of a vector.
 *
 * @throws Error if the vector is too short.
 * @see https://pytorch.org/docs/stable/generated/torch.nn.utils.vector_to_parameters.html
 */
export function vectorToParameters(vec: Tensor, parameters: Iterable<Tensor>): void {
  const args = toParametersSignature.parse([vec, parameters]);
  const counts = args.parameters.map((parameter) => parameter.numel());
  const needed = counts.reduce((a, b) => a + b, 0);
  if (vec.numel() < needed)
    throw new Error(`the parameters have ${needed} elements, but the vector only ${vec.numel()}`);
  let at = 0;
  args.parameters.forEach((parameter, i) => {
    parameter.data = vec
      .detach()
      .narrow(0, at, counts[i] as number)
      .view(parameter.sizes);
    at += counts[i] as number;
  });
}
