/** Rows looked up by index. */
import { flag, int, number, optional } from "../../arguments/params.js";
import { withoutRecording } from "../../autograd/modes.js";
import type { Tensor } from "../../core/tensor.js";
import { checkDense, embedding, wrapPadding } from "../../ops/indexing/embedding.js";
import type { Args } from "../../ops/types.js";
import { emptyParameter, type FactoryOptions, factoryParams, read } from "../arguments.js";
import { normal_ } from "../init.js";
import { Module } from "../module.js";
import { Parameter } from "../parameter.js";
import { pyFloat } from "../repr.js";

interface LookupOptions {
  /** Divide gradients by how often a row occurs in the input. */
  scaleGradByFreq?: boolean;
  /** Gradients are dense here: `true` throws. */
  sparse?: boolean;
}

type Lookup<O> = Args<
  [paddingIdx?: number | null, maxNorm?: number | null, normType?: number],
  ["paddingIdx", "maxNorm", "normType"],
  LookupOptions & O
>;

const lookupParams = {
  paddingIdx: optional(int),
  maxNorm: optional(number),
  normType: optional(number, 2),
  scaleGradByFreq: flag,
  sparse: flag,
};

/**
 * A table of vectors, one for each index, which begin normal.
 *
 * @param paddingIdx a row that is zero and is not trained.
 * @param maxNorm the greatest length of a row; longer ones are shortened when they are looked up.
 * @example new nn.Embedding(1000, 64)(torch.tensor([3n, 7n])).shape // [2, 64]
 * @see https://pytorch.org/docs/stable/generated/torch.nn.Embedding.html
 */
export class Embedding extends Module {
  numEmbeddings: number;
  embeddingDim: number;
  paddingIdx: number | undefined;
  maxNorm: number | undefined;
  normType: number;
  scaleGradByFreq: boolean;
  weight: Parameter;

  constructor(...args: [numEmbeddings: number, embeddingDim: number, ...rest: Lookup<FactoryOptions>]) {
    super();
    const params = { numEmbeddings: int, embeddingDim: int, ...lookupParams, ...factoryParams };
    const { numEmbeddings, embeddingDim, paddingIdx, maxNorm, normType, scaleGradByFreq, sparse, ...factory } = read(
      this,
      params,
      args,
    );
    checkDense("Embedding", sparse);
    this.numEmbeddings = numEmbeddings;
    this.embeddingDim = embeddingDim;
    this.paddingIdx = wrapPadding(paddingIdx, numEmbeddings, "Padding_idx must be within num_embeddings");
    this.maxNorm = maxNorm;
    this.normType = normType;
    this.scaleGradByFreq = scaleGradByFreq;
    this.weight = emptyParameter([numEmbeddings, embeddingDim], factory);
    this.resetParameters();
  }

  /**
   * A table with given rows, which are trained only if `freeze` is false.
   *
   * @see https://pytorch.org/docs/stable/generated/torch.nn.Embedding.html#torch.nn.Embedding.from_pretrained
   */
  static fromPretrained(
    embeddings: Tensor,
    options: { freeze?: boolean; paddingIdx?: number; maxNorm?: number; normType?: number } & LookupOptions = {},
  ): Embedding {
    const { freeze = true, ...rest } = options;
    if (embeddings.sizes.length !== 2) throw new Error("Embeddings parameter is expected to be 2-dimensional");
    const [rows, width] = embeddings.sizes as [number, number];
    const module = new Embedding(rows, width, rest);
    module.weight = new Parameter(embeddings, { requiresGrad: !freeze });
    return module;
  }

  /** Draws the table anew. */
  resetParameters(): void {
    normal_(this.weight);
    const { paddingIdx } = this;
    if (paddingIdx !== undefined) withoutRecording(() => this.weight.select(0, paddingIdx).fill_(0));
  }

  override forward(input: Tensor): Tensor {
    const { paddingIdx, maxNorm, normType, scaleGradByFreq } = this;
    return embedding(input, this.weight, paddingIdx, maxNorm, normType, { scaleGradByFreq });
  }

  override extraRepr(): string {
    const parts = [`${this.numEmbeddings}, ${this.embeddingDim}`];
    if (this.paddingIdx !== undefined) parts.push(`padding_idx=${this.paddingIdx}`);
    if (this.maxNorm !== undefined) parts.push(`max_norm=${pyFloat(this.maxNorm)}`);
    if (this.normType !== 2) parts.push(`norm_type=${pyFloat(this.normType)}`);
    if (this.scaleGradByFreq) parts.push("scale_grad_by_freq=True");
    return parts.join(", ");
  }
}
