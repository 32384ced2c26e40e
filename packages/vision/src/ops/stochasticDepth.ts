/** Stochastic depth: branches of a residual network that are left out at random. */
import torch, { nn, type Tensor } from "flambeau";
import { flagOn, number, Signature, tensor, word } from "flambeau/arguments";
import { pyFloat } from "../python.js";

/** Whether all of a batch is kept or dropped, or each sample for itself. */
export type StochasticDepthMode = "batch" | "row";

const depthParams = { p: number, mode: word("batch", "row") };
const signature = new Signature("stochasticDepth", { input: tensor, ...depthParams, training: flagOn });

/**
 * The input `[N, …]`, of which samples are zero with probability p and the others divided by `1 - p`.
 *
 * @param mode `"row"` draws for each sample, `"batch"` once for all.
 * @param options.training outside of training nothing is done; true by default.
 * @throws RangeError unless p is from 0 to 1.
 * @see https://pytorch.org/vision/stable/generated/torchvision.ops.stochastic_depth.html
 */
export function stochasticDepth(
  ...args: [input: Tensor, p: number, mode: StochasticDepthMode, options?: { training?: boolean }]
): Tensor {
  const { input, p, mode, training } = signature.parse(args);
  checkProbability(p);
  if (!training || p === 0) return input;
  const kept = 1 - p;
  const sizes = input.shape.map((size, d) => (d === 0 && mode === "row" ? size : 1));
  const noise = torch.empty(sizes, { dtype: input.dtype, device: input.device }).bernoulli_(kept);
  if (kept > 0) noise.div_(kept);
  return input.mul(noise);
}

function checkProbability(p: number): void {
  if (!(p >= 0 && p <= 1)) throw new RangeError(`drop probability has to be between 0 and 1, but got ${p}`);
}

/**
 * `stochasticDepth` as a module: it acts in training mode only.
 *
 * @example new ops.StochasticDepth(0.2, "row")
 * @see https://pytorch.org/vision/stable/generated/torchvision.ops.StochasticDepth.html
 */
export class StochasticDepth extends nn.Module {
  declare p: number;
  declare mode: StochasticDepthMode;

  constructor(...args: [p: number, mode: StochasticDepthMode]) {
    super();
    const { p, mode } = new Signature(new.target.name, depthParams).parse(args);
    this.p = p;
    this.mode = mode;
  }

  override forward(input: Tensor): Tensor {
    return stochasticDepth(input, this.p, this.mode, { training: this.training });
  }

  override extraRepr(): string {
    return `p=${pyFloat(this.p)}, mode=${this.mode}`;
  }
}
