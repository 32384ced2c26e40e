/** Recurrent networks over whole sequences. */
import {
  flag,
  flagOn,
  int,
  number,
  optional,
  refusing,
  tensor,
  tensors,
  type ValuesOf,
  word,
} from "../../arguments/params.js";
import { readArgument, Signature } from "../../arguments/parse.js";
import { warn } from "../../arguments/warn.js";
import { sameShape } from "../../core/shape.js";
import type { Tensor } from "../../core/tensor.js";
import type { LayerWeights } from "../../ops/recurrent/layer.js";
import { gateWidth, type RecurrentCell, runNetwork } from "../../ops/recurrent/network.js";
import type { Args } from "../../ops/types.js";
import { emptyParameter, type FactoryOptions, factoryParams, read } from "../arguments.js";
import { uniform_ } from "../init.js";
import { Module } from "../module.js";
import { PackedSequence, runsOfPacked } from "../packedSequence.js";
import type { Parameter } from "../parameter.js";
import { py, pyFloat } from "../repr.js";

export type RNNMode = "RNN_TANH" | "RNN_RELU" | "LSTM" | "GRU";

const cellOf: Record<RNNMode, RecurrentCell> = { RNN_TANH: "tanh", RNN_RELU: "relu", LSTM: "lstm", GRU: "gru" };

export interface RecurrentOptions extends FactoryOptions {
  /** Whether biases are added; true by default. */
  bias?: boolean;
  /** Whether inputs and outputs are `[batch, steps, features]` rather than `[steps, batch, features]`. */
  batchFirst?: boolean;
  /** The probability with which what a layer passes to the next is set to 0 in training. */
  dropout?: number;
  /** Whether each layer also goes over the sequences from their ends. */
  bidirectional?: boolean;
}

type Sizes<O> = [
  inputSize: number,
  hiddenSize: number,
  ...rest: Args<[numLayers?: number], ["numLayers"], RecurrentOptions & O>,
];

const optionParams = {
  bias: flagOn,
  batchFirst: flag,
  dropout: optional(number, 0),
  bidirectional: flag,
};
const sizeParams = { inputSize: int, hiddenSize: int, numLayers: optional(int, 1) };
const networkParams = { ...sizeParams, ...optionParams, ...factoryParams };
const nonlinearity = optional(
  refusing(word("tanh", "relu"), (given) => `Unknown nonlinearity '${given}'`),
  "tanh",
);
const plainParams = { ...sizeParams, nonlinearity, ...optionParams, ...factoryParams };
const projectedParams = { ...sizeParams, ...optionParams, projSize: optional(int, 0), ...factoryParams };

const modes = word("RNN_TANH", "RNN_RELU", "LSTM", "GRU");
const baseParams = { mode: modes, ...projectedParams };

type BaseArguments = [
  mode: RNNMode,
  inputSize: number,
  hiddenSize: number,
  ...rest: Args<[numLayers?: number], ["numLayers"], RecurrentOptions & { projSize?: number }>,
];

/** The arguments of a network as its base takes them. */
function forBase(
  mode: RNNMode,
  { inputSize, hiddenSize, ...options }: ValuesOf<typeof networkParams> & { projSize?: number },
): BaseArguments {
  return [mode, inputSize, hiddenSize, options];
}

/** The states that a call gives back: like its input, without a batch or in the order of packed sequences. */
type Restore = (states: Tensor) => Tensor;

/** What a call goes over. */
interface Rows {
  readonly rows: Tensor;
  readonly runs: readonly number[];
  readonly batch: number;
  /** Brings states that were given, and the dims of which were checked, to the order of the rows. */
  readonly arrange: Restore;
  readonly restore: Restore;
  /** Makes the output of its rows. */
  readonly finish: (rows: Tensor) => Tensor | PackedSequence;
}

/**
 * What recurrent networks share: their weights `weightIhL0`, `weightHhL0`, `biasIhL0`, `biasHhL0`, …, with `Reverse` at
 * the end for the other direction.
 */
export class RNNBase extends Module {
  [weight: `weight${"Ih" | "Hh" | "Hr"}L${number}${"" | "Reverse"}`]: Parameter;
  [bias: `bias${"Ih" | "Hh"}L${number}${"" | "Reverse"}`]: Parameter;

  mode: RNNMode;
  inputSize: number;
  hiddenSize: number;
  numLayers: number;
  bias: boolean;
  batchFirst: boolean;
  dropout: number;
  bidirectional: boolean;
  projSize: number;

