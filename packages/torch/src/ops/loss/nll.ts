/** The negative log-likelihood of class indices. */
import { int, nullable, optional, tensor, word } from "../../arguments/params.js";
import { nllLossBackward as nllBackwardKernel, nllLoss as nllKernel } from "../../backend/kernels.js";
import { numelOf, type Shape } from "../../core/shape.js";
import { Tensor } from "../../core/tensor.js";
import { LossSignature } from "../autocast.js";
import { op } from "../define.js";
import { flat } from "../pointwise/elementary.js";
import type { Args, FunctionOp } from "../types.js";
import { checkShapes, checkWeight, classIndices } from "./classIndices.js";
import { type Reduction, type ReductionOption, reductionParam } from "./reduction.js";

/** A shape `[N, C, …]` or `[C]` as `[N, C, rest]`. */
function asGrid(sizes: Shape): [n: number, classes: number, rest: number] {
  if (sizes.length === 1) return [1, sizes[0] as number, 1];
  const [n, classes, ...rest] = sizes as [number, number, ...number[]];
  return [n, classes, numelOf(rest)];
}

const targetParams = { target: tensor, weight: optional(nullable(tensor)) };
const choices = { ignoreIndex: int, reduction: word("none", "mean", "sum") };

type Nll = FunctionOp<
  (
    input: Tensor,
    target: Tensor,
    weight: Tensor | null | undefined,
    ignoreIndex: number,
    reduction: Reduction,
  ) => readonly [loss: Tensor, totalWeight: Tensor]
>;

/** The loss, and the sum of the weights, which the gradient of a mean needs. */
const nll: Nll = op({
  name: "nllLoss",
  nodeName: ({ input, reduction }) => {
    const ndim = input.sizes.length;
    if (ndim <= 2) return "NllLossBackward0";
    return reduction === "none" && ndim !== 4 ? "ViewBackward0" : "NllLoss2DBackward0";
  },
  params: { input: tensor, ...targetParams, ...choices },
  forward: ({ input, target, weight, ignoreIndex, reduction }) => {
    const [n, classes, rest] = asGrid(input.sizes);
    const loss = Tensor.empty(reduction === "none" ? target.sizes : [], input.dtype);
    const totalWeight = Tensor.empty([], input.dtype);
    const out = reduction === "none" ? loss.view(n, rest) : loss;
    nllKernel(
      out,
      totalWeight,
      input.reshape(n, classes, rest),
      target.reshape(n, rest),
      weight ?? undefined,
      ignoreIndex,
      reduction,
    );
    return [loss, totalWeight];
  },
  saves: ["input", "target", "weight", "results"],
  backward: ([grad], { input, target, weight, ignoreIndex, reduction, results }) => ({
    input: grad && nllGradient(grad, input, target, weight, (results[1] as Tensor).detach(), ignoreIndex, reduction),
  }),
});

type NllGradient = FunctionOp<
  (
    grad: Tensor,
    input: Tensor,
    target: Tensor,
    weight: Tensor | null | undefined,
    totalWeight: Tensor,
    ignoreIndex: number,
    reduction: Reduction,
  ) => Tensor
>;

const nllGradient: NllGradient = op({
  name: "nllLossBackward",
  params: { grad: tensor, input: tensor, ...targetParams, totalWeight: tensor, ...choices },
  forward: ({ grad, input, target, weight, totalWeight, ignoreIndex, reduction }) => {
    const [n, classes, rest] = asGrid(input.sizes);
    const result = Tensor.empty(input.sizes, grad.dtype);
    const outer = reduction === "none" ? grad.reshape(n, rest) : grad;
    const targets = target.reshape(n, rest);
    nllBackwardKernel(
      result.view(n, classes, rest),
      outer,
      targets,
      weight ?? undefined,
      totalWeight,
      ignoreIndex,
      reduction,
    );
    return result;
  },
  saves: ["target", "weight"],
  // The loss is linear in the log-probabilities: what the gradient of its gradient is, is the loss itself.
  derivative: {
    grad: (outer, { target, weight, ignoreIndex, reduction }) => nll(outer, target, weight, ignoreIndex, reduction)[0],
    input: flat,
  },
});

const signature = new LossSignature("nllLoss", {
  input: tensor,
  ...targetParams,
  ignoreIndex: optional(int, -100),
  reduction: reductionParam,
});

/** The arguments of losses of class indices. */
export type ClassificationArguments<O = ReductionOption> = [
  input: Tensor,
  target: Tensor,
  ...rest: Args<[weight?: Tensor | null, ignoreIndex?: number], ["weight", "ignoreIndex"], O>,
];

/**
 * The negative log-likelihood: `-weight[t] * input[t]` of each target t, by default the mean weighted alike.
 *
 * @param input log-probabilities `[N, C]`, `[N, C, d1, …]` or `[C]`.
 * @param target class indices `[N]`, `[N, d1, …]` or `[]`: int64, or floating whole numbers.
 * @param weight one for each class.
 * @param ignoreIndex a target that counts nothing; -100 by default.
 * @throws RangeError for a target that is no class; Error if the shapes do not fit.
 * @see https://pytorch.org/docs/stable/generated/torch.nn.functional.nll_loss.html
 */
export function nllLoss(...args: ClassificationArguments): Tensor {
  const { input, target, weight, ignoreIndex, reduction } = signature.parse(args);
  return nllOfIndices(input, target, weight, ignoreIndex, reduction);
}

/** @internal The same, with arguments that were read. */
export function nllOfIndices(
  input: Tensor,
  target: Tensor,
  weight: Tensor | null | undefined,
  ignoreIndex: number,
  reduction: Reduction,
): Tensor {
  checkShapes(input, target);
  checkWeight(input, weight);
  return nll(input, classIndices(target), weight, ignoreIndex, reduction)[0];
}
