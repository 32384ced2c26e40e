/** What layers have in common that look up rows of a table. */
import { withoutRecording } from "../../autograd/modes.js";
import type { Tensor } from "../../core/tensor.js";
import { wrapPadding } from "../../ops/indexing/embedding.js";
import { emptyParameter, type FactoryOptions } from "../arguments.js";
import { normal_ } from "../init.js";
import { Module } from "../module.js";
import { Parameter } from "../parameter.js";
import { pyFloat } from "../repr.js";

/** How rows are looked up, and where they are. */
interface Lookup extends FactoryOptions {
  readonly numEmbeddings: number;
  readonly embeddingDim: number;
  readonly paddingIdx: number | undefined;
  readonly maxNorm: number | undefined;
  readonly normType: number;
  readonly scaleGradByFreq: boolean;
}

export abstract class LookupTable extends Module {
  numEmbeddings!: number;
  embeddingDim!: number;
  paddingIdx: number | undefined;
  maxNorm: number | undefined;
  normType!: number;
  scaleGradByFreq!: boolean;
  weight!: Parameter;

  /** @internal `outside` is the message for a padding row that is not in the table. */
  protected build(given: Lookup, outside: string): void {
    const { numEmbeddings, embeddingDim, device, dtype } = given;
    this.numEmbeddings = numEmbeddings;
    this.embeddingDim = embeddingDim;
    this.paddingIdx = wrapPadding(given.paddingIdx, numEmbeddings, outside);
    this.maxNorm = given.maxNorm;
    this.normType = given.normType;
    this.scaleGradByFreq = given.scaleGradByFreq;
    this.weight = emptyParameter([numEmbeddings, embeddingDim], { device, dtype });
    this.resetParameters();
  }

  /** @internal How it looks up rows, as far as that is not the usual way, for the printed form. */
  protected lookupParts(): string[] {
    const parts: string[] = [];
    if (this.maxNorm !== undefined) parts.push(`max_norm=${pyFloat(this.maxNorm)}`);
    if (this.normType !== 2) parts.push(`norm_type=${pyFloat(this.normType)}`);
    if (this.scaleGradByFreq) parts.push("scale_grad_by_freq=True");
    return parts;
  }

  /** Draws the table anew. */
  resetParameters(): void {
    normal_(this.weight);
    const { paddingIdx } = this;
    if (paddingIdx !== undefined) withoutRecording(() => this.weight.select(0, paddingIdx).fill_(0));
  }
}

/** A layer with given rows, which are trained only if they are not frozen. */
export function withRows<M extends LookupTable>(
  embeddings: Tensor,
  isFrozen: boolean,
  make: (rows: number, width: number) => M,
): M {
  if (embeddings.sizes.length !== 2) throw new Error("Embeddings parameter is expected to be 2-dimensional");
  const [rows, width] = embeddings.sizes as [number, number];
  const module = make(rows, width);
  module.weight = new Parameter(embeddings, { requiresGrad: !isFrozen });
  return module;
}
