/** Recurrent layers as the library has them, which run faster than steps: for what PyTorch's layers can do as well. */
import torch, { nn, type Tensor } from "flambeau";
import type { NodeReader } from "../nodeReader.js";

/** The weights of one direction. */
export interface Weights {
  /** From the input to the gates, `[gates × hidden, input]`. */
  readonly w: Tensor;
  /** From the hidden state to the gates, `[gates × hidden, hidden]`. */
  readonly r: Tensor;
  readonly wBias: Tensor | undefined;
  readonly rBias: Tensor | undefined;
}

/** The weights of one direction, and its states. */
interface Direction extends Weights {
  readonly states: readonly Tensor[];
}

export interface SequenceResult {
  /** `[length, batch, hidden]`. */
  readonly outputs: Tensor;
  readonly states: readonly Tensor[];
}

/** A layer whose gates stand in some order in PyTorch's. */
interface Layer {
  readonly make: (inputSize: number, hiddenSize: number, bias: boolean) => nn.RNNBase;
  readonly order: readonly number[];
}

const { skipInit } = nn.utils;

const rnn = (nonlinearity: "tanh" | "relu"): Layer => ({
  make: (inputSize, hiddenSize, bias) => skipInit(nn.RNN, inputSize, hiddenSize, { nonlinearity, bias }),
  order: [0],
});

const gru: Layer = {
  make: (inputSize, hiddenSize, bias) => skipInit(nn.GRU, inputSize, hiddenSize, { bias }),
  order: [1, 0, 2],
};

const lstm: Layer = {
  make: (inputSize, hiddenSize, bias) => skipInit(nn.LSTM, inputSize, hiddenSize, { bias }),
  order: [0, 2, 3, 1],
};

/** The layer that does what a node does, by the gates it has and its activations; undefined if there is none. */
function layerOf(node: NodeReader, gates: number, activations: readonly string[]): Layer | undefined {
  const names = activations.join(" ").toLowerCase();
  if (gates === 4) return names === "sigmoid tanh tanh" && !node.flag("input_forget") ? lstm : undefined;
  if (gates === 3) return names === "sigmoid tanh" && node.flag("linear_before_reset") ? gru : undefined;
  return names === "tanh" || names === "relu" ? rnn(names) : undefined;
}

/** Runs one direction over whole sequences. */
type RunLayer = (x: Tensor, direction: Direction, isReverse: boolean) => SequenceResult;

/**
 * What runs a node whose activations, of one direction, have some names.
 *
 * @returns undefined if no layer of the library does the same.
 */
export function fastLayer(node: NodeReader, gates: number, activations: readonly string[]): RunLayer | undefined {
  const layer = layerOf(node, gates, activations);
  if (layer === undefined || node.has("clip") || node.inputName(7) !== "" || node.inputName(4) !== "") return undefined;
  const made = new Map<string, nn.RNNBase>();
  const moduleFor = (inputSize: number, hiddenSize: number, bias: boolean) => {
    const key = `${inputSize} ${hiddenSize} ${bias}`;
    const known = made.get(key) ?? layer.make(inputSize, hiddenSize, bias);
    made.set(key, known);
    return known;
  };
  return (x, { w, r, wBias, rBias, states }, isReverse) => {
    const size = r.shape[1] as number;
    const inOrder = (gates: Tensor) => {
      const parts = gates.split(size);
      return parts.length === 1 ? gates : torch.cat(layer.order.map((i) => parts[i] as Tensor));
    };
    const weights: Record<string, Tensor> = { weight_ih_l0: inOrder(w), weight_hh_l0: inOrder(r) };
    if (wBias !== undefined) weights.bias_ih_l0 = inOrder(wBias);
    if (rBias !== undefined) weights.bias_hh_l0 = inOrder(rBias);
    const initial = states.map((state) => state.unsqueeze(0));
    const module = moduleFor(w.shape[1] as number, size, wBias !== undefined);
    const given = [isReverse ? x.flip([0]) : x, initial.length === 1 ? initial[0] : initial] as [Tensor, Tensor];
    const [outputs, last] = torch.func.functionalCall(module, weights, given) as [Tensor, Tensor | Tensor[]];
    const ends = (last instanceof torch.Tensor ? [last] : last).map((state) => state.squeeze(0));
    return { outputs: isReverse ? outputs.flip([0]) : outputs, states: ends };
  };
}
