/** An approximation of softmax over many classes, of which few are frequent. */
import { flag, int, ints, number, optional, tensor } from "../../arguments/params.js";
import { readArgument } from "../../arguments/parse.js";
import { formatShape } from "../../core/shape.js";
import type { Tensor } from "../../core/tensor.js";
import { type Named, named } from "../../ops/define.js";
import { cat } from "../../ops/shape/joining.js";
import type { Args } from "../../ops/types.js";
import { type FactoryOptions, factoryParams, read } from "../arguments.js";
import { ModuleList, Sequential } from "../containers/list.js";
import { Module } from "../module.js";
import { Linear } from "./linear.js";

const notIncreasing =
  "cutoffs should be a sequence of unique, positive integers sorted in an increasing order, where each value is between 1 and n_classes-1";

/**
 * Log-probabilities of classes that are sorted by how frequent they are, and the loss of targets. The most frequent ones,
 * up to the first cutoff, have a linear layer of their own, which also tells how likely each cluster of rarer ones is; the
 * further behind a cluster is, the smaller are its two layers.
 *
 * @param cutoffs where the clusters begin.
 * @param divValue by how much the size of each cluster is divided; 4 by default.
 * @example
 * const softmax = new nn.AdaptiveLogSoftmaxWithLoss(256, 10000, [100, 1000]);
 * const { output, loss } = softmax(hidden, words);
 * @see https://pytorch.org/docs/stable/generated/torch.nn.AdaptiveLogSoftmaxWithLoss.html
 */
export class AdaptiveLogSoftmaxWithLoss extends Module {
  inFeatures: number;
  nClasses: number;
  cutoffs: readonly number[];
  divValue: number;
  headBias: boolean;
  shortlistSize: number;
  nClusters: number;
  headSize: number;
  head: Linear;
  tail: ModuleList<Sequential>;

  constructor(
    ...args: [
      inFeatures: number,
      nClasses: number,
      cutoffs: readonly number[],
      ...rest: Args<[divValue?: number], ["divValue"], { headBias?: boolean } & FactoryOptions>,
    ]
  ) {
    super();
    const params = {
      inFeatures: int,
      nClasses: int,
      cutoffs: ints,
      divValue: optional(number, 4),
      headBias: flag,
      ...factoryParams,
    };
    const { inFeatures, nClasses, cutoffs, divValue, headBias, ...factory } = read(this, params, args);
    const isIncreasing = cutoffs.every((cutoff, i) => cutoff > (cutoffs[i - 1] ?? 0));
    if (!isIncreasing || cutoffs.length === 0 || (cutoffs.at(-1) as number) > nClasses - 1) {
      throw new RangeError(`${notIncreasing}, got ${formatShape(cutoffs)}`);
    }
    this.inFeatures = inFeatures;
    this.nClasses = nClasses;
    this.cutoffs = [...cutoffs, nClasses];
    this.divValue = divValue;
    this.headBias = headBias;
    this.shortlistSize = cutoffs[0] as number;
    this.nClusters = cutoffs.length;
    this.headSize = this.shortlistSize + this.nClusters;
    const options = factory as FactoryOptions;
    this.head = new Linear(inFeatures, this.headSize, { bias: headBias, ...options });
    this.tail = new ModuleList(
      cutoffs.map((cutoff, i) => {
        const hidden = Math.floor(inFeatures / divValue ** (i + 1));
        const classes = (this.cutoffs[i + 1] as number) - cutoff;
        const layer = (from: number, to: number) => new Linear(from, to, { bias: false, ...options });
        return new Sequential(layer(inFeatures, hidden), layer(hidden, classes));
      }),
    );
  }

  /** Draws all weights anew. */
  resetParameters(): void {
    this.head.resetParameters();
    for (const cluster of this.tail) for (const layer of cluster) (layer as Linear).resetParameters();
  }

  /**
   * The log-probability of each target, and the mean loss.
   *
   * @param input `[N, inFeatures]`, or `[inFeatures]`.
   * @param target classes `[N]`, or one.
   */
  override forward(input: Tensor, target: Tensor): Named<{ output: Tensor; loss: Tensor }> {
    const name = "AdaptiveLogSoftmaxWithLoss";
    checkShapes(readArgument(name, "input", tensor, input), readArgument(name, "target", tensor, target));
    const isBatched = target.ndim > 0;
    const [rows, classes] = isBatched ? [input, target] : [input.unsqueeze(0), target.unsqueeze(0)];
    const starts = [0, ...this.cutoffs];
    let output = rows.newZeros(classes.sizes);
    let headClasses = classes;
    let found = 0;
    for (let i = 0; i <= this.nClusters; i++) {
      const [low, high] = [starts[i] as number, starts[i + 1] as number];
      const mask = classes.ge(low).logicalAnd(classes.lt(high));
      const places = mask.nonzero().squeeze(1);
      found += places.numel();
      if (i === 0 || places.numel() === 0) continue;
      const logProbs = (this.tail.at(i - 1) as Sequential)(rows.indexSelect(0, places)).logSoftmax(1);
      const own = classes.indexSelect(0, places).sub(low);
      output = output.indexCopy(0, places, logProbs.gather(1, own.unsqueeze(1)).squeeze(1));
      headClasses = headClasses.indexFill(0, places, this.shortlistSize + i - 1);
    }
    if (found !== classes.numel()) {
      throw new RangeError(
        `Target values should be in [0, ${this.nClasses - 1}], but values in range [${classes.min().item()}, ${classes.max().item()}] were found. `,
      );
    }
    output = output.add(this.head(rows).logSoftmax(1).gather(1, headClasses.unsqueeze(1)).squeeze(1));
    const loss = output.neg().mean();
    return named({ output: isBatched ? output : output.squeeze(0), loss });
  }

  /** The log-probabilities of all classes: `[N, inFeatures]` becomes `[N, nClasses]`. */
  logProb(input: Tensor): Tensor {
    const head = this.head(input).logSoftmax(1);
    const clusters = [...this.tail].map((cluster, i) =>
      cluster(input)
        .logSoftmax(1)
        .add(head.narrow(1, this.shortlistSize + i, 1)),
    );
    return cat([head.narrow(1, 0, this.shortlistSize), ...clusters], 1);
  }

  /** The most likely class of each input. */
  predict(input: Tensor): Tensor {
    return this.logProb(input).argmax(1);
  }
}

function checkShapes(input: Tensor, target: Tensor): void {
  if (target.ndim > 1) throw new Error("0D or 1D target tensor expected, multi-target not supported");
  if (target.ndim === 1 && input.shape[0] !== target.shape[0]) {
    throw new Error(
      `Input and target should have the same size in the batch dimension, got ${input.shape[0]} and ${target.shape[0]}.`,
    );
  }
  if (input.ndim !== target.ndim + 1) {
    throw new Error(
      `${target.ndim}D target tensor expects ${target.ndim + 1}D input tensors, but found inputs with size ${formatShape(input.shape)}`,
    );
  }
}
