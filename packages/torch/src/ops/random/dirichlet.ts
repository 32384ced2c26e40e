/** Numbers from Dirichlet distributions. */
import { tensor } from "../../arguments/params.js";
import { standardGamma } from "../../backend/kernels.js";
import { float64 } from "../../core/dtype.js";
import { finfo } from "../../core/limits.js";
import { Tensor } from "../../core/tensor.js";
import { op } from "../define.js";
import type { FunctionOp } from "../types.js";
import { betaGrad } from "./gamma.js";
import type { FromGenerator } from "./inplace.js";
import { checkFloating, generator } from "./inplace.js";

/**
 * Shares `[…, n]`, whose sum is 1, from the Dirichlet distributions with such concentrations. They are drawn as PyTorch's
 * `_sample_dirichlet` does it, and move with the concentrations while their quantiles stay.
 *
 * @example torch.ops.torchvision.sampleDirichlet(torch.tensor([1, 1, 1]))
 */
export const sampleDirichlet: FunctionOp<(concentration: Tensor, options?: FromGenerator) => Tensor> = op({
  name: "sampleDirichlet",
  variants: "function",
  params: { concentration: tensor, generator },
  forward: ({ concentration, generator: source }) => {
    const { dtype, sizes } = concentration;
    checkFloating("dirichlet", dtype);
    const gamma = Tensor.empty(sizes, float64);
    standardGamma(gamma, source, concentration.to(float64).contiguous());
    const shares = gamma.div(gamma.sum(-1, { keepdim: true })).to(dtype);
    return shares.clamp(finfo(dtype).tiny, 1 - finfo(dtype).eps / 2);
  },
  saves: ["concentration", "result"],
  derivative: {
    // Each share moves with its own parameter as the beta number that it is, and the others make room in proportion.
    concentration: (grad, { concentration, result }) => {
      const own = concentration.to(float64);
      const others = own.sum(-1, { keepdim: true }).sub(own).to(result.dtype);
      const slopes = betaGrad(result, concentration, others).div(result.neg().add(1));
      return slopes.mul(grad.sub(result.mul(grad).sum(-1, { keepdim: true })));
    },
  },
});
