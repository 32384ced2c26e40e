import { int, type Operand, operand, optional } from "../arguments/params.js";
import { Signature } from "../arguments/parse.js";
import { noGrad } from "../autograd/modes.js";
import { finfo } from "../core/limits.js";
import type { Tensor } from "../core/tensor.js";
import { arange, diagEmbed } from "../ops/functions.js";
import type { Args } from "../ops/types.js";
import { Beta } from "./beta.js";
import * as constraints from "./constraints.js";
import {
  type Constraints,
  Distribution,
  type SampleArguments,
  sampleShapeOf,
  type Validated,
  validated,
} from "./distribution.js";
import { broadcastAll, kindOf, standardNormal } from "./utils.js";

const signature = new Signature("LKJCholesky", { dim: int, concentration: optional(operand, 1), ...validated });

/**
 * Factors of matrices of correlations, lower triangular, whose density is a power of the determinant: with a concentration of 1
 * all matrices of correlations are equally likely.
 *
 * Source: Lewandowski, Kurowicka and Joe, Generating random correlation matrices based on vines and extended onion method.
 *
 * @example
 * const factor = new torch.distributions.LKJCholesky(3, 0.5).sample();
 * factor.matmul(factor.t()); // correlations
 */
export class LKJCholesky extends Distribution {
  static override readonly argConstraints: Constraints<"concentration"> = { concentration: constraints.positive };
  static override readonly support = constraints.corrCholesky;
  declare readonly dim: number;
  declare readonly concentration: Tensor;

  constructor(...args: Args<[dim: number, concentration?: Operand], ["concentration"], Validated>) {
    const { dim, concentration: given, validateArgs } = signature.parse(args);
    if (dim < 2) {
      throw new RangeError(`Expected dim to be an integer greater than or equal to 2. Found dim=${dim}.`);
    }
    const [concentration] = broadcastAll(given);
    super(concentration.shape, [dim, dim], { validateArgs, parameters: { dim, concentration } });
  }

  /** Row by row: the square of the length of what is beside the diagonal, and its direction. */
  override sample(...args: SampleArguments): Tensor {
    const sampleShape = sampleShapeOf(args);
    return noGrad(() => {
      const lengths = lengthsOf(this).sample(sampleShape).unsqueeze(-1);
      const normal = standardNormal(this._extendedShape(sampleShape), lengths).tril(-1);
      const directions = normal.div(normal.norm(2, -1, { keepdim: true }));
      // The first row has nothing beside the diagonal.
      directions.select(-2, 0).fill_(0);
      const rows = lengths.sqrt().mul(directions);
      const left = rows
        .pow(2)
        .sum(-1)
        .neg()
        .add(1)
        .clamp({ min: finfo(lengths.dtype).tiny });
      return rows.add(diagEmbed(left.sqrt()));
    });
  }

  override logProb(value: Tensor): Tensor {
    this._validateSample(value);
    const { dim, concentration } = this;
    const orders = concentration
      .sub(1)
      .mul(2)
      .unsqueeze(-1)
      .add(dim)
      .sub(arange(2, dim + 1, { device: concentration.device }));
    const unnormalized = orders.mul(value.diagonal(0, -1, -2).at("...", "1:").log()).sum(-1);
    const alpha = concentration.add(0.5 * (dim - 1));
    const norm = alpha
      .sub(0.5)
      .mvlgamma(dim - 1)
      .add(0.5 * (dim - 1) * Math.log(Math.PI))
      .sub(alpha.lgamma().mul(dim - 1));
    return unnormalized.sub(norm);
  }
}

/** The distributions of the squares of the lengths of rows beside the diagonal. */
function lengthsOf({ dim, concentration }: LKJCholesky): Beta {
  const offset = arange(-1, dim - 1, kindOf(concentration)).clamp({ min: 0 });
  const others = concentration
    .add(0.5 * (dim - 2))
    .unsqueeze(-1)
    .sub(offset.mul(0.5));
  return new Beta(offset.add(0.5), others);
}
