/**
 * Connectionist temporal classification.
 *
 * Source: https://pytorch.org/docs/stable/generated/torch.nn.functional.ctc_loss.html
 */
import { anything, flag, int, ints, optional, type Param, requiredFlag, tensor } from "../../arguments/params.js";
import { ctcLossBackward as ctcBackwardKernel, ctcLoss as ctcKernel } from "../../backend/kernels.js";
import { Category, float32, float64, int64, scalarTypeName } from "../../core/dtype.js";
import { safeInteger } from "../../core/scalars.js";
import { formatShape } from "../../core/shape.js";
import { Tensor } from "../../core/tensor.js";
import { LossSignature } from "../autocast.js";
import { tensor as tensorOf } from "../creation/data.js";
import { named, op } from "../define.js";
import { where } from "../indexing/masks.js";
import type { Args, FunctionOp } from "../types.js";
import { classIndices } from "./classIndices.js";
import { type ReductionOption, reductionParam } from "./reduction.js";

/** How long the inputs and the targets of a batch are, and where targets begin. */
export class Lengths {
  constructor(
    readonly inputs: readonly number[],
    readonly targets: readonly number[],
    readonly starts: readonly number[],
  ) {}

  /** Those of so many batches, whose targets begin so many labels later in each. */
  repeated(times: number, labels: number): Lengths {
    const repeat = (list: readonly number[], step = 0) =>
      Array.from({ length: times }, (_, i) => list.map((value) => value + i * step)).flat();
    return new Lengths(repeat(this.inputs), repeat(this.targets), repeat(this.starts, labels));
  }
}

/** The loss of each target, and what the gradient needs. */
interface Losses extends Iterable<Tensor> {
  readonly losses: Tensor;
  /** Logarithms of the likelihoods of all beginnings: [N, T, 2 S + 1]. */
  readonly alpha: Tensor;
}

const others = {
  lengths: anything as Param<Lengths>,
  blank: int,
  zeroInfinity: requiredFlag,
};

function targetsOf({ labels, lengths, blank }: { labels: Tensor; lengths: Lengths; blank: number }) {
  return { blank, labels, starts: lengths.starts, lengths: lengths.targets, inputLengths: lengths.inputs };
}

const lossesOf: FunctionOp<
  (logProbs: Tensor, labels: Tensor, lengths: Lengths, blank: number, zeroInfinity: boolean) => Losses
> = op({
  name: "ctcLoss",
  id: "ctcLoss.losses",
  variants: "function",
  params: { logProbs: tensor, labels: tensor, ...others },
  forward: ({ logProbs, ...targets }) => {
    const [times, batch] = logProbs.sizes as [number, number, number];
    const losses = Tensor.empty([batch], logProbs.dtype);
    const alpha = Tensor.empty([batch, times, 2 * Math.max(0, ...targets.lengths.targets) + 1], logProbs.dtype);
    ctcKernel(losses, alpha, logProbs.contiguous(), targetsOf(targets));
    return named({ losses, alpha });
  },
  saves: ["logProbs", "labels", "results"],
  backward: ([grad], { logProbs, labels, lengths, blank, zeroInfinity, results }) => {
    const [losses, alpha] = results as [Tensor, Tensor];
    return {
      logProbs: grad && gradient(grad, logProbs, losses, labels, alpha, lengths, blank, zeroInfinity),
    };
  },
});

type Gradient = FunctionOp<
  (
    grad: Tensor,
    logProbs: Tensor,
    losses: Tensor,
    labels: Tensor,
    alpha: Tensor,
    lengths: Lengths,
    blank: number,
    zeroInfinity: boolean,
  ) => Tensor
>;

/** As in PyTorch, its own derivative is not known. */
const gradient: Gradient = op({
  name: "ctcLossBackward",
  variants: "function",
  params: { grad: tensor, logProbs: tensor, losses: tensor, labels: tensor, alpha: tensor, ...others },
  forward: ({ grad, logProbs, losses, alpha, zeroInfinity, ...targets }) => {
    const result = Tensor.empty(logProbs.sizes, logProbs.dtype);
    const given = logProbs.contiguous();
    ctcBackwardKernel(result, grad.contiguous(), given, targetsOf(targets), losses, alpha, zeroInfinity);
    return result;
  },
});

/** How long sequences are: a list of numbers, or an integer tensor. */
export type LengthList = Tensor | readonly number[];

const lengthsParam: Param<LengthList> = {
  ...(ints as Param<LengthList>),
  expected: "Tensor or tuple of ints",
  read: (value) => (value instanceof Tensor ? value : ints.read(value)),
};

