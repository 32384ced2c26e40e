/** Normalization of each element by those at the same place in neighbouring channels. */
import { int, number, optional, tensor } from "../../arguments/params.js";
import type { Tensor } from "../../core/tensor.js";
import { op } from "../define.js";
import { constantPadNd } from "../pad/pad.js";
import { cat } from "../shape/joining.js";
import type { Args, FunctionOp } from "../types.js";

type Rest = Args<[alpha?: number, beta?: number, k?: number], ["alpha", "beta", "k"]>;

const params = {
  input: tensor,
  size: int,
  alpha: optional(number, 1e-4),
  beta: optional(number, 0.75),
  k: optional(number, 1),
};

/**
 * Elements over `(k + alpha * mean)^beta`, where the mean is that of the squares in `size` neighbouring channels, with
 * zeros beyond the first and the last.
 *
 * @param input `[N, C, …]`, of at least three dims.
 * @see https://pytorch.org/docs/stable/generated/torch.nn.functional.local_response_norm.html
 */
export const localResponseNorm: FunctionOp<(input: Tensor, size: number, ...rest: Rest) => Tensor> = op({
  name: "localResponseNorm",
  variants: "function",
  params,
  composite: ({ input, size, alpha, beta, k }) => {
    if (input.sizes.length < 3)
      throw new Error(`Expected 3D or higher dimensionality input (got ${input.sizes.length} dimensions)`);
    if (size < 1) throw new RangeError(`localResponseNorm(): size must be at least 1, got ${size}`);
    if (input.numel() === 0) return input;
    const positions = new Array(2 * (input.sizes.length - 2)).fill(0);
    const padded = constantPadNd(input.square(), [...positions, Math.floor(size / 2), Math.floor((size - 1) / 2)]);
    const means = padded.unfold(1, size, 1).mean(-1);
    return input.div(means.mul(alpha).add(k).pow(beta));
  },
});

/** How many channels before and behind a channel, with itself, count for it. */
function reach(size: number): number {
  return Math.floor((size - 1) / 2 + 1);
}

/** For each channel `k + alpha / size` times the sum of squares around it. As in PyTorch, the first channel stays in it. */
function scales(input: Tensor, size: number, alpha: number, k: number): Tensor {
  const pad = reach(size);
  const channels = input.sizes[1] as number;
  const squares = input.square();
  const sums = [squares.narrow(1, 0, Math.min(pad, channels)).sum(1)];
  for (let c = 1; c < channels; c++) {
    let sum = sums[c - 1] as Tensor;
    if (c < channels - pad + 1) sum = sum.add(squares.select(1, c + pad - 1));
    if (c > pad) sum = sum.sub(squares.select(1, c - pad));
    sums.push(sum);
  }
  return cat(
    sums.map((sum) => sum.unsqueeze(1)),
    1,
  )
    .mul(alpha / size)
    .add(k);
}

/**
 * Elements over `(k + alpha / size * sum)^beta`, where the sum is that of the squares in neighbouring channels.
 *
 * @param input images `[N, C, H, W]`.
 */
export const crossMapLRN2d: FunctionOp<(input: Tensor, size: number, ...rest: Rest) => Tensor> = op({
  name: "crossMapLRN2d",
  variants: "function",
  params,
  composite: ({ input, size, alpha, beta, k }) => {
    if (input.sizes.length !== 4)
      throw new Error(`CrossMapLRN2d: expected 4D input (got ${input.sizes.length}D input)`);
    return scales(input, size, alpha, k).pow(-beta).mul(input);
  },
});