  constructor(...args: BaseArguments) {
    super();
    const { mode, inputSize, hiddenSize, numLayers, bias, batchFirst, dropout, bidirectional, projSize, ...factory } =
      read(this, baseParams, args);
    if (!(dropout >= 0 && dropout <= 1)) {
      throw new RangeError(
        `dropout should be a number in range [0, 1] representing the probability of an element being zeroed, got ${dropout}`,
      );
    }
    if (dropout > 0 && numLayers === 1) {
      warn(
        `dropout option adds dropout after all but last recurrent layer, so non-zero dropout expects num_layers greater than 1, but got dropout=${dropout} and num_layers=${numLayers}`,
      );
    }
    if (hiddenSize <= 0) throw new RangeError(`hidden_size must be greater than zero, got ${hiddenSize}`);
    if (numLayers <= 0) throw new RangeError(`num_layers must be greater than zero, got ${numLayers}`);
    if (projSize < 0)
      throw new RangeError(`proj_size should be a positive integer or zero to disable projections, got ${projSize}`);
    if (projSize >= hiddenSize)
      throw new RangeError(`proj_size has to be smaller than hidden_size, got ${projSize} and ${hiddenSize}`);
    this.mode = mode;
    this.inputSize = inputSize;
    this.hiddenSize = hiddenSize;
    this.numLayers = numLayers;
    this.bias = bias;
    this.batchFirst = batchFirst;
    this.dropout = dropout;
    this.bidirectional = bidirectional;
    this.projSize = projSize;
    addWeights(this, factory);
    this.resetParameters();
  }

  /** The weights of each direction of each layer. */
  get allWeights(): Parameter[][] {
    return weightsOf(this).map(({ weightIh, weightHh, biasIh, biasHh, weightHr }) =>
      [weightIh, weightHh, biasIh, biasHh, weightHr].filter((one): one is Parameter => !!one),
    );
  }

  /** Draws all weights anew. */
  resetParameters(): void {
    const bound = 1 / Math.sqrt(this.hiddenSize);
    for (const weight of this.parameters()) uniform_(weight, -bound, bound);
  }

  /** Does nothing: weights need no special order in memory here. */
  flattenParameters(): void {}

  /** @internal Runs the network; `given` are the states before the first step. */
  protected run(
    input: Tensor | PackedSequence,
    given: readonly Tensor[] | undefined,
  ): [output: Tensor | PackedSequence, states: Tensor[]] {
    const rows = input instanceof PackedSequence ? packedRows(input) : plainRows(this, input, given);
    const weights = weightsOf(this);
    checkFeatures(this, weights[0] as LayerWeights, rows.rows);
    const [state, cells] = statesOf(this, rows, given) as [Tensor, Tensor?];
    const { mode, bidirectional, dropout, training } = this;
    const result = runNetwork({
      cell: cellOf[mode],
      input: rows.rows,
      runs: rows.runs,
      state,
      cells,
      weights,
      bidirectional,
      dropout,
      training,
    });
    const states = result.cells === undefined ? [result.state] : [result.state, result.cells];
    return [rows.finish(result.output), states.map(rows.restore)];
  }

  override extraRepr(): string {
    const parts = [`${this.inputSize}, ${this.hiddenSize}`];
    if (this.projSize !== 0) parts.push(`proj_size=${this.projSize}`);
    if (this.numLayers !== 1) parts.push(`num_layers=${this.numLayers}`);
    if (!this.bias) parts.push("bias=False");
    if (this.batchFirst) parts.push("batch_first=True");
    if (this.dropout !== 0) parts.push(`dropout=${pyFloat(this.dropout)}`);
    if (this.bidirectional) parts.push("bidirectional=True");
    return parts.join(", ");
  }
}

function directionsOf({ bidirectional }: RNNBase): number {
  return bidirectional ? 2 : 1;
}

/** The ends of the names of the weights: `l0`, `l0_reverse`, `l1`, … */
function suffixesOf({ numLayers, bidirectional }: RNNBase): string[] {
  return Array.from({ length: numLayers }, (_, layer) =>
    bidirectional ? [`l${layer}`, `l${layer}_reverse`] : [`l${layer}`],
  ).flat();
}

function addWeights(network: RNNBase, factory: ValuesOf<typeof factoryParams>): void {
  const { mode, inputSize, hiddenSize, projSize, bias } = network;
  const directions = directionsOf(network);
  const width = gateWidth(cellOf[mode], hiddenSize);
  const outputSize = projSize || hiddenSize;
  suffixesOf(network).forEach((suffix, i) => {
    const isFirst = i < directions;
    const add = (name: string, sizes: readonly number[]) =>
      network.registerParameter(`${name}_${suffix}`, emptyParameter(sizes, factory));
    add("weight_ih", [width, isFirst ? inputSize : outputSize * directions]);
    add("weight_hh", [width, outputSize]);
    if (bias) {
      add("bias_ih", [width]);
      add("bias_hh", [width]);
    }
    if (projSize > 0) add("weight_hr", [projSize, hiddenSize]);
  });
}

