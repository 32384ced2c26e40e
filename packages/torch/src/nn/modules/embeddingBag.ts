/** Rows looked up by index, and put together bag by bag. */
import { flag, int, keyword, number, optional, tensor, word } from "../../arguments/params.js";
import { Signature } from "../../arguments/parse.js";
import { withoutRecording } from "../../autograd/modes.js";
import type { Tensor } from "../../core/tensor.js";
import { checkDense, wrapPadding } from "../../ops/indexing/embedding.js";
import { type EmbeddingBagMode, type EmbeddingBagOptions, embeddingBag } from "../../ops/indexing/embeddingBag.js";
import type { Args } from "../../ops/types.js";
import { emptyParameter, type FactoryOptions, factoryParams, read } from "../arguments.js";
import { normal_ } from "../init.js";
import { Module } from "../module.js";
import { Parameter } from "../parameter.js";
import { py, pyFloat } from "../repr.js";

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
export class EmbeddingBag extends Module {
  numEmbeddings: number;
  embeddingDim: number;
  maxNorm: number | undefined;
  normType: number;
  scaleGradByFreq: boolean;
  mode: EmbeddingBagMode;
  includeLastOffset: boolean;
  paddingIdx: number | undefined;
  weight: Parameter;

  constructor(
    ...args: [
      numEmbeddings: number,
      embeddingDim: number,
      ...rest: Args<[maxNorm?: number | null, normType?: number], ["maxNorm", "normType"], Options & FactoryOptions>,
    ]
  ) {
    super();
    const { numEmbeddings, embeddingDim, maxNorm, normType, scaleGradByFreq, mode, sparse, ...given } = read(
      this,
      {
        numEmbeddings: int,
        embeddingDim: int,
        maxNorm: optional(number),
        normType: optional(number, 2),
        scaleGradByFreq: flag,
        mode: optional(word("mean", "sum", "max"), "mean"),
        sparse: flag,
        includeLastOffset: flag,
        paddingIdx: keyword(optional(int)),
        ...factoryParams,
      },
      args,
    );
    checkDense("EmbeddingBag", sparse);
    this.numEmbeddings = numEmbeddings;
    this.embeddingDim = embeddingDim;
    this.maxNorm = maxNorm;
    this.normType = normType;
    this.scaleGradByFreq = scaleGradByFreq;
    this.mode = mode;
    this.includeLastOffset = given.includeLastOffset;
    this.paddingIdx = wrapPadding(given.paddingIdx, numEmbeddings, "padding_idx must be within num_embeddings");
    this.weight = emptyParameter([numEmbeddings, embeddingDim], { device: given.device, dtype: given.dtype });
    this.resetParameters();
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
    if (embeddings.sizes.length !== 2) throw new Error("Embeddings parameter is expected to be 2-dimensional");
    const [rows, width] = embeddings.sizes as [number, number];
    const module = new EmbeddingBag(rows, width, rest);
    module.weight = new Parameter(embeddings, { requiresGrad: !freeze });
    return module;
  }

  /** Draws the table anew. */
  resetParameters(): void {
    normal_(this.weight);
    const { paddingIdx } = this;
    if (paddingIdx !== undefined) withoutRecording(() => this.weight.select(0, paddingIdx).fill_(0));
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
    const parts = [`${this.numEmbeddings}, ${this.embeddingDim}`];
    if (this.maxNorm !== undefined) parts.push(`max_norm=${pyFloat(this.maxNorm)}`);
    if (this.normType !== 2) parts.push(`norm_type=${pyFloat(this.normType)}`);
    if (this.scaleGradByFreq) parts.push("scale_grad_by_freq=True");
    parts.push(`mode=${py(this.mode)}`);
    if (this.paddingIdx !== undefined) parts.push(`padding_idx=${this.paddingIdx}`);
    return parts.join(", ");
  }
}
