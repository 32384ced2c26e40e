/** Functions that turn numbers into probabilities: `softmax` and its relatives. */
import { dtype as dtypeParam, flag, int, number, optional, tensor } from "../../arguments/params.js";
import { Signature } from "../../arguments/parse.js";
import { warn } from "../../arguments/warn.js";
import { releasingTemporaries } from "../../autograd/temporaries.js";
import type { DType } from "../../core/dtype.js";
import type { Tensor } from "../../core/tensor.js";
import type { Args } from "../types.js";

type Arguments = [input: Tensor, ...rest: Args<[dim?: number | null], ["dim"], { dtype?: DType }>];

const params = { input: tensor, dim: optional(int), dtype: optional(dtypeParam) };
const signatures = {
  softmax: new Signature("softmax", params),
  softmin: new Signature("softmin", params),
  logSoftmax: new Signature("logSoftmax", params),
};

/** The arguments, with the dim that PyTorch takes where none is given. */
function read(
  name: keyof typeof signatures,
  args: Arguments,
): { input: Tensor; dim: number; dtype: DType | undefined } {
  const { input, dim, dtype } = signatures[name].parse(args);
  if (dim !== undefined) return { input, dim, dtype };
  warn(`Implicit dimension choice for ${name} has been deprecated. Change the call to include dim as an argument.`);
  return { input, dim: [0, 1, 3].includes(input.sizes.length) ? 0 : 1, dtype };
}

/**
 * exp(x) over the sum of exp(x) along a dim: numbers from 0 to 1 that sum to 1.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.nn.functional.softmax.html
 */
export function softmax(...args: Arguments): Tensor {
  const { input, dim, dtype } = read("softmax", args);
  return input.softmax(dim, { dtype });
}

/**
 * `softmax(-x)`.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.nn.functional.softmin.html
 */
export function softmin(...args: Arguments): Tensor {
  const { input, dim, dtype } = read("softmin", args);
  return releasingTemporaries((x) => x.neg().softmax(dim, { dtype }), input);
}

/**
 * The logarithm of `softmax`, without overflow.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.nn.functional.log_softmax.html
 */
export function logSoftmax(...args: Arguments): Tensor {
  const { input, dim, dtype } = read("logSoftmax", args);
  return input.logSoftmax(dim, { dtype });
}

const gumbelSignature = new Signature("gumbelSoftmax", {
  logits: tensor,
  tau: optional(number, 1),
  hard: flag,
  dim: optional(int, -1),
});

/**
 * A sample from the categories of unnormalized log-probabilities, through which gradients flow; with `hard`, one-hot.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.nn.functional.gumbel_softmax.html
 */
export function gumbelSoftmax(
  ...args: [logits: Tensor, ...rest: Args<[tau?: number], ["tau"], { hard?: boolean; dim?: number }>]
): Tensor {
  return releasingTemporaries(({ logits, tau, hard, dim }) => {
    const gumbels = logits.detach().clone().exponential_().log().neg();
    const soft = logits.add(gumbels).div(tau).softmax(dim);
    if (!hard) return soft;
    const { indices } = soft.max(dim, { keepdim: true });
    const oneHot = logits.newZeros(logits.sizes).scatter(dim, indices, 1);
    return oneHot.sub(soft.detach()).add(soft);
  }, gumbelSignature.parse(args));
}
