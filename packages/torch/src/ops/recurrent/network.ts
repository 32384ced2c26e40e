/** Recurrent networks: layers over layers, in one or both directions. */
import { gateWidth, type RecurrentCell } from "../../backend/recurrentPlan.js";
import type { Tensor } from "../../core/tensor.js";
import { dropout as drop } from "../random/dropout.js";
import { cat, stack } from "../shape/joining.js";
import { type LayerWeights, runLayer } from "./layer.js";

export { gateWidth, type RecurrentCell };

export interface NetworkArguments {
  readonly cell: RecurrentCell;
  /** `[rows, features]`: the rows of all steps one after another, longest sequences first. */
  readonly input: Tensor;
  /** Pairs of a number of steps and the number of rows in each of them. */
  readonly runs: readonly number[];
  /** `[layers · directions, batch, size]`. */
  readonly state: Tensor;
  readonly cells: Tensor | undefined;
  /** Of each direction of each layer. */
  readonly weights: readonly LayerWeights[];
  readonly bidirectional: boolean;
  /** The probability with which what a layer passes to the next is set to 0. */
  readonly dropout: number;
  readonly training: boolean;
}

export interface NetworkResult {
  /** `[rows, directions · size]`. */
  readonly output: Tensor;
  readonly state: Tensor;
  readonly cells: Tensor | undefined;
}

export function runNetwork(network: NetworkArguments): NetworkResult {
  const { cell, runs, weights, bidirectional, dropout, training } = network;
  const directions = bidirectional ? 2 : 1;
  const states: Tensor[] = [];
  const cells: Tensor[] = [];
  let { input } = network;
  for (let first = 0; first < weights.length; first += directions) {
    const outputs: Tensor[] = [];
    for (let i = first; i < first + directions; i++) {
      const result = runLayer({
        ...(weights[i] as LayerWeights),
        cell,
        runs,
        input,
        reverse: i > first,
        state: network.state.select(0, i),
        cells: network.cells?.select(0, i),
      });
      outputs.push(result.output);
      states.push(result.state);
      if (result.cells !== undefined) cells.push(result.cells);
    }
    input = outputs.length === 1 ? (outputs[0] as Tensor) : cat(outputs, 1);
    if (first + directions < weights.length) input = drop(input, dropout, { training });
  }
  return { output: input, state: stack(states), cells: cells.length > 0 ? stack(cells) : undefined };
}
