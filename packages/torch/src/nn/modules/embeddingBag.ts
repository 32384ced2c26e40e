/** Rows looked up by index, and put together bag by bag. */
import { flag, int, keyword, number, optional, tensor } from "../../arguments/params.js";
import { Signature } from "../../arguments/parse.js";
import type { Tensor } from "../../core/tensor.js";
import { bagMode, checkDense } from "../../ops/indexing/embedding.js";
import { type EmbeddingBagMode, type EmbeddingBagOptions, embeddingBag } from "../../ops/indexing/embeddingBag.js";
import type { Args } from "../../ops/types.js";
import { type FactoryOptions, factoryParams, read } from "../arguments.js";
import { py } from "../repr.js";
import { LookupTable, withRows } from "./lookupTable.js";

type Options = Omit<EmbeddingBagOptions, "perSampleWeights">;

const callSignature = new Signature("EmbeddingBag", {
  input: tensor,
  offsets: optional(tensor),
  perSampleWeights: optional(tensor),
});

/**
 * A table of vectors, and the sum, the mean or the greatest of those of each bag of indices, without the vectors in between.
 *
 * @param maxNorm the greatest length of a row; longer ones are shortened when they are looked up.
 * @example
 * const bag = new nn.EmbeddingBag(10, 3, { mode: "sum" });
 * bag(torch.tensor([1n, 2n, 4n, 5n]), torch.tensor([0n, 3n])).shape // [2, 3]
 * @see https://pytorch.org/docs/stable/generated/torch.nn.EmbeddingBag.html
 */
export class EmbeddingBag extends LookupTable {
  mode: EmbeddingBagMode;
  includeLastOffset: boolean;

  constructor(
    ...args: [
      numEmbeddings: number,
      embeddingDim: number,
      ...rest: Args<[maxNorm?: number | null, normType?: number], ["maxNorm", "normType"], Options & FactoryOptions>,
    ]
  ) {
    super();
    const given = read(
      this,
      {
        numEmbeddings: int,
        embeddingDim: int,
        maxNorm: optional(number),
        normType: optional(number, 2),
        scaleGradByFreq: flag,
        mode: bagMode,
        sparse: flag,
        includeLastOffset: flag,
        paddingIdx: keyword(optional(int)),
        ...factoryParams,
      },
      args,
    );
    checkDense("EmbeddingBag", given.sparse);
    this.mode = given.mode;
    this.includeLastOffset = given.includeLastOffset;
    this.build(given, "padding_idx must be within num_embeddings");
  }

  /**
   * A table with given rows, which are trained only if `freeze` is false.
   *
   * @see https://pytorch.org/docs/stable/generated/torch.nn.EmbeddingBag.html#torch.nn.EmbeddingBag.from_pretrained
   */
  static fromPretrained(
    embeddings: Tensor,
    options: { freeze?: boolean; maxNorm?: number | null; normType?: number } & Options = {},
  ): EmbeddingBag {
    const { freeze = true, ...rest } = options;
    return withRows(embeddings, freeze, (rows, width) => new EmbeddingBag(rows, width, rest));
  }

  override forward(...args: [input: Tensor, offsets?: Tensor | null, perSampleWeights?: Tensor | null]): Tensor {
    const { input, offsets, perSampleWeights } = callSignature.parse(args);
    const { maxNorm, normType, scaleGradByFreq, mode, includeLastOffset, paddingIdx } = this;
    return embeddingBag(input, this.weight, offsets, maxNorm, normType, {
      scaleGradByFreq,
      mode,
      perSampleWeights,
      includeLastOffset,
      paddingIdx,
    });
  }

  override extraRepr(): string {
    const parts = [`${this.numEmbeddings}, ${this.embeddingDim}`, ...this.lookupParts(), `mode=${py(this.mode)}`];
    if (this.paddingIdx !== undefined) parts.push(`padding_idx=${this.paddingIdx}`);
    return parts.join(", ");
  }
}