/** Lengths for each of the batch, from 0 to a limit. */
function readLengths(name: string, given: LengthList, batch: number, limit: number): number[] {
  if (given instanceof Tensor && given.dtype.category !== Category.Integer) {
    throw new TypeError(`${name} must be integral, got ${given.dtype}`);
  }
  const count = given instanceof Tensor ? given.numel() : given.length;
  if (count !== batch) throw new Error(`${name} must be of size batch_size (${batch}), got ${count}`);
  // Nothing is known of lengths without numbers.
  if (given instanceof Tensor && given.isMeta) return new Array(batch).fill(0);
  const lengths =
    given instanceof Tensor ? (given.reshape(-1).tolist() as (number | bigint)[]).map(safeInteger) : given;
  for (const length of lengths) {
    if (length > limit)
      throw new RangeError(`Expected ${name} to have value at most ${limit}, but got value ${length}`);
    if (length < 0) throw new RangeError(`Expected ${name} to have value at least 0, but got value ${length}`);
  }
  return [...lengths];
}

/** Where each target begins in all labels: one behind the other, or each in a row of its own. */
function startsOf(targets: Tensor, lengths: readonly number[]): number[] {
  const { sizes } = targets;
  const most = Math.max(0, ...lengths);
  if (sizes.length === 1) {
    const starts: number[] = [];
    let end = 0;
    for (const length of lengths) {
      starts.push(end);
      end += length;
    }
    if (end !== sizes[0] && !targets.isMeta)
      throw new Error(
        `Expected tensor to have size ${end} at dimension 0, but got size ${sizes[0]} for argument #2 'targets'`,
      );
    return starts;
  }
  const [rows, width] = sizes as [number, number];
  if (sizes.length !== 2 || rows !== lengths.length)
    throw new Error(
      `Expected targets of shape [${lengths.length}, S] or [sum of target_lengths], but got ${formatShape(sizes)}`,
    );
  if (width < most) {
    throw new Error(
      `Expected tensor to have size at least ${most} at dimension 1, but got size ${width} for argument #2 'targets'`,
    );
  }
  return lengths.map((_, b) => b * width);
}

const signature = new LossSignature("ctcLoss", {
  logProbs: tensor,
  targets: tensor,
  inputLengths: lengthsParam,
  targetLengths: lengthsParam,
  blank: optional(int, 0),
  reduction: reductionParam,
  zeroInfinity: flag,
});

/**
 * How unlikely target sequences are under all alignments of them with longer inputs: the negative logarithm of the sum of
 * the likelihoods of all ways to spread a target over the times of its input, with blanks between.
 *
 * The gradient is that of log-probabilities which come from `logSoftmax`.
 *
 * @param logProbs `[T, N, C]`, or `[T, C]` without a batch: for each time the log-probabilities of all classes.
 * @param targets labels, whole numbers other than the blank: `[N, S]`, or all of them behind each other.
 * @param inputLengths how many times of each input count.
 * @param targetLengths how many labels each target has.
 * @param blank the class that stands for no label; 0 by default.
 * @param options.reduction `"mean"` divides each loss by the length of its target before.
 * @param options.zeroInfinity whether infinite losses, of inputs that are too short, count as 0 and have no gradient.
 * @throws RangeError for a label that is no class, or a length out of range.
 * @see https://pytorch.org/docs/stable/generated/torch.nn.functional.ctc_loss.html
 */
export function ctcLoss(
  ...args: [
    logProbs: Tensor,
    targets: Tensor,
    inputLengths: LengthList,
    targetLengths: LengthList,
    ...rest: Args<[blank?: number], ["blank"], ReductionOption & { zeroInfinity?: boolean }>,
  ]
): Tensor {
  const { logProbs: given, blank, reduction, zeroInfinity, ...lists } = signature.parse(args);
  const ndim = given.sizes.length;
  if (ndim !== 2 && ndim !== 3)
    throw new Error(`Expected 3-dimensional tensor, but got ${ndim}-dimensional tensor for argument #1 'log_probs'`);
  const logProbs = ndim === 3 ? given : given.unsqueeze(1);
  const { dtype } = logProbs;
  if (dtype !== float32 && dtype !== float64)
    throw new TypeError(`"ctc_loss_cpu" not implemented for '${scalarTypeName(dtype)}'`);
  const [times, batch, classes] = logProbs.sizes as [number, number, number];
  if (blank < 0 || blank >= classes)
    throw new RangeError(`blank must be in label range, got ${blank} of ${classes} classes`);
  const inputs = readLengths("input_lengths", lists.inputLengths, batch, times);
  const lengths = readLengths("target_lengths", lists.targetLengths, batch, Number.MAX_SAFE_INTEGER);
  const isWhole = lists.targets.dtype.category === Category.Integer;
  const targets = isWhole ? lists.targets.to(int64) : classIndices(lists.targets);
  const starts = startsOf(targets, lengths);
  const { losses: all } = lossesOf(
    logProbs,
    targets.contiguous(),
    new Lengths(inputs, lengths, starts),
    blank,
    zeroInfinity,
  );
  const losses = zeroInfinity ? where(all.eq(Infinity), 0, all) : all;
  if (reduction === "none") return ndim === 3 ? losses : losses.squeeze(0);
  if (reduction === "sum") return losses.sum();
  const divisors = lengths.map((length) => Math.max(1, length));
  return losses.div(tensorOf(divisors, { dtype, device: logProbs.device })).mean();
}
