/** `torch.optim.swa_utils`: averages of models over the steps of their training. */
import { callable, device, flag, int, nullable, number, optional, word } from "../arguments/params.js";
import { Signature } from "../arguments/parse.js";
import { withRecording } from "../autograd/modes.js";
import type { Device } from "../core/devices.js";
import { int64 } from "../core/dtype.js";
import { sameShape } from "../core/shape.js";
import { Tensor } from "../core/tensor.js";
import { Module } from "../nn/module.js";
import { BatchNorm1d, BatchNorm2d, BatchNorm3d, SyncBatchNorm } from "../nn/modules/batchNorm.js";
import { deepcopy } from "../ops/creation/deepcopy.js";
import type { Args } from "../ops/types.js";
import { forEachGroup, LRScheduler, numberOrNumbers, optimizerParam } from "./lrScheduler/scheduler.js";
import type { Optimizer } from "./optimizer.js";
import { rateOf } from "./rate.js";

/** The new average, from the average so far, the model's tensor, and how many went into the average. */
export type AverageFn = (averaged: Tensor, current: Tensor, numAveraged: Tensor) => Tensor;
/** Changes averages in place. */
export type MultiAverageFn = (averaged: readonly Tensor[], current: readonly Tensor[], numAveraged: Tensor) => void;

function checkDecay(decay: number): void {
  if (decay >= 0 && decay <= 1) return;
  throw new RangeError(`Invalid decay value ${decay} provided. Please provide a value in [0,1] range.`);
}

/**
 * The exponential average: `decay * averaged + (1 - decay) * current`.
 *
 * @throws RangeError for a decay outside of [0, 1].
 */
export function getEmaAvgFn(decay = 0.999): AverageFn {
  checkDecay(decay);
  return (averaged, current) => averaged.mul(decay).add(current.mul(1 - decay));
}

/** The average in which all have the same weight. */
export function getSwaAvgFn(): AverageFn {
  return (averaged, current, numAveraged) => averaged.add(current.sub(averaged).div(numAveraged.add(1)));
}

/**
 * The exponential average, in place over lists.
 *
 * @throws RangeError for a decay outside of [0, 1].
 */
export function getEmaMultiAvgFn(decay = 0.999): MultiAverageFn {
  checkDecay(decay);
  const average = getEmaAvgFn(decay);
  return (averaged, current, numAveraged) => {
    averaged.forEach((tensor, i) => {
      const other = current[i] as Tensor;
      if (tensor.dtype.isFloatingPoint) tensor.lerp_(other, 1 - decay);
      else tensor.copy_(average(tensor, other, numAveraged));
    });
  };
}

/** The average in which all have the same weight, in place over lists. */
export function getSwaMultiAvgFn(): MultiAverageFn {
  const average = getSwaAvgFn();
  return (averaged, current, numAveraged) => {
    averaged.forEach((tensor, i) => {
      const other = current[i] as Tensor;
      if (tensor.dtype.isFloatingPoint) tensor.lerp_(other, 1 / (numAveraged.item() + 1));
      else tensor.copy_(average(tensor, other, numAveraged));
    });
  };
}

export interface AveragedModelOptions {
  /** Where the average is; where the model is unless it is given. */
  device?: Device | null;
  avgFn?: AverageFn | null;
  multiAvgFn?: MultiAverageFn | null;
  /** Whether buffers are averaged too; else they are those of the model. */
  useBuffers?: boolean;
}

const modelSignature = new Signature("AveragedModel", {
  device: optional(nullable(device), null),
  avgFn: optional(nullable(callable), null),
  multiAvgFn: optional(nullable(callable), null),
  useBuffers: flag,
});

/**
 * A copy of a model whose parameters are the average of those that the model had at each call of `updateParameters`:
 * with equal weights (stochastic weight averaging), or as `avgFn` or `multiAvgFn` says, such as `getEmaMultiAvgFn`.
 *
 * @example
 * const average = new optim.swaUtils.AveragedModel(model, { multiAvgFn: optim.swaUtils.getEmaMultiAvgFn(0.999) });
 * // after each step of the optimizer
 * average.updateParameters(model);
 * @throws Error if both kinds of functions are given.
 * @see https://pytorch.org/docs/stable/optim.html#weight-averaging-swa-and-ema
 * @see https://arxiv.org/abs/1803.05407
 */
export class AveragedModel<M extends Module = Module> extends Module {
  module: M;
  /** How many models went into the average. */
  declare nAveraged: Tensor;
  avgFn: AverageFn | null;
  multiAvgFn: MultiAverageFn | null;
  useBuffers: boolean;

  constructor(model: M, ...options: [options?: AveragedModelOptions]) {
    super();
    const { device, avgFn, multiAvgFn, useBuffers } = modelSignature.parse(options);
    if (avgFn !== null && multiAvgFn !== null) {
      throw new Error("Only one of avg_fn and multi_avg_fn should be provided");
    }
    const module = deepcopy(model);
    this.module = device === null ? module : (module.to(device) as M);
    this.registerBuffer("n_averaged", Tensor.empty([], int64).zero_());
    this.avgFn = avgFn as AverageFn | null;
    this.multiAvgFn = multiAvgFn as MultiAverageFn | null;
    this.useBuffers = useBuffers;
  }

  override forward(...inputs: unknown[]): unknown {
    return (this.module as Module)(...inputs);
  }

