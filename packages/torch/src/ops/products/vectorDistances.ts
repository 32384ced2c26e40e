/** Distances and angles between vectors, and vectors of length 1. */
import { flag, int, number, optional, tensor } from "../../arguments/params.js";
import { Signature } from "../../arguments/parse.js";
import { releasingTemporaries } from "../../autograd/temporaries.js";
import { scalarTypeName } from "../../core/dtype.js";
import { floatingType, resultType } from "../../core/promotion.js";
import type { Tensor } from "../../core/tensor.js";
import { op } from "../define.js";
import { broadcastTensors } from "../shape/grids.js";
import type { Args, FunctionOp, Out } from "../types.js";

const pairwiseSignature = new Signature("pairwiseDistance", {
  x1: tensor,
  x2: tensor,
  p: optional(number, 2),
  eps: optional(number, 1e-6),
  keepdim: flag,
});

/**
 * The p-norm of `x1 - x2 + eps` over the last dim.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.nn.functional.pairwise_distance.html
 */
export function pairwiseDistance(
  ...args: [x1: Tensor, x2: Tensor, ...rest: Args<[p?: number, eps?: number], ["p", "eps"], { keepdim?: boolean }>]
): Tensor {
  return releasingTemporaries(({ x1, x2, p, eps, keepdim }) => {
    const gaps = x1.sub(x2);
    // `eps` is a float, also where the gaps are whole numbers.
    return gaps.to(floatingType(gaps.dtype)).add(eps).norm(p, -1, { keepdim });
  }, pairwiseSignature.parse(args));
}

const cosineSignature = new Signature("cosineSimilarity", {
  x1: tensor,
  x2: tensor,
  dim: optional(int, 1),
  eps: optional(number, 1e-8),
});

/**
 * The cosine of the angle between vectors along a dim; lengths below `eps` count as `eps`.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.nn.functional.cosine_similarity.html
 */
export function cosineSimilarity(
  ...args: [x1: Tensor, x2: Tensor, ...rest: Args<[dim?: number, eps?: number], ["dim", "eps"]>]
): Tensor {
  return releasingTemporaries(({ dim, eps, ...given }) => {
    const dtype = resultType(given.x1, given.x2);
    if (!dtype.isFloatingPoint) {
      throw new TypeError(`expected common dtype to be floating point, yet common dtype is ${scalarTypeName(dtype)}`);
    }
    const [x1, x2] = broadcastTensors(given.x1.to(dtype), given.x2.to(dtype)) as [Tensor, Tensor];
    const unit = (x: Tensor) => x.div(x.norm(2, dim, { keepdim: true }).clampMin(eps));
    return unit(x1).mul(unit(x2)).sum(dim);
  }, cosineSignature.parse(args));
}

/**
 * Vectors along a dim divided by their p-norm, or by `eps` where that is less.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.nn.functional.normalize.html
 */
export const normalize: FunctionOp<
  (input: Tensor, ...args: Args<[p?: number, dim?: number, eps?: number], ["p", "dim", "eps"], Out>) => Tensor
> = op({
  name: "normalize",
  variants: "function",
  params: { input: tensor, p: optional(number, 2), dim: optional(int, 1), eps: optional(number, 1e-12) },
  out: "cast",
  composite: ({ input, p, dim, eps }) => input.div(input.norm(p, dim, { keepdim: true }).clampMin(eps)),
});
