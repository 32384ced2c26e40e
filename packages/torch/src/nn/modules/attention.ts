/** Attention of several heads as a layer. */
import { flag, flagOn, int, number, optional, tensor } from "../../arguments/params.js";
import { Signature } from "../../arguments/parse.js";
import type { Tensor } from "../../core/tensor.js";
import { runMultiHead } from "../../ops/attention/multiHead.js";
import type { Args } from "../../ops/types.js";
import { emptyParameter, type FactoryOptions, factoryParams, read } from "../arguments.js";
import { constant_, xavierNormal_, xavierUniform_ } from "../init.js";
import { Module } from "../module.js";
import type { Parameter } from "../parameter.js";
import { Linear } from "./linear.js";

/** A linear layer under the name that PyTorch prints for the output of attention. */
export class NonDynamicallyQuantizableLinear extends Linear {}

export interface MultiheadAttentionOptions extends FactoryOptions {
  /** Whether the projections have biases; true by default. */
  bias?: boolean;
  /** Whether one learned row is added to keys and values. */
  addBiasKv?: boolean;
  /** Whether a row of zeros is added to keys and values. */
  addZeroAttn?: boolean;
  /** The sizes of keys and values; `embedDim` by default. */
  kdim?: number | null;
  vdim?: number | null;
  /** Whether inputs and outputs are `[batch, rows, size]` rather than `[rows, batch, size]`. */
  batchFirst?: boolean;
}

export interface AttentionCallOptions {
  /** Whether the weights are given back; true by default. */
  needWeights?: boolean;
  /** `[L, S]` or `[N · heads, L, S]`: bools that say which keys do not count for a query, or what is added to scores. */
  attnMask?: Tensor | null;
  /** Whether the weights are averaged over the heads; true by default. */
  averageAttnWeights?: boolean;
  /** Whether `attnMask`, which has to be given, is causal. */
  isCausal?: boolean;
}

const callSignature = new Signature("MultiheadAttention", {
  query: tensor,
  key: tensor,
  value: tensor,
  keyPaddingMask: optional(tensor),
  needWeights: flagOn,
  attnMask: optional(tensor),
  averageAttnWeights: flagOn,
  isCausal: flag,
});

/**
 * Attention of `numHeads` heads over parts of `embedDim / numHeads`: query, keys and values are projected, and what the
 * heads give is projected to the output.
 *
 * Takes a query `[L, N, embedDim]`, keys `[S, N, kdim]` and values `[S, N, vdim]` (`[N, L, …]` with `batchFirst`, all of
 * them without N for one sample), and gives `[output, weights]`: `[L, N, embedDim]`, and `[N, L, S]` or null.
 *
 * @param dropout the probability with which a weight is set to 0 in training.
 * @example const [output, weights] = new nn.MultiheadAttention(64, 8)(query, keys, values);
 * @see https://pytorch.org/docs/stable/generated/torch.nn.MultiheadAttention.html
 */
export class MultiheadAttention extends Module {
  embedDim: number;
  kdim: number;
  vdim: number;
  numHeads: number;
  dropout: number;
  batchFirst: boolean;
  headDim: number;
  addZeroAttn: boolean;
  declare inProjWeight: Parameter | null;
  declare qProjWeight: Parameter | null;
  declare kProjWeight: Parameter | null;
  declare vProjWeight: Parameter | null;
  declare inProjBias: Parameter | null;
  outProj: NonDynamicallyQuantizableLinear;
  declare biasK: Parameter | null;
  declare biasV: Parameter | null;

  constructor(
    ...args: [
      embedDim: number,
      numHeads: number,
      ...rest: Args<[dropout?: number], ["dropout"], MultiheadAttentionOptions>,
    ]
  ) {
    super();
    const { embedDim, numHeads, dropout, bias, addBiasKv, addZeroAttn, kdim, vdim, batchFirst, ...factory } = read(
      this,
      {
        embedDim: int,
        numHeads: int,
        dropout: optional(number, 0),
        bias: flagOn,
        addBiasKv: flag,
        addZeroAttn: flag,
        kdim: optional(int),
        vdim: optional(int),
        batchFirst: flag,
        ...factoryParams,
      },
      args,
    );
    if (embedDim <= 0 || numHeads <= 0) {
      throw new RangeError(
        `embed_dim and num_heads must be greater than 0, got embed_dim=${embedDim} and num_heads=${numHeads} instead`,
      );
    }
    if (embedDim % numHeads !== 0)
      throw new Error(`embed_dim must be divisible by num_heads, got ${embedDim} and ${numHeads}`);
    this.embedDim = embedDim;
    this.kdim = kdim ?? embedDim;
    this.vdim = vdim ?? embedDim;
    this.numHeads = numHeads;
    this.dropout = dropout;
    this.batchFirst = batchFirst;
    this.headDim = embedDim / numHeads;
    const isPacked = this.kdim === embedDim && this.vdim === embedDim;
    const weight = (isThere: boolean, rows: number, columns: number) =>
      isThere ? emptyParameter([rows, columns], factory) : null;
    this.registerParameter("q_proj_weight", weight(!isPacked, embedDim, embedDim));
    this.registerParameter("k_proj_weight", weight(!isPacked, embedDim, this.kdim));
    this.registerParameter("v_proj_weight", weight(!isPacked, embedDim, this.vdim));
    this.registerParameter("in_proj_weight", weight(isPacked, 3 * embedDim, embedDim));
    this.registerParameter("in_proj_bias", bias ? emptyParameter([3 * embedDim], factory) : null);
    this.outProj = new NonDynamicallyQuantizableLinear(embedDim, embedDim, { bias, ...factory });
    this.registerParameter("bias_k", addBiasKv ? emptyParameter([1, 1, embedDim], factory) : null);
    this.registerParameter("bias_v", addBiasKv ? emptyParameter([1, 1, embedDim], factory) : null);
    this.addZeroAttn = addZeroAttn;
    this.resetParameters();
  }

  /** Draws the projections of the inputs anew, and sets biases to 0. */
  resetParameters(): void {
    for (const weight of [this.inProjWeight, this.qProjWeight, this.kProjWeight, this.vProjWeight])
      if (weight !== null) xavierUniform_(weight);
    for (const bias of [this.inProjBias, this.inProjBias && this.outProj.bias]) if (bias) constant_(bias, 0);
    for (const bias of [this.biasK, this.biasV]) if (bias !== null) xavierNormal_(bias);
  }

  override forward(
    ...args: [
      query: Tensor,
      key: Tensor,
      value: Tensor,
      ...rest: Args<[keyPaddingMask?: Tensor | null], ["keyPaddingMask"], AttentionCallOptions>,
    ]
  ): [output: Tensor, weights: Tensor | null] {
    const given = callSignature.parse(args);
    if (given.isCausal && given.attnMask === undefined)
      throw new Error("Need attn_mask if specifying the is_causal hint.");
    const { numHeads, batchFirst, addZeroAttn, biasK, biasV, outProj, embedDim } = this;
    const { inProjWeight, inProjBias, qProjWeight, kProjWeight, vProjWeight } = this;
    return runMultiHead(
      {
        ...given,
        numHeads,
        batchFirst,
        addZeroAttn,
        biasK,
        biasV,
        inProjWeight,
        inProjBias,
        qProjWeight,
        kProjWeight,
        vProjWeight,
        outProjWeight: outProj.weight,
        outProjBias: outProj.bias,
        dropoutP: this.training ? this.dropout : 0,
      },
      embedDim,
    );
  }
}
