/** Steps of optimizers in place, over a list of parameters at once. */
import type { DType } from "../../core/dtype.js";
import { numelOf } from "../../core/shape.js";
import type { ArrayView } from "../../core/view.js";
import { firstScalarSlot, type Kernel, kernel } from "./block.js";
import { begin, checkedSize, launch, put, putAddress, putDType, putOptional } from "./launch.js";

const kernels = {
  adadelta: kernel("adadeltaStep"),
  adagrad: kernel("adagradStep"),
  adam: kernel("adamStep"),
  adamax: kernel("adamaxStep"),
  asgd: kernel("asgdStep"),
  nadam: kernel("nadamStep"),
  radam: kernel("radamStep"),
  rmsprop: kernel("rmspropStep"),
  rprop: kernel("rpropStep"),
  sgd: kernel("sgdStep"),
} as const satisfies Record<string, Kernel>;

export type OptimizerRule = keyof typeof kernels;

/** Parameters that a kernel updates. */
export interface StepRows {
  /**
   * For each parameter its view, that of its gradient, then tensors of its state, of which some may be missing, and the
   * numbers that it counts in tensors of their own. Those of its size are contiguous and of its dtype.
   */
  readonly views: readonly (ArrayView | undefined)[];
  /** How many tensors, and how many numbers, each parameter has. */
  readonly states: number;
  readonly counts: number;
  /** Whether the first tensor of the state holds nothing yet. */
  readonly isFresh: boolean;
}

/** Updates parameters of one dtype by a rule; the numbers are its options, in the order in which its kernel reads them. */
export function optimizerStep(rule: OptimizerRule, dtype: DType, numbers: readonly number[], rows: StepRows): void {
  const width = 2 + rows.states + rows.counts;
  // A size, an address each, and for a count the dtype too.
  const slots = 1 + width + rows.counts;
  const atOnce = Math.floor((firstScalarSlot - numbers.length - 6) / slots);
  const count = rows.views.length / width;
  for (let first = 0; first < count; first += atOnce) {
    launchRows(kernels[rule], dtype, numbers, rows, first, Math.min(atOnce, count - first));
  }
}

function launchRows(
  run: Kernel,
  given: DType,
  numbers: readonly number[],
  { views, states, counts, isFresh }: StepRows,
  first: number,
  count: number,
): void {
  const list = begin();
  const dtype = putDType(given);
  put(isFresh ? 1 : 0);
  put(count);
  put(states);
  put(counts);
  for (const number of numbers) put(number);
  let at = first * (2 + states + counts);
  for (let i = 0; i < count; i++) {
    const size = checkedSize(numelOf((views[at] as ArrayView).sizes));
    put(size);
    for (const end = at + 2 + states; at < end; at++) putOptional(views[at], dtype, size);
    for (const end = at + counts; at < end; at++) putCount(views[at] as ArrayView);
  }
  launch(run, list);
}

function putCount(view: ArrayView): void {
  putAddress(view, view.dtype, 1);
  putDType(view.dtype);
}
