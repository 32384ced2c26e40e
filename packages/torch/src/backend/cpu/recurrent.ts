/** Recurrent layers: one direction of one layer over all its steps, and its gradients. All operands are row-major. */
import type { DType } from "../../core/dtype.js";
import type { ArrayView } from "../../core/view.js";
import { gateWidth, type RecurrentPlan, recurrentCells } from "../recurrentPlan.js";
import { kernel } from "./block.js";
import { begin, checkedSize, launch, put, putAddress, putDType, putOptional } from "./launch.js";

/** What a layer computes. Those that are undefined are not there, or not asked for. */
export interface RecurrentRows {
  /** `[rows, gates]`: holds the input's part of the gates, and takes what becomes of them. */
  readonly gates: ArrayView;
  /** `[batch, output size]`: the state before the first step, and then after the last. */
  readonly state: ArrayView;
  /** `[batch, hidden size]`: the same of the cell state of an LSTM. */
  readonly cells: ArrayView | undefined;
  /** `[rows, output size]`. */
  readonly output: ArrayView;
  /** The states before each step. */
  readonly previous: ArrayView | undefined;
  /** The cell states before each step of an LSTM. */
  readonly previousCells: ArrayView | undefined;
  /** tanh of the cell states of an LSTM; the hidden part of the new gate of a GRU. */
  readonly inner: ArrayView | undefined;
}

export interface RecurrentWeights {
  /** `[gates, output size]`. */
  readonly weight: ArrayView;
  /** The bias of the hidden part of a GRU's new gate. */
  readonly bias: ArrayView | undefined;
  /** `[output size, hidden size]`. */
  readonly projection: ArrayView | undefined;
}

export interface RecurrentGradients {
  /** Takes the gradient of the gates. */
  readonly gates: ArrayView;
  /** Takes the gradient of the hidden part of a GRU's gates. */
  readonly hidden: ArrayView | undefined;
  /** Takes the gradient of what a projection gave. */
  readonly projected: ArrayView | undefined;
  /** The gradients of the last states, which become those of the first. */
  readonly state: ArrayView;
  readonly cells: ArrayView | undefined;
  readonly output: ArrayView;
}

/** The counts of elements that operands of a layer have. */
interface Counts {
  readonly dtype: DType;
  /** Rows of gates, of hidden size, of output size; and the same of the states. */
  readonly gates: number;
  readonly hidden: number;
  readonly output: number;
  readonly state: number;
  readonly cells: number;
  readonly weight: number;
  readonly projection: number;
}

function putPlan(plan: RecurrentPlan, given: DType): Counts {
  const { cell, runs } = plan;
  const dtype = putDType(given);
  const hiddenSize = checkedSize(plan.hiddenSize);
  const outputSize = checkedSize(plan.outputSize);
  put(recurrentCells.indexOf(cell));
  put(plan.reverse ? 1 : 0);
  put(hiddenSize);
  put(outputSize);
  put(runs.length / 2);
  let rows = 0;
  let batch = Number.POSITIVE_INFINITY;
  for (let i = 0; i < runs.length; i += 2) {
    const steps = checkedSize(runs[i] as number);
    const size = checkedSize(runs[i + 1] as number);
    if (size > batch) throw new RangeError("a step has more rows than the one before");
    batch = size;
    put(steps);
    put(size);
    rows += steps * size;
  }
  const most = runs[1] as number;
  const width = gateWidth(cell, hiddenSize);
  return {
    dtype,
    gates: rows * width,
    hidden: rows * hiddenSize,
    output: rows * outputSize,
    state: most * outputSize,
    cells: most * hiddenSize,
    weight: width * outputSize,
    projection: outputSize * hiddenSize,
  };
}

const runRecurrent = kernel("recurrent");

/** Runs a layer, of float32 or float64. */
export function recurrent(plan: RecurrentPlan, rows: RecurrentRows, weights: RecurrentWeights): void {
  const list = begin();
  const counts = putPlan(plan, rows.gates.dtype);
  const { dtype } = counts;
  putAddress(rows.gates, dtype, counts.gates);
  putAddress(rows.state, dtype, counts.state);
  putOptional(rows.cells, dtype, counts.cells);
  putAddress(rows.output, dtype, counts.output);
  putOptional(rows.previous, dtype, counts.output);
  putOptional(rows.previousCells, dtype, counts.hidden);
  putOptional(rows.inner, dtype, counts.hidden);
  putAddress(weights.weight, dtype, counts.weight);
  putOptional(weights.bias, dtype, plan.hiddenSize);
  putOptional(weights.projection, dtype, counts.projection);
  launch(runRecurrent, list);
}

const runRecurrentBackward = kernel("recurrentBackward");

/** The gradients of a layer that kept all its rows. */
export function recurrentBackward(
  plan: RecurrentPlan,
  grads: RecurrentGradients,
  rows: RecurrentRows,
  weights: RecurrentWeights,
): void {
  const list = begin();
  const counts = putPlan(plan, grads.gates.dtype);
  const { dtype } = counts;
  putAddress(grads.gates, dtype, counts.gates);
  putOptional(grads.hidden, dtype, counts.gates);
  putOptional(grads.projected, dtype, counts.output);
  putAddress(grads.state, dtype, counts.state);
  putOptional(grads.cells, dtype, counts.cells);
  putAddress(grads.output, dtype, counts.output);
  putAddress(rows.gates, dtype, counts.gates);
  putOptional(rows.previous, dtype, counts.output);
  putOptional(rows.previousCells, dtype, counts.hidden);
  putOptional(rows.inner, dtype, counts.hidden);
  putAddress(weights.weight, dtype, counts.weight);
  putOptional(weights.projection, dtype, counts.projection);
  launch(runRecurrentBackward, list);
}