function weightsOf(network: RNNBase): LayerWeights[] {
  const own = network as unknown as Record<string, Parameter>;
  return suffixesOf(network).map((suffix) => {
    const end = `L${suffix.slice(1).replace("_reverse", "Reverse")}`;
    return {
      weightIh: own[`weightIh${end}`] as Parameter,
      weightHh: own[`weightHh${end}`] as Parameter,
      biasIh: own[`biasIh${end}`],
      biasHh: own[`biasHh${end}`],
      weightHr: own[`weightHr${end}`],
    };
  });
}

function checkFeatures({ inputSize }: RNNBase, { weightIh }: LayerWeights, rows: Tensor): void {
  const { dtype } = weightIh;
  if (rows.dtype !== dtype) throw new TypeError(`input must have the type ${dtype}, got type ${rows.dtype}`);
  if (rows.sizes[1] !== inputSize) {
    throw new Error(`input.size(-1) must be equal to input_size. Expected ${inputSize}, got ${rows.sizes[1]}`);
  }
}

/** The rows of an input that is not packed. */
function plainRows(network: RNNBase, input: Tensor, states: readonly Tensor[] | undefined): Rows {
  readArgument(network.constructor.name, "input", tensor, input);
  const { length: ndim } = input.sizes;
  if (ndim !== 2 && ndim !== 3) {
    throw new Error(`${network.constructor.name}: Expected input to be 2D or 3D, got ${ndim}D instead`);
  }
  checkStateDims(ndim, states);
  const isBatched = ndim === 3;
  const swapped = isBatched && network.batchFirst;
  const steps = isBatched ? (swapped ? input.transpose(0, 1) : input) : input.unsqueeze(1);
  const [count, batch, features] = steps.sizes as [number, number, number];
  if (count === 0) throw new Error("Expected sequence length to be larger than 0 in RNN");
  return {
    rows: steps.reshape([count * batch, features]),
    runs: [count, batch],
    batch,
    arrange: (state) => (isBatched ? state : state.unsqueeze(1)),
    restore: (state) => (isBatched ? state : state.squeeze(1)),
    finish: (rows) => {
      const output = rows.view([count, batch, rows.sizes[1] as number]);
      if (!isBatched) return output.squeeze(1);
      return swapped ? output.transpose(0, 1) : output;
    },
  };
}

function checkStateDims(ndim: number, states: readonly Tensor[] | undefined): void {
  if (states === undefined || states.every(({ sizes }) => sizes.length === ndim)) return;
  const dims = states.map(({ sizes }) => `${sizes.length}-D`);
  const kind = ndim === 3 ? "batched" : "unbatched";
  throw new Error(
    states.length === 1
      ? `For ${kind} ${ndim}-D input, hx should also be ${ndim}-D but got ${dims[0]} tensor`
      : `For ${kind} ${ndim}-D input, hx and cx should also be ${ndim}-D but got (${dims.join(", ")}) tensors`,
  );
}

/** The states in the order of the rows; zeros where none are given. */
function statesOf(network: RNNBase, { rows, batch, arrange }: Rows, given: readonly Tensor[] | undefined): Tensor[] {
  const { mode, numLayers, hiddenSize, projSize } = network;
  const count = numLayers * directionsOf(network);
  const sizes = [[count, batch, projSize || hiddenSize]];
  if (mode === "LSTM") sizes.push([count, batch, hiddenSize]);
  if (given === undefined) return sizes.map((size) => rows.newZeros(size));
  return given.map((state, i) => {
    const arranged = arrange(state);
    const wanted = sizes[i] as number[];
    if (!sameShape(arranged.sizes, wanted)) {
      const name = given.length === 1 ? "hidden" : `hidden[${i}]`;
      throw new Error(`Expected ${name} size ${py(wanted)}, got [${arranged.sizes.join(", ")}]`);
    }
    if (state.dtype !== rows.dtype) {
      throw new TypeError(`hidden states must have the type of the input, ${rows.dtype}, got ${state.dtype}`);
    }
    return arranged;
  });
}

function packedRows(input: PackedSequence): Rows {
  const { data, batchSizes, sortedIndices, unsortedIndices } = input;
  if (data.sizes.length !== 2) throw new Error(`input must have 2 dimensions, got ${data.sizes.length}`);
  const runs = runsOfPacked(input);
  return {
    rows: data,
    runs,
    batch: runs[1] as number,
    arrange: (state) => (sortedIndices === null ? state : state.indexSelect(1, sortedIndices)),
    restore: (state) => (unsortedIndices === null ? state : state.indexSelect(1, unsortedIndices)),
    finish: (rows) => new PackedSequence(rows, batchSizes, sortedIndices, unsortedIndices),
  };
}