  /** Takes the parameters that a model has now into the average; the first ones are copied. */
  updateParameters(model: Module): void {
    withRecording(false, () => {
      const [own, given] = [this.averaged(this.module), this.averaged(model)];
      checkAlike(own, given);
      const current = own.map((tensor, i) => (given[i] as Tensor).to(tensor.device));
      if (this.nAveraged.item() === 0) own.forEach((tensor, i) => void tensor.copy_(current[i] as Tensor));
      else this.average(own, current);
      if (!this.useBuffers) {
        const buffers = [...model.buffers()];
        [...this.module.buffers()].forEach((buffer, i) => void buffer.copy_((buffers[i] as Tensor).to(buffer.device)));
      }
      this.nAveraged.add_(1);
    });
  }

  /** The tensors of a model that are averaged. */
  private averaged(model: Module): Tensor[] {
    const tensors = this.useBuffers ? [...model.parameters(), ...model.buffers()] : [...model.parameters()];
    return tensors.map((tensor) => tensor.detach());
  }

  private average(own: readonly Tensor[], current: readonly Tensor[]): void {
    if (this.multiAvgFn !== null) return this.multiAvgFn(own, current, this.nAveraged);
    const average = this.avgFn ?? getSwaAvgFn();
    own.forEach((tensor, i) => void tensor.copy_(average(tensor, current[i] as Tensor, this.nAveraged)));
  }
}

/** Throws unless tensors have the sizes of those of which they are averages. */
function checkAlike(own: readonly Tensor[], given: readonly Tensor[]): void {
  if (own.length !== given.length) {
    throw new Error(
      `updateParameters(): the model has ${given.length} tensors to average, and the average ${own.length}`,
    );
  }
  own.forEach((tensor, i) => {
    const other = given[i] as Tensor;
    if (sameShape(tensor.sizes, other.sizes)) return;
    const shapes = `[${other.sizes.join(", ")}], and of the average [${tensor.sizes.join(", ")}]`;
    throw new Error(`updateParameters(): tensor ${i} of the model has the size ${shapes}`);
  });
}

type BatchNorm = BatchNorm1d | BatchNorm2d | BatchNorm3d | SyncBatchNorm;

function isBatchNorm(module: Module): module is BatchNorm {
  return [BatchNorm1d, BatchNorm2d, BatchNorm3d, SyncBatchNorm].some((Kind) => module instanceof Kind);
}

const updateSignature = new Signature("updateBn", { device: optional(nullable(device), null) });

/**
 * Computes the running statistics of a model's batch normalizations anew, in one pass over data. An averaged model needs
 * it, since its layers never saw data.
 *
 * @param loader batches; of a list its first item is what the model takes.
 * @param options.device where batches go first.
 */
export function updateBn(loader: Iterable<unknown>, model: Module, ...options: [options?: { device?: Device }]): void {
  const { device } = updateSignature.parse(options);
  const layers = [...model.modules()].filter(isBatchNorm);
  if (layers.length === 0) return;
  const momenta = layers.map(({ momentum }) => momentum);
  const wasTraining = model.training;
  model.train();
  for (const layer of layers) {
    layer.resetRunningStats();
    layer.momentum = null;
  }
  withRecording(false, () => {
    for (const batch of loader) {
      const input = (Array.isArray(batch) ? batch[0] : batch) as Tensor;
      model(device === null ? input : input.to(device));
    }
  });
  layers.forEach((layer, i) => {
    layer.momentum = momenta[i] as number | null;
  });
  model.train(wasTraining);
}

const swalrSignature = new Signature("SWALR", {
  optimizer: optimizerParam,
  swaLr: numberOrNumbers,
  annealEpochs: optional(number, 10),
  annealStrategy: optional(word("cos", "linear"), "cos"),
  lastEpoch: optional(int, -1),
});

/**
 * The rate goes to `swaLr` in `annealEpochs` steps and stays there, for the time in which a model is averaged.
 *
 * @example new optim.swaUtils.SWALR(optimizer, 0.05, 5, { annealStrategy: "linear" });
 * @throws RangeError for a number of steps that is none; Error for a list of rates that does not fit the groups.
 * @see https://pytorch.org/docs/stable/optim.html#swa-learning-rate-schedules
 */
export class SWALR extends LRScheduler {
  annealEpochs: number;
  /** @internal */
  _annealStrategy: "cos" | "linear";

  constructor(
    ...args: [
      optimizer: Optimizer,
      swaLr: number | readonly number[],
      ...rest: Args<
        [annealEpochs?: number],
        ["annealEpochs"],
        { annealStrategy?: "cos" | "linear"; lastEpoch?: number }
      >,
    ]
  ) {
    const { optimizer, swaLr, annealEpochs, annealStrategy, lastEpoch } = swalrSignature.parse(args);
    const rates = forEachGroup("swa_lr", optimizer, swaLr);
    if (!(Number.isInteger(annealEpochs) && annealEpochs >= 0)) {
      throw new RangeError(`anneal_epochs must be equal or greater than 0, got ${annealEpochs}`);
    }
    super(optimizer);
    this.groups.forEach((group, i) => {
      group.swaLr = rates[i];
    });
    this.annealEpochs = annealEpochs;
    this._annealStrategy = annealStrategy;
    this.start(lastEpoch);
  }

  override getLr(): number[] {
    this.checkWithinStep();
    const step = this.annealEpochs === 0 ? Math.max(1, this._stepCount - 1) : this._stepCount - 1;
    const [before, now] = [this.share(step - 1), this.share(step)];
    return this.groups.map((group) => {
      const swaLr = group.swaLr as number;
      const initial = before === 1 ? swaLr : (rateOf(group.lr) - before * swaLr) / (1 - before);
      return swaLr * now + initial * (1 - now);
    });
  }

  /** How much of the way the rate has gone after a number of steps. */
  private share(step: number): number {
    const t = Math.max(0, Math.min(1, step / Math.max(1, this.annealEpochs)));
    return this._annealStrategy === "cos" ? (1 - Math.cos(Math.PI * t)) / 2 : t;
  }
}
