/** Lookup of rows by index, and one-hot vectors. */

import { flag, int, number, optional, refusing, requiredFlag, tensor, word } from "../../arguments/params.js";
import { Signature } from "../../arguments/parse.js";
import { withoutRecording } from "../../autograd/modes.js";
import { int32, int64, scalarTypeName } from "../../core/dtype.js";
import type { Tensor } from "../../core/tensor.js";
import { op } from "../define.js";
import { holdsAnywhere } from "../numbers.js";
import { unique } from "../sorting/unique.js";
import type { Args, FunctionOp } from "../types.js";
import { where } from "./masks.js";

function select(weight: Tensor, rows: Tensor): Tensor {
  try {
    return weight.indexSelect(0, rows);
  } catch (cause) {
    throw cause instanceof RangeError ? new RangeError(`index out of range in self: ${cause.message}`) : cause;
  }
}

type Lookup = FunctionOp<(weight: Tensor, indices: Tensor, paddingIdx: number, scaleGradByFreq: boolean) => Tensor>;

const lookup: Lookup = op({
  name: "embedding",
  variants: "function",
  params: { weight: tensor, indices: tensor, paddingIdx: int, scaleGradByFreq: requiredFlag },
  forward: ({ weight, indices }) =>
    select(weight, indices.reshape(-1)).view([...indices.sizes, ...weight.sizes.slice(1)]),
  saves: ["indices"],
  derivative: {
    weight: (grad, { weight, indices, paddingIdx, scaleGradByFreq }) => {
      const rows = indices.reshape(-1);
      let grads = grad.reshape([rows.numel(), ...weight.sizes.slice(1)]);
      if (paddingIdx >= 0) grads = grads.maskedFill(rows.eq(paddingIdx).unsqueeze(1), 0);
      if (scaleGradByFreq) {
        const counts = grad.newZeros([weight.sizes[0] as number]).indexAdd_(0, rows, grad.newOnes(rows.sizes));
        grads = grads.div(counts.indexSelect(0, rows).unsqueeze(1));
      }
      return grad.newZeros(weight.sizes).indexAdd_(0, rows, grads);
    },
  },
});

/** Shortens the rows that are looked up to a length of at most `maxNorm`, in place. */
function renormalize(weight: Tensor, indices: Tensor, maxNorm: number, normType: number): void {
  // There are no rows whose length could be known.
  if (weight.isMeta) return;
  withoutRecording(() => {
    const rows = unique(indices) as Tensor;
    const chosen = weight.indexSelect(0, rows);
    const norms = chosen.norm(normType, 1, { keepdim: true });
    const scale = where(norms.gt(maxNorm), norms.add(1e-7).reciprocal().mul(maxNorm), 1);
    weight.indexCopy_(0, rows, chosen.mul(scale));
  });
}

/** How the rows of a bag are put together. */
export const bagMode = optional(
  refusing(word("mean", "sum", "max"), () => "mode has to be one of sum, mean or max"),
  "mean",
);

/** The indices in int64. */
export function checkedIndices(name: string, argument: string, input: Tensor): Tensor {
  if (input.dtype === int64) return input;
  if (input.dtype === int32) return input.to(int64);
  throw new TypeError(
    `Expected tensor for argument ${argument} to have one of the following scalar types: Long, Int; but got torch.${scalarTypeName(input.dtype)}Tensor instead (while checking arguments for ${name}); make them with { dtype: torch.long }`,
  );
}

/** Throws where gradients of looked-up rows alone are asked for. */
export function checkDense(name: string, sparse: boolean): void {
  if (sparse) throw new Error(`${name}(): gradients are dense here, so there is no sparse: true`);
}

/** The place of a row that does not count, from the front; undefined if there is none. */
export function wrapPadding(paddingIdx: number | undefined, rows: number, message: string): number | undefined {
  if (paddingIdx === undefined) return undefined;
  if (paddingIdx < -rows || paddingIdx >= rows) throw new RangeError(`${message}, got ${paddingIdx} for ${rows} rows`);
  return paddingIdx < 0 ? paddingIdx + rows : paddingIdx;
}

const signature = new Signature("embedding", {
  input: tensor,
  weight: tensor,
  paddingIdx: optional(int),
  maxNorm: optional(number),
  normType: optional(number, 2),
  scaleGradByFreq: flag,
  sparse: flag,
});

/**
 * The rows of a weight `[rows, width]` at indices of any shape: `[..., width]`.
 *
 * @param input indices: int64, or int32.
 * @param paddingIdx a row that gets no gradient.
 * @param maxNorm the greatest length of a row; longer ones are shortened in place.
 * @param options.scaleGradByFreq divide gradients by how often the row occurs in the input.
 * @param options.sparse gradients are dense here: `true` throws.
 * @throws RangeError for an index out of range.
 * @see https://pytorch.org/docs/stable/generated/torch.nn.functional.embedding.html
 */
export function embedding(
  ...args: [
    input: Tensor,
    weight: Tensor,
    ...rest: Args<
      [paddingIdx?: number | null, maxNorm?: number | null, normType?: number],
      ["paddingIdx", "maxNorm", "normType"],
      { scaleGradByFreq?: boolean; sparse?: boolean }
    >,
  ]
): Tensor {
  const { input, weight, paddingIdx, maxNorm, normType, scaleGradByFreq, sparse } = signature.parse(args);
  checkDense("embedding", sparse);
  const indices = checkedIndices("embedding", "#1 'indices'", input);
  if (weight.sizes.length !== 2) throw new Error("'weight' must be 2-D");
  const padding = wrapPadding(paddingIdx, weight.sizes[0] as number, "Padding_idx must be within num_embeddings");
  if (maxNorm !== undefined) renormalize(weight, indices, maxNorm, normType);
  return lookup(weight, indices, padding ?? -1, scaleGradByFreq);
}

const oneHotSignature = new Signature("oneHot", { tensor, numClasses: optional(int, -1) });

/**
 * For each index a row of zeros with a 1 at that index, in int64.
 *
 * @param numClasses the length of the rows; one more than the greatest index by default.
 * @example F.oneHot(torch.tensor([0n, 2n]), 3) // [[1, 0, 0], [0, 0, 1]]
 * @throws RangeError for an index out of range.
 * @see https://pytorch.org/docs/stable/generated/torch.nn.functional.one_hot.html
 */
export function oneHot(...args: [tensor: Tensor, ...rest: Args<[numClasses?: number], ["numClasses"]>]): Tensor {
  const { tensor: indices, numClasses } = oneHotSignature.parse(args);
  if (indices.dtype !== int64) {
    throw new TypeError(
      `one_hot is only applicable to index tensor of type LongTensor, but got ${indices.dtype}; make them with { dtype: torch.long }`,
    );
  }
  if (indices.numel() === 0 && numClasses <= 0)
    throw new Error("Can not infer total number of classes from empty tensor.");
  if (numClasses === 0) throw new Error("num_classes should be positive");
  const classes = numClasses === -1 ? indices.max().item() + 1 : numClasses;
  if (holdsAnywhere(indices.lt(0))) throw new RangeError("Class values must be non-negative.");
  if (holdsAnywhere(indices.ge(classes))) throw new RangeError("Class values must be smaller than num_classes.");
  return indices.newZeros([...indices.sizes, classes]).scatter_(-1, indices.unsqueeze(-1), 1);
}
