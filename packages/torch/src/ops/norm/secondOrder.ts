/**
 * The gradients of the gradients of normalizations, in operations that can be differentiated again.
 *
 * With x̂ = (x - mean) * rstd, what flows to the input of a normalization from g = dy * weight is
 *
 *     flow(g) = rstd * (g - mean(g) - x̂ * mean(g * x̂))
 *
 * which is linear in g and its own adjoint. Its derivative with respect to x, against an outer gradient v, is
 *
 *     -rstd² * (x̂ * (mean(a * b) - 3αβ) + β * a + α * b)
 *     where a = g - mean(g), b = v - mean(v), α = mean(a * x̂), β = mean(b * x̂)
 */
import type { Tensor } from "../../core/tensor.js";

/** What a normalization does to its input, in operations. */
export interface Flow {
  /** x̂ */
  readonly normalized: Tensor;
  /** What flows to the input from g. */
  flow(g: Tensor): Tensor;
  /** The derivative of flow(g) with respect to the input, against v; undefined if it is 0. */
  bend(g: Tensor, v: Tensor): Tensor | undefined;
}

/** Statistics that were found in the input; `mean` takes the mean over the group of each element. */
export function flowThrough(input: Tensor, mean: (x: Tensor) => Tensor, isCentered: boolean, eps: number): Flow {
  const center = (x: Tensor) => (isCentered ? x.sub(mean(x)) : x);
  const centered = center(input);
  const rstd = mean(centered.square()).add(eps).rsqrt();
  const normalized = centered.mul(rstd);
  const along = (x: Tensor) => mean(x.mul(normalized));
  return {
    normalized,
    flow: (g) => {
      const a = center(g);
      return a.sub(normalized.mul(along(a))).mul(rstd);
    },
    bend: (g, v) => {
      const [a, b] = [center(g), center(v)];
      const [alpha, beta] = [along(a), along(b)];
      const own = normalized.mul(mean(a.mul(b)).sub(alpha.mul(beta).mul(3)));
      return own.add(a.mul(beta)).add(b.mul(alpha)).mul(rstd.square().neg());
    },
  };
}

/** Statistics that were given. */
export function flowPast(input: Tensor, mean: Tensor, variance: Tensor, eps: number): Flow {
  const rstd = variance.add(eps).rsqrt();
  return { normalized: input.sub(mean).mul(rstd), flow: (g) => g.mul(rstd), bend: () => undefined };
}
