import { type Operand, operand } from "../arguments/params.js";
import { Signature } from "../arguments/parse.js";
import { noGrad } from "../autograd/modes.js";
import { float64 } from "../core/dtype.js";
import type { Tensor } from "../core/tensor.js";
import { empty, full, where } from "../ops/functions.js";
import * as constraints from "./constraints.js";
import {
  broadcastParameters,
  type Constraints,
  Distribution,
  type SampleArguments,
  sampleShapeOf,
  type Validated,
  validated,
} from "./distribution.js";
import { kindOf, uniform } from "./utils.js";

/** Coefficients of polynomials for the Bessel functions I0 and I1, below 3.75 and above (Abramowitz and Stegun, 9.8). */
const small = [
  [1.0, 3.5156229, 3.0899424, 1.2067492, 0.2659732, 0.0360768, 0.0045813],
  [0.5, 0.87890594, 0.51498869, 0.15084934, 0.02658733, 0.00301532, 0.00032411],
] as const;
const large = [
  [0.39894228, 0.01328592, 0.00225319, -0.00157565, 0.00916281, -0.02057706, 0.02635537, -0.01647633, 0.00392377],
  [0.39894228, -0.03988024, -0.00362018, 0.00163801, -0.01031555, 0.02282967, -0.02895312, 0.01787654, -0.00420059],
] as const;

function polynomial(y: Tensor, coefficients: readonly number[]): Tensor {
  return coefficients
    .slice(0, -1)
    .reduceRight<Tensor>((sum, one) => sum.mul(y).add(one), full([], coefficients.at(-1) as number, kindOf(y)));
}

/** The logarithm of the modified Bessel function of order 0 or 1, for positive x. */
function logBessel(x: Tensor, order: 0 | 1): Tensor {
  const power = polynomial(x.div(3.75).pow(2), small[order]);
  const below = (order === 1 ? x.abs().mul(power) : power).log();
  const above = x.sub(x.log().mul(0.5)).add(polynomial(x.reciprocal().mul(3.75), large[order]).log());
  return where(x.lt(3.75), below, above);
}

const signature = new Signature("VonMises", { loc: operand, concentration: operand, ...validated });

/**
 * The von Mises distribution of angles, in radians, around `loc`. Values are taken modulo 2π.
 *
 * Mean and variance are those of a circle. Samples are drawn by rejection (Best and Fisher, 1979) in float64.
 *
 * @example new torch.distributions.VonMises(1, 1).sample()
 */
export class VonMises extends Distribution {
  static override readonly argConstraints: Constraints<"loc" | "concentration"> = {
    loc: constraints.real,
    concentration: constraints.positive,
  };
  static override readonly support = constraints.real;
  declare readonly loc: Tensor;
  declare readonly concentration: Tensor;

  constructor(...args: [loc: Operand, concentration: Operand, options?: Validated]) {
    super(...broadcastParameters(signature.parse(args)));
  }

  override get mean(): Tensor {
    return this.loc;
  }

  override get mode(): Tensor {
    return this.loc;
  }

  override get variance(): Tensor {
    return logBessel(this.concentration, 1).sub(logBessel(this.concentration, 0)).exp().neg().add(1);
  }

  override logProb(value: Tensor): Tensor {
    this._validateSample(value);
    return this.concentration
      .mul(value.sub(this.loc).cos())
      .sub(Math.log(2 * Math.PI))
      .sub(logBessel(this.concentration, 0));
  }

  override sample(...args: SampleArguments): Tensor {
    const shape = this._extendedShape(sampleShapeOf(args));
    return noGrad(() => {
      const [loc, kappa] = [this.loc.to(float64), this.concentration.to(float64)];
      const angles = rejectionSample(kappa, shape);
      return angles
        .add(Math.PI)
        .add(loc)
        .remainder(2 * Math.PI)
        .sub(Math.PI)
        .to(this.loc.dtype);
    });
  }
}

/** Angles around 0, each drawn until one is accepted; as long as one is missing, numbers for all are drawn. */
function rejectionSample(kappa: Tensor, shape: readonly number[]): Tensor {
  const tau = kappa.pow(2).mul(4).add(1).sqrt().add(1);
  const rho = tau.sub(tau.mul(2).sqrt()).div(kappa.mul(2));
  // For a small kappa its series.
  const r = where(kappa.lt(1e-5), kappa.reciprocal().add(kappa), rho.pow(2).add(1).div(rho.mul(2)));
  let angles = empty([...shape], kindOf(kappa));
  let missing = full([...shape], true, { device: kappa.device });
  while (missing.any().item() === 1) {
    const [u1, u2, u3] = uniform([3, ...shape], kappa).unbind() as [Tensor, Tensor, Tensor];
    const z = u1.mul(Math.PI).cos();
    const f = r.mul(z).add(1).div(r.add(z));
    const c = kappa.mul(r.sub(f));
    const isAccepted = c.mul(c.neg().add(2)).sub(u2).gt(0).logicalOr(c.div(u2).log().add(1).sub(c).ge(0));
    angles = where(isAccepted, u3.sub(0.5).sign().mul(f.acos()), angles);
    missing = missing.logicalAnd(isAccepted.logicalNot());
  }
  return angles;
}
