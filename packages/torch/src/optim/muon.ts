/** Muon: steps whose matrices are nearly orthogonal. */
import { flagOn, int, nullable, number, numbers, optional, word } from "../arguments/params.js";
import { Signature } from "../arguments/parse.js";
import { float32 } from "../core/dtype.js";
import type { Tensor } from "../core/tensor.js";
import type { Args } from "../ops/types.js";
import { Optimizer, type ParamGroup, type ParamsInput } from "./optimizer.js";
import { type Given, type Rate, rate, rateOf } from "./rate.js";
import { checkReal, zerosFor } from "./rule.js";
import type { ParamState } from "./stateDict.js";

export interface MuonOptions {
  lr: number;
  weightDecay: number;
  momentum: number;
  nesterov: boolean;
  /** The coefficients of the polynomial that is iterated. */
  nsCoefficients: readonly number[];
  eps: number;
  /** How often it is iterated. */
  nsSteps: number;
  /** How the rate follows the shape: `"original"`, the default, or `"match_rms_adamw"`. */
  adjustLrFn: "original" | "match_rms_adamw" | null;
}

const signature = new Signature("Muon", {
  lr: optional(rate, 1e-3),
  weightDecay: optional(number, 0.1),
  momentum: optional(number, 0.95),
  nesterov: flagOn,
  nsCoefficients: optional(numbers, [3.4445, -4.775, 2.0315]),
  eps: optional(number, 1e-7),
  nsSteps: optional(int, 5),
  adjustLrFn: optional(nullable(word("original", "match_rms_adamw")), null),
});

type MuonArguments = Args<
  [lr?: Rate, weightDecay?: number, momentum?: number],
  ["lr", "weightDecay", "momentum"],
  Partial<Pick<MuonOptions, "nesterov" | "nsCoefficients" | "eps" | "nsSteps" | "adjustLrFn">>
>;

interface MuonState extends ParamState {
  momentumBuffer: Tensor;
}

const moments: readonly string[] = ["momentumBuffer"];
const mostSteps = 100;

/**
 * Muon, for the matrices of hidden layers: the momentum `b = momentum * b + (1 - momentum) * g` is brought near to the
 * orthogonal matrix closest to it, by iterations of a polynomial (Newton and Schulz) in the precision of bfloat16, and
 * that is the step. Weights decay as in AdamW. Biases, embeddings and the last layer are better left to `AdamW`.
 *
 * @throws RangeError for a negative option; Error for a parameter that is no matrix.
 * @see https://pytorch.org/docs/stable/generated/torch.optim.Muon.html
 * @see https://kellerjordan.github.io/posts/muon/
 * @see https://arxiv.org/abs/2502.16982
 */
export class Muon extends Optimizer<MuonOptions> {
  constructor(params: ParamsInput<MuonOptions>, ...args: MuonArguments) {
    const options = signature.parse(args) as Given<MuonOptions>;
    const { momentum, weightDecay } = options;
    const lr = rateOf(options.lr);
    if (!(lr >= 0)) throw new RangeError(`Learning rate should be >= 0 but is: ${lr}`);
    if (!(momentum >= 0)) throw new RangeError(`momentum should be >= 0 but is: ${momentum}`);
    if (!(weightDecay >= 0)) throw new RangeError(`weight decay should be >= 0 but is: ${weightDecay}`);
    super(params, options);
    checkMatrices(this.paramGroups);
  }

  protected override changes(): readonly string[] {
    return moments;
  }

  protected override checkGroups(): void {
    super.checkGroups();
    checkReal("Muon", this.paramGroups);
    checkMatrices(this.paramGroups);
    for (const { nsSteps, nsCoefficients } of this.paramGroups) {
      if (nsSteps >= mostSteps) {
        throw new RangeError("Number of steps must be less than 100 for computational efficiency");
      }
      if (nsCoefficients.length !== 3) throw new Error("Coefficients must be a tuple of exactly 3 values");
    }
  }

  protected override prepare(state: Partial<MuonState>, param: Tensor): void {
    state.momentumBuffer ??= zerosFor(param);
  }

  protected override rule(param: Tensor, grad: Tensor, state: MuonState, group: ParamGroup<MuonOptions>): void {
    const { lr, weightDecay, momentum, nesterov, nsCoefficients, eps, nsSteps, adjustLrFn } = group;
    const buffer = state.momentumBuffer.lerp_(grad, 1 - momentum);
    const direction = nesterov ? grad.lerp(buffer, momentum) : buffer;
    const update = orthogonalized(direction, nsCoefficients, nsSteps, eps).to(param.dtype);
    param.mul_(1 - lr * weightDecay);
    param.add_(update, { alpha: -lr * rateFactor(param, adjustLrFn) });
  }
}

function checkMatrices(groups: readonly { readonly params: readonly Tensor[] }[]): void {
  for (const { params } of groups) {
    for (const { shape } of params) {
      if (shape.length === 2) continue;
      const size = `torch.Size([${shape.join(", ")}])`;
      throw new Error(`Muon only supports 2D parameters whereas we found a parameter with size: ${size}`);
    }
  }
}

function rateFactor({ sizes }: Tensor, how: MuonOptions["adjustLrFn"]): number {
  const [rows, columns] = sizes as readonly [number, number];
  return how === "match_rms_adamw" ? 0.2 * Math.sqrt(Math.max(rows, columns)) : Math.sqrt(Math.max(1, rows / columns));
}

/** A matrix of the same singular vectors, whose singular values are near 1. */
function orthogonalized(matrix: Tensor, coefficients: readonly number[], steps: number, eps: number): Tensor {
  const [a, b, c] = coefficients as [number, number, number];
  const isTall = matrix.size(0) > matrix.size(1);
  let x = brief(isTall ? matrix.t() : matrix);
  x = brief(x.div(brief(x.norm()).clamp(eps)));
  for (let i = 0; i < steps; i++) {
    const gram = brief(x.matmul(x.t()));
    const polynomial = brief(gram.mul(b).add(gram.matmul(gram), { alpha: c }));
    x = brief(x.mul(a).add(polynomial.matmul(x)));
  }
  return isTall ? x.t() : x;
}

/** Rounds to the 8 bits that bfloat16 has: the product with 2^16 + 1 pushes the others out. */
function brief(x: Tensor): Tensor {
  const wide = x.to(float32);
  const pushed = wide.mul(2 ** 16 + 1);
  return pushed.sub(pushed.sub(wide));
}
