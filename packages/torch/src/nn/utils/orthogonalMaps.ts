/** Maps from matrices to orthogonal ones, made of operations through which gradients flow. */
import type { Tensor } from "../../core/tensor.js";
import { eye } from "../../ops/creation/ranges.js";
import { geqrf, orgqr } from "../../ops/functions.js";
import { solve } from "../../ops/linalg/inverse.js";

/** (I - x/2)⁻¹ (I + x/2) of skew-symmetric matrices. */
export function cayley(x: Tensor): Tensor {
  const identity = eye(x.sizes.at(-1) as number, { dtype: x.dtype, device: x.device }).expand(x.sizes);
  return solve(identity.add(x, { alpha: -0.5 }), identity.add(x, { alpha: 0.5 }));
}

/** The first columns of a product of reflections, whose directions are below the diagonal and whose signs are on it. */
export function reflected(x: Tensor): Tensor {
  const below = x.tril(-1);
  const factors = below.square().sum(-2).add(1).reciprocal().mul(2);
  return orgqr(below, factors).mul(x.detach().diagonal(0, -2, -1).trunc().unsqueeze(-2));
}

/** A matrix whose `reflected` has the columns of another one, made orthogonal. */
export function reflectorsOf(x: Tensor): Tensor {
  const { a, tau } = geqrf(x);
  const diagonal = a.diagonal(0, -2, -1);
  // A column that is not reflected keeps its sign.
  diagonal.copy_(diagonal.sign().where(tau.ne(0), diagonal.sign().neg()));
  return a;
}
