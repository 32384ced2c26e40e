/** Rows looked up by index. */
import { flag, int, number, optional } from "../../arguments/params.js";
import type { Tensor } from "../../core/tensor.js";
import { checkDense, embedding } from "../../ops/indexing/embedding.js";
import type { Args } from "../../ops/types.js";
import { type FactoryOptions, factoryParams, read } from "../arguments.js";
import { LookupTable, withRows } from "./lookupTable.js";

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
export class Embedding extends LookupTable {
  constructor(...args: [numEmbeddings: number, embeddingDim: number, ...rest: Lookup<FactoryOptions>]) {
    super();
    const params = { numEmbeddings: int, embeddingDim: int, ...lookupParams, ...factoryParams };
    const given = read(this, params, args);
    checkDense("Embedding", given.sparse);
    this.build(given, "Padding_idx must be within num_embeddings");
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
    return withRows(embeddings, freeze, (rows, width) => new Embedding(rows, width, rest));
  }

  override forward(input: Tensor): Tensor {
    const { paddingIdx, maxNorm, normType, scaleGradByFreq } = this;
    return embedding(input, this.weight, paddingIdx, maxNorm, normType, { scaleGradByFreq });
  }

  override extraRepr(): string {
    const parts = [`${this.numEmbeddings}, ${this.embeddingDim}`];
    if (this.paddingIdx !== undefined) parts.push(`padding_idx=${this.paddingIdx}`);
    return [...parts, ...this.lookupParts()].join(", ");
  }
}
