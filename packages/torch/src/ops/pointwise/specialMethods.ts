/** Methods whose functions take their arguments in another order. */
import { int, tensor } from "../../arguments/params.js";
import { unaryWith } from "../../backend/kernels.js";
import { floatingType } from "../../core/promotion.js";
import type { Tensor } from "../../core/tensor.js";
import { op } from "../define.js";
import type { Op } from "../types.js";
import { cast, intoResult } from "./pointwise.js";

/**
 * The n-th derivative of `digamma`.
 *
 * @throws RangeError for a negative n.
 * @see https://pytorch.org/docs/stable/generated/torch.Tensor.polygamma.html
 */
export const polygamma: Op<(input: Tensor, n: number) => Tensor, "method, inplace"> = op({
  name: "polygamma",
  elementwise: true,
  variants: "method, inplace",
  params: { input: tensor, n: int },
  forward: ({ input, n }, out) => {
    if (n < 0) throw new RangeError("polygamma(n, x) does not support negative n.");
    const dtype = floatingType(input.dtype);
    return intoResult(input.sizes, dtype, [input], out, (result) => {
      const x = cast(input, dtype);
      const [up, down] = n === 1 ? [x.eq(Infinity), x.eq(-Infinity)] : [];
      unaryWith("polygamma", result, x, n);
      if (up && down) result.maskedFill_(up, 0).maskedFill_(down, NaN);
    });
  },
  saves: ["input"],
  derivative: { input: (grad, { input, n }) => grad.mul(polygamma(input, n + 1)) },
});
