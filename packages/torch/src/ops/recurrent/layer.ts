/**
 * One direction of one layer of a recurrent network.
 *
 * The rows of all steps lie one after another, step by step. Sequences are sorted by length, longest first, so that the
 * rows of a step are those of the first sequences: sequences of one length and packed ones are the same to a layer.
 */
import { flagOn, ints, nullable, optional, requiredFlag, tensor, word } from "../../arguments/params.js";
import { isGradEnabled } from "../../autograd/modes.js";
import { matmul, recurrentBackward, recurrent as recurrentKernel } from "../../backend/kernels.js";
import { gateWidth, type RecurrentCell, type RecurrentPlan } from "../../backend/recurrentPlan.js";
import { float32, float64 } from "../../core/dtype.js";
import { Tensor } from "../../core/tensor.js";
import { op } from "../define.js";
import { differentiate } from "../differentiate.js";
import { isTransforming } from "../dispatch.js";
import { cat } from "../shape/joining.js";
import type { FunctionOp } from "../types.js";
import { composeLayer } from "./compose.js";

/** The weights of a layer, as PyTorch has them. */
export interface LayerWeights {
  readonly weightIh: Tensor;
  readonly weightHh: Tensor;
  readonly biasIh?: Tensor | null;
  readonly biasHh?: Tensor | null;
  /** The projection of an LSTM. */
  readonly weightHr?: Tensor | null;
}

export interface LayerArguments extends LayerWeights {
  readonly cell: RecurrentCell;
  readonly reverse: boolean;
  /** Pairs of a number of steps and the number of rows in each of them. */
  readonly runs: readonly number[];
  /** `[rows, features]`. */
  readonly input: Tensor;
  /** `[batch, output size]`. */
  readonly state: Tensor;
  /** `[batch, hidden size]`, of an LSTM. */
  readonly cells?: Tensor | null;
}

export interface LayerResult {
  /** `[rows, output size]`. */
  readonly output: Tensor;
  /** The states after each sequence's last step. */
  readonly state: Tensor;
  readonly cells: Tensor | undefined;
}

/** How a layer goes over its rows. */
function planOf(cell: RecurrentCell, reverse: boolean, runs: readonly number[], weightHh: Tensor): RecurrentPlan {
  const [width, outputSize] = weightHh.sizes as [number, number];
  return { cell, reverse, runs, hiddenSize: width / gateWidth(cell, 1), outputSize };
}

/** The biases that can be added before the steps: all but that of the state's part of a GRU's new gate. */
function biasOf(cell: RecurrentCell, biasIh: Tensor, biasHh: Tensor): Tensor {
  if (cell !== "gru") return biasIh.add(biasHh);
  const [size] = biasHh.sizes as [number];
  const early = (size / 3) * 2;
  return cat([biasIh.narrow(0, 0, early).add(biasHh.narrow(0, 0, early)), biasIh.narrow(0, early, size - early)]);
}

/** The part of the bias that a GRU multiplies by its reset gate. */
function lateBias(cell: RecurrentCell, hiddenSize: number, weightHh: Tensor, biasHh: Tensor | null | undefined) {
  if (cell !== "gru") return undefined;
  return biasHh ? biasHh.narrow(0, 2 * hiddenSize, hiddenSize).contiguous() : weightHh.newZeros([hiddenSize]);
}

/** What the derivative uses, in the places that it has among the results. */
const kept = { gates: 2, previous: 3, inner: 4, previousCells: 5 };

const layer: FunctionOp<
  (
    input: Tensor,
    state: Tensor,
    cells: Tensor | null | undefined,
    weightIh: Tensor,
    weightHh: Tensor,
    biasIh: Tensor | null | undefined,
    biasHh: Tensor | null | undefined,
    weightHr: Tensor | null | undefined,
    cell: RecurrentCell,
    reverse: boolean,
    runs: readonly number[],
    keeps: boolean,
  ) => Tensor[]
