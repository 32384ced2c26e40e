/** Distributions whose density is exp(<t(x), θ> - F(θ) + k(x)) with natural parameters θ. */

import { grad } from "../autograd/backward.js";
import type { Tensor } from "../core/tensor.js";
import { Distribution } from "./distribution.js";

/**
 * A distribution of an exponential family. With the natural parameters, the log normalizer F and the mean of the carrier
 * measure k, the entropy and the divergence of two of one family are computed by derivatives of F.
 */
export abstract class ExponentialFamily extends Distribution {
  /** The natural parameters θ. */
  get _naturalParams(): readonly Tensor[] {
    throw new Error(`${this.constructor.name} does not implement _naturalParams`);
  }

  /** F, given the natural parameters. */
  _logNormalizer(..._params: Tensor[]): Tensor {
    throw new Error(`${this.constructor.name} does not implement _logNormalizer`);
  }

  /** The mean of k(x). */
  get _meanCarrierMeasure(): number | Tensor {
    throw new Error(`${this.constructor.name} does not implement _meanCarrierMeasure`);
  }

  override entropy(): Tensor {
    const carrier = this._meanCarrierMeasure;
    const { value, params, slopes } = differentiated(this);
    return params.reduce(
      (result, param, i) =>
        result.sub(
          param
            .mul(slopes[i] as Tensor)
            .reshape([...this.batchShape, -1])
            .sum(-1),
        ),
      value.sub(carrier),
    );
  }
}

/** The log normalizer at the natural parameters, and its derivatives. */
export function differentiated(of: ExponentialFamily): { value: Tensor; params: Tensor[]; slopes: Tensor[] } {
  const params = of._naturalParams.map((param) => param.detach().requiresGrad_());
  const value = of._logNormalizer(...params);
  const slopes = [...grad(value.sum(), params, { createGraph: true })] as Tensor[];
  return { value, params, slopes };
}
