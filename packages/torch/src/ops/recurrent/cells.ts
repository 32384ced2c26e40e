/** One step of a recurrent layer: what the modules `RNNCell`, `LSTMCell` and `GRUCell` compute. */
import { nullable, optional, tensor, tensors } from "../../arguments/params.js";
import { gateWidth, type RecurrentCell } from "../../backend/recurrentPlan.js";
import { scalarTypeName } from "../../core/dtype.js";
import type { Tensor } from "../../core/tensor.js";
import { op } from "../define.js";
import type { Args, FunctionOp } from "../types.js";
import { type LayerResult, type LayerWeights, runLayer } from "./layer.js";

type Biases = Args<[bIh?: Tensor | null, bHh?: Tensor | null], ["bIh", "bHh"]>;
type CellFunction = FunctionOp<(input: Tensor, hx: Tensor, wIh: Tensor, wHh: Tensor, ...biases: Biases) => Tensor>;

/** Throws unless input, states and weights fit together. */
function check(cell: RecurrentCell, input: Tensor, states: readonly Tensor[], weights: LayerWeights): void {
  const { weightIh, weightHh } = weights;
  for (const one of [input, ...states, weightIh, weightHh]) {
    if (one.sizes.length !== 2) throw new Error(`Expected a matrix, got a tensor of ${one.sizes.length} dims`);
    if (one.dtype !== input.dtype) {
      throw new TypeError(
        `mat1 and mat2 must have the same dtype, but got ${scalarTypeName(input.dtype)} and ${scalarTypeName(one.dtype)}`,
      );
    }
  }
  const [batch, inputSize] = input.sizes as [number, number];
  const [width, hiddenSize] = weightHh.sizes as [number, number];
  if (inputSize !== weightIh.sizes[1]) {
    throw new Error(`input has inconsistent input_size: got ${inputSize} expected ${weightIh.sizes[1]}`);
  }
  states.forEach(({ sizes }, i) => {
    if (sizes[0] !== batch)
      throw new Error(`Input batch size ${batch} doesn't match hidden${i} batch size ${sizes[0]}`);
    if (sizes[1] !== hiddenSize)
      throw new Error(`hidden${i} has inconsistent hidden_size: got ${sizes[1]}, expected ${hiddenSize}`);
  });
  const wanted = gateWidth(cell, hiddenSize);
  for (const weight of [weightIh, weightHh, weights.biasIh, weights.biasHh]) {
    if (weight && weight.sizes[0] !== wanted)
      throw new Error(`the weights of a cell of hidden_size ${hiddenSize} have ${wanted} rows, got ${weight.sizes[0]}`);
  }
  if (width !== wanted) throw new Error(`weight_hh has ${width} rows, expected ${wanted}`);
}

function runCell(cell: RecurrentCell, input: Tensor, states: readonly Tensor[], weights: LayerWeights): LayerResult {
  check(cell, input, states, weights);
  const [state, cells] = states as [Tensor, Tensor?];
  return runLayer({ ...weights, cell, reverse: false, runs: [1, input.sizes[0] as number], input, state, cells });
}

const weightParams = {
  wIh: tensor,
  wHh: tensor,
  bIh: optional(nullable(tensor)),
  bHh: optional(nullable(tensor)),
};

function plainCell(name: string, cell: RecurrentCell): CellFunction {
  return op({
    name,
    variants: "function",
    params: { input: tensor, hx: tensor, ...weightParams },
    composite: ({ input, hx, wIh, wHh, bIh, bHh }) =>
      runCell(cell, input, [hx], { weightIh: wIh, weightHh: wHh, biasIh: bIh, biasHh: bHh }).state,
  });
}

/** `tanh(input @ wIh.T + bIh + hx @ wHh.T + bHh)` for an input `[batch, in]` and a state `[batch, hidden]`. */
export const rnnTanhCell: CellFunction = plainCell("rnnTanhCell", "tanh");

/** `relu(input @ wIh.T + bIh + hx @ wHh.T + bHh)` for an input `[batch, in]` and a state `[batch, hidden]`. */
export const rnnReluCell: CellFunction = plainCell("rnnReluCell", "relu");

/**
 * The next state of a gated recurrent unit, with weights of `3 · hidden` rows.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.nn.GRUCell.html
 */
export const gruCell: CellFunction = plainCell("gruCell", "gru");

/**
 * The next states `[h, c]` of a long short-term memory, with weights of `4 · hidden` rows.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.nn.LSTMCell.html
 */
export const lstmCell: FunctionOp<
  (input: Tensor, hx: readonly Tensor[], wIh: Tensor, wHh: Tensor, ...biases: Biases) => [h: Tensor, c: Tensor]
> = op({
  name: "lstmCell",
  variants: "function",
  params: { input: tensor, hx: tensors, ...weightParams },
  composite: ({ input, hx, wIh, wHh, bIh, bHh }) => {
    if (hx.length !== 2) throw new Error("lstm_cell expects two hidden states");
    const weights = { weightIh: wIh, weightHh: wHh, biasIh: bIh, biasHh: bHh };
    const { state, cells } = runCell("lstm", input, hx, weights);
    return [state, cells as Tensor];
  },
});