/** A network whose states are one tensor. */
// biome-ignore lint/suspicious/noUnsafeDeclarationMerging: this is how a class gets a call signature
abstract class PlainNetwork extends RNNBase {
  override forward(input: Tensor | PackedSequence, hx?: Tensor | null): [output: Tensor | PackedSequence, hN: Tensor] {
    if (hx) readArgument(this.constructor.name, "hx", tensor, hx);
    const [output, [hN]] = this.run(input, hx ? [hx] : undefined);
    return [output, hN as Tensor];
  }
}

// biome-ignore lint/correctness/noUnusedVariables: the same
interface PlainNetwork {
  // biome-ignore lint/style/useShorthandFunctionType: the interface merges with the class
  <I extends Tensor | PackedSequence>(input: I, hx?: Tensor | null): [output: I, hN: Tensor];
}

/**
 * A network of `numLayers` Elman layers, `h = tanh(x @ weightIh.T + biasIh + h @ weightHh.T + biasHh)`.
 *
 * Takes an input `[steps, batch, inputSize]` (`[batch, steps, …]` with `batchFirst`, `[steps, …]` without a batch, or a
 * `PackedSequence`) and states `[layers · directions, batch, hiddenSize]`, zeros by default; gives the states of the last
 * layer in every step, and those of all layers after the last.
 *
 * @param options.nonlinearity `"relu"` instead of tanh.
 * @example const [output, hN] = new nn.RNN(10, 20, 2)(torch.randn(5, 3, 10)); // [5, 3, 20], [2, 3, 20]
 * @see https://pytorch.org/docs/stable/generated/torch.nn.RNN.html
 */
export class RNN extends PlainNetwork {
  nonlinearity: "tanh" | "relu";

  constructor(...args: Sizes<{ nonlinearity?: "tanh" | "relu" }>) {
    const { nonlinearity, ...given } = new Signature(new.target.name, plainParams).parse(args);
    super(...forBase(nonlinearity === "relu" ? "RNN_RELU" : "RNN_TANH", given));
    this.nonlinearity = nonlinearity;
  }
}

/**
 * A network of `numLayers` layers of gated recurrent units. Inputs, states and outputs are those of `RNN`.
 *
 * @example const [output, hN] = new nn.GRU(10, 20, 2)(torch.randn(5, 3, 10)); // [5, 3, 20], [2, 3, 20]
 * @see https://pytorch.org/docs/stable/generated/torch.nn.GRU.html
 */
export class GRU extends PlainNetwork {
  constructor(...args: Sizes<unknown>) {
    super(...forBase("GRU", new Signature(new.target.name, networkParams).parse(args)));
  }
}

/**
 * A network of `numLayers` layers of long short-term memory. Inputs and outputs are those of `RNN`, but for the states,
 * which are `[h, c]`.
 *
 * @param options.projSize the size to which outputs and states `h` are projected; none by default.
 * @example const [output, [hN, cN]] = new nn.LSTM(10, 20, 2)(torch.randn(5, 3, 10)); // [5, 3, 20], [2, 3, 20] twice
 * @see https://pytorch.org/docs/stable/generated/torch.nn.LSTM.html
 */
// biome-ignore lint/suspicious/noUnsafeDeclarationMerging: this is how a class gets a call signature
export class LSTM extends RNNBase {
  constructor(...args: Sizes<{ projSize?: number }>) {
    super(...forBase("LSTM", new Signature(new.target.name, projectedParams).parse(args)));
  }

  override forward(
    input: Tensor | PackedSequence,
    hx?: readonly [h: Tensor, c: Tensor] | null,
  ): [output: Tensor | PackedSequence, states: [hN: Tensor, cN: Tensor]] {
    if (hx) {
      readArgument("LSTM", "hx", tensors, hx);
      if (hx.length !== 2) throw new Error(`LSTM: expected two states [h, c], got ${(hx as readonly Tensor[]).length}`);
    }
    const [output, states] = this.run(input, hx ?? undefined);
    return [output, states as [Tensor, Tensor]];
  }
}

export interface LSTM {
  // biome-ignore lint/style/useShorthandFunctionType: the interface merges with the class
  <I extends Tensor | PackedSequence>(
    input: I,
    hx?: readonly [h: Tensor, c: Tensor] | null,
  ): [output: I, states: [hN: Tensor, cN: Tensor]];
}
