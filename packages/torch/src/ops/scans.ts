/** Scans: what came of all elements so far along a dim. */
import { dtype as dtypeParam, int, keyword, optional, tensor } from "../arguments/params.js";
import { type ScanOp, scan } from "../backend/cpu/scan.js";
import { Category, type DType, int64 } from "../core/dtype.js";
import { wrapDim } from "../core/shape.js";
import { Tensor } from "../core/tensor.js";
import { op } from "./define.js";
import { cat, stack } from "./joining.js";
import { cast } from "./pointwise.js";
import type { InplaceOp, Out } from "./types.js";

type Scan = InplaceOp<(input: Tensor, dim: number, options?: { dtype?: DType } & Out) => Tensor>;

const along = { input: tensor, dim: int };
const accumulating = { ...along, dtype: keyword(optional(dtypeParam)) };

/** Sums and products of whole numbers are int64 unless another dtype is asked for. */
function scanned(kernel: ScanOp, input: Tensor, dim: number, dtype: DType | undefined): Tensor {
  const d = wrapDim(dim, input.sizes.length);
  const target = dtype ?? (input.dtype.category === Category.Floating ? input.dtype : int64);
  const source = target.isFloatingPoint || input.dtype.isFloatingPoint ? cast(input, target) : input;
  const result = Tensor.empty(input.sizes, target.isFloatingPoint ? target : int64);
  scan(kernel, result, source, d);
  return cast(result, target);
}

/** The sum of each element and all that follow it. */
function sumFromHere(input: Tensor, dim: number): Tensor {
  return input.sizes.length === 0 ? input : input.flip(dim).cumsum(dim).flip(dim);
}

/**
 * The sum of all elements so far along a dim.
 *
 * @example torch.tensor([1, 2, 3]).cumsum(0) // tensor([1., 3., 6.])
 * @see https://pytorch.org/docs/stable/generated/torch.cumsum.html
 */
export const cumsum: Scan = op({
  name: "cumsum",
  variants: "function, method, inplace",
  params: accumulating,
  out: true,
  forward: ({ input, dim, dtype }) => scanned("cumsum", input, dim, dtype),
  derivative: { input: (grad, { dim }) => sumFromHere(grad, dim) },
});

/**
 * The product of all elements so far along a dim.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.cumprod.html
 */
export const cumprod: Scan = op({
  name: "cumprod",
  variants: "function, method, inplace",
  params: accumulating,
  out: true,
  forward: ({ input, dim, dtype }) => scanned("cumprod", input, dim, dtype),
  saves: ["input", "result"],
  derivative: {
    input: (grad, { input, result, dim }) => {
      if (input.sizes.length === 0) return grad;
      if (input.eq(0).any().item() === 0) return sumFromHere(grad.mul(result), dim).div(input);
      return cumprodGradient(grad, input, wrapDim(dim, input.sizes.length));
    },
  },
});

/** The derivative without a division, so that elements may be 0: for each place, products that leave it out. */
function cumprodGradient(grad: Tensor, input: Tensor, dim: number): Tensor {
  const size = input.sizes[dim] as number;
  const places: Tensor[] = [];
  let before = input.newOnes(input.select(dim, 0).sizes).unsqueeze(dim);
  for (let i = 0; i < size; i++) {
    const rest = input.narrow(dim, i + 1, size - i - 1).cumprod(dim);
    const others = cat([before, before.mul(rest)], dim);
    places.push(grad.narrow(dim, i, size - i).mul(others).sum(dim));
    before = before.mul(input.narrow(dim, i, 1));
  }
  return stack(places, dim);
}
