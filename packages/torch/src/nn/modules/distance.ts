/** Modules of distances and angles between vectors. */
import { flag, int, number, optional } from "../../arguments/params.js";
import type { Tensor } from "../../core/tensor.js";
import { cosineSimilarity, pairwiseDistance } from "../../ops/products/vectorDistances.js";
import type { Args } from "../../ops/types.js";
import { read } from "../arguments.js";
import { Module } from "../module.js";

/**
 * The p-norm of `x1 - x2 + eps` over the last dim.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.nn.PairwiseDistance.html
 */
export class PairwiseDistance extends Module {
  norm!: number;
  eps!: number;
  keepdim!: boolean;

  constructor(...args: Args<[p?: number, eps?: number], ["p", "eps"], { keepdim?: boolean }>) {
    super();
    const { p, eps, keepdim } = read(
      this,
      { p: optional(number, 2), eps: optional(number, 1e-6), keepdim: flag },
      args,
    );
    Object.assign(this, { norm: p, eps, keepdim });
  }

  override forward(x1: Tensor, x2: Tensor): Tensor {
    return pairwiseDistance(x1, x2, this.norm, this.eps, { keepdim: this.keepdim });
  }
}

/**
 * The cosine of the angle between vectors along a dim.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.nn.CosineSimilarity.html
 */
export class CosineSimilarity extends Module {
  dim!: number;
  eps!: number;

  constructor(...args: Args<[dim?: number, eps?: number], ["dim", "eps"]>) {
    super();
    Object.assign(this, read(this, { dim: optional(int, 1), eps: optional(number, 1e-8) }, args));
  }

  override forward(x1: Tensor, x2: Tensor): Tensor {
    return cosineSimilarity(x1, x2, this.dim, this.eps);
  }
}