> = op({
  name: "recurrentLayer",
  variants: "function",
  params: {
    input: tensor,
    state: tensor,
    cells: optional(nullable(tensor)),
    weightIh: tensor,
    weightHh: tensor,
    biasIh: optional(nullable(tensor)),
    biasHh: optional(nullable(tensor)),
    weightHr: optional(nullable(tensor)),
    cell: { ...word("tanh", "relu", "lstm", "gru"), endsPositional: false },
    reverse: { ...requiredFlag, endsPositional: false },
    runs: ints,
    keeps: { ...flagOn, isOptional: false, endsPositional: false },
  },
  forward: ({ cell, reverse, runs, keeps, input, weightIh, weightHh, biasIh, biasHh, weightHr, ...given }) => {
    const plan = planOf(cell, reverse, runs, weightHh);
    const { hiddenSize, outputSize } = plan;
    const { dtype } = input;
    const count = input.sizes[0] as number;
    const rowsOf = (width: number) => Tensor.empty([count, width], dtype);
    const gates = rowsOf(gateWidth(cell, hiddenSize));
    const bias = biasIh && biasHh ? biasOf(cell, biasIh, biasHh) : undefined;
    matmul(gates, input, weightIh.t(), bias === undefined ? {} : { bias });
    const output = rowsOf(outputSize);
    const state = given.state.contiguous().clone();
    const cells = given.cells?.contiguous().clone();
    const previous = keeps ? rowsOf(outputSize) : undefined;
    const inner = keeps && (cell === "lstm" || cell === "gru") ? rowsOf(hiddenSize) : undefined;
    const previousCells = keeps && cell === "lstm" ? rowsOf(hiddenSize) : undefined;
    recurrentKernel(
      plan,
      { gates, state, cells, output, previous, previousCells, inner },
      {
        weight: weightHh.contiguous(),
        bias: lateBias(cell, hiddenSize, weightHh, biasHh),
        projection: weightHr?.contiguous(),
      },
    );
    const keptRows = keeps ? [gates, previous, inner, previousCells] : [];
    return [output, state, ...keptRows, cells].filter((one) => one !== undefined);
  },
  saves: ["input", "state", "cells", "weightIh", "weightHh", "biasIh", "biasHh", "weightHr", "results"],
  savedResults: Object.values(kept),
  backward: (grads, saved, needs) => {
    const { cell, reverse, runs, input, weightIh, weightHh, biasIh, biasHh, weightHr, results } = saved;
    const [gradOutput, gradState] = grads;
    const gradCells = cell === "lstm" ? grads.at(-1) : undefined;
    if (isGradEnabled() || isTransforming())
      return differentiateLayer(saved, needs, [gradOutput, gradState, gradCells]);
    const plan = planOf(cell, reverse, runs, weightHh);
    const gates = results[kept.gates] as Tensor;
    const previous = results[kept.previous] as Tensor;
    const inner = results[kept.inner];
    const batch = saved.state.sizes[0] as number;
    const state = startOf(gradState, [batch, plan.outputSize], input);
    const cells = cell === "lstm" ? startOf(gradCells, [batch, plan.hiddenSize], input) : undefined;
    const outer = gradOutput?.contiguous() ?? previous.newZeros(previous.sizes);
    const gradGates = Tensor.empty(gates.sizes, gates.dtype);
    const gradHidden = cell === "gru" ? Tensor.empty(gates.sizes, gates.dtype) : gradGates;
    const projected = weightHr ? Tensor.empty(outer.sizes, outer.dtype) : undefined;
    recurrentBackward(
      plan,
      { gates: gradGates, hidden: gradHidden, projected, state, cells, output: outer },
      { gates, previous, inner, previousCells: results[kept.previousCells], state, cells, output: outer },
      { weight: weightHh.contiguous(), bias: undefined, projection: weightHr?.contiguous() },
    );
    const bias = biasIh && (needs.biasIh || needs.biasHh) ? gradGates.sum(0) : undefined;
    // Before it was projected, the output was the output gate times the tangent of the cells.
    const unprojected = () => gates.narrow(1, 3 * plan.hiddenSize, plan.hiddenSize).mul(inner as Tensor);
    return {
      input: needs.input ? gradGates.mm(weightIh) : undefined,
      state,
      cells,
      weightIh: needs.weightIh ? gradGates.t().mm(input) : undefined,
      weightHh: needs.weightHh ? gradHidden.t().mm(previous) : undefined,
      biasIh: bias,
      biasHh: biasHh && needs.biasHh ? (gradHidden === gradGates ? bias?.clone() : gradHidden.sum(0)) : undefined,
      weightHr: projected && needs.weightHr ? projected.t().mm(unprojected()) : undefined,
    };
  },
});

/** Memory that holds the gradient of a last state, and will hold that of the first. */
function startOf(grad: Tensor | undefined, sizes: readonly number[], like: Tensor): Tensor {
  return grad === undefined ? like.newZeros(sizes) : grad.contiguous().clone();
}

type Differentiable = Pick<LayerArguments, "cell" | "reverse" | "runs"> & {
  readonly [K in (typeof tensorNames)[number]]: Tensor | null | undefined;
};

const tensorNames = ["input", "state", "cells", "weightIh", "weightHh", "biasIh", "biasHh", "weightHr"] as const;

/** The gradients as functions of everything that they depend on. */
function differentiateLayer(
  saved: Differentiable,
  needs: { readonly [K in (typeof tensorNames)[number]]: boolean },
  grads: readonly (Tensor | undefined)[],
): Record<string, Tensor | undefined> {
  const found = differentiate(
    (inputs) => {
      const byName = Object.fromEntries(tensorNames.map((name, i) => [name, inputs[i]]));
      const { output, state, cells } = composeLayer({ ...saved, ...byName } as unknown as LayerArguments);
      return [output, state, cells];
    },
    tensorNames.map((name) => saved[name]),
    tensorNames.map((name) => needs[name]),
    grads,
  );
  return Object.fromEntries(tensorNames.map((name, i) => [name, found[i]]));
}

/** Runs a layer; in dtypes that the kernel does not know, as a composition. */
export function runLayer(args: LayerArguments): LayerResult {
  const { input, state, cells, weightIh, weightHh, biasIh, biasHh, weightHr, cell, reverse, runs } = args;
  if (input.dtype !== float32 && input.dtype !== float64) return composeLayer(args);
  const keeps = isGradEnabled() && tensorNames.some((name) => args[name]?.requiresGrad);
  const results = layer(input, state, cells, weightIh, weightHh, biasIh, biasHh, weightHr, cell, reverse, runs, keeps);
  return {
    output: results[0] as Tensor,
    state: results[1] as Tensor,
    cells: cell === "lstm" ? results.at(-1) : undefined,
  };
}
