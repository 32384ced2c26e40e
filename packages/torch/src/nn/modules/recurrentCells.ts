/** Cells: one step of a recurrent network. */
import { flagOn, int, optional, refusing, requiredFlag, tensor, tensors, word } from "../../arguments/params.js";
import { readArgument, Signature } from "../../arguments/parse.js";
import type { Tensor } from "../../core/tensor.js";
import { gruCell, lstmCell, rnnReluCell, rnnTanhCell } from "../../ops/recurrent/cells.js";
import { emptyParameter, type FactoryOptions, factoryParams, read } from "../arguments.js";
import { uniform_ } from "../init.js";
import { Module } from "../module.js";
import type { Parameter } from "../parameter.js";

export interface CellOptions extends FactoryOptions {
  /** Whether biases are added; true by default. */
  bias?: boolean;
}

const sizeParams = { inputSize: int, hiddenSize: int };
const cellParams = { ...sizeParams, bias: flagOn, ...factoryParams };
const baseParams = { ...sizeParams, bias: requiredFlag, numChunks: int, ...factoryParams };

type CellArguments<O = unknown> = [inputSize: number, hiddenSize: number, options?: CellOptions & O];
type BaseArguments = [
  inputSize: number,
  hiddenSize: number,
  bias: boolean,
  numChunks: number,
  options?: FactoryOptions,
];

/** The arguments of a cell as its base takes them. */
function forBase(name: string, args: readonly unknown[], numChunks: number): BaseArguments {
  const { inputSize, hiddenSize, bias, device, dtype } = new Signature(name, cellParams).parse(args);
  return [inputSize, hiddenSize, bias, numChunks, { device, dtype }];
}

/** What cells share: weights for `numChunks` numbers of each unit, which begin uniform within ±1/√hiddenSize. */
export class RNNCellBase extends Module {
  inputSize: number;
  hiddenSize: number;
  weightIh: Parameter;
  weightHh: Parameter;
  declare biasIh: Parameter | null;
  declare biasHh: Parameter | null;

  constructor(...args: BaseArguments) {
    super();
    const { inputSize, hiddenSize, bias, numChunks, ...factory } = read(this, baseParams, args);
    const width = numChunks * hiddenSize;
    this.inputSize = inputSize;
    this.hiddenSize = hiddenSize;
    this.weightIh = emptyParameter([width, inputSize], factory);
    this.weightHh = emptyParameter([width, hiddenSize], factory);
    this.registerParameter("bias_ih", bias ? emptyParameter([width], factory) : null);
    this.registerParameter("bias_hh", bias ? emptyParameter([width], factory) : null);
    this.resetParameters();
  }

  /** Draws all weights anew. */
  resetParameters(): void {
    const bound = this.hiddenSize > 0 ? 1 / Math.sqrt(this.hiddenSize) : 0;
    for (const weight of this.parameters()) uniform_(weight, -bound, bound);
  }

  /** @internal Calls `step` with a batch of inputs and states, and brings what it gives back to the form of the input. */
  protected inBatches(
    input: Tensor,
    given: readonly Tensor[] | undefined,
    count: number,
    step: (input: Tensor, states: readonly Tensor[]) => readonly Tensor[],
  ): readonly Tensor[] {
    const { name } = this.constructor;
    const { length: ndim } = readArgument(name, "input", tensor, input).sizes;
    if (ndim !== 1 && ndim !== 2) {
      throw new Error(`${name}: Expected input to be 1D or 2D, got ${ndim}D instead`);
    }
    given?.forEach((state, i) => {
      if (state.sizes.length !== 1 && state.sizes.length !== 2)
        throw new Error(`${name}: Expected hx[${i}] to be 1D or 2D, got ${state.sizes.length}D instead`);
    });
    const batched = ndim === 2 ? input : input.unsqueeze(0);
    const zeros = () => batched.newZeros([batched.sizes[0] as number, this.hiddenSize]);
    const states = given ?? Array.from({ length: count }, zeros);
    const made = step(batched, ndim === 2 || given === undefined ? states : states.map((state) => state.unsqueeze(0)));
    return ndim === 2 ? made : made.map((state) => state.squeeze(0));
  }

  override extraRepr(): string {
    const parts = [`${this.inputSize}, ${this.hiddenSize}`];
    if (this.biasIh === null) parts.push("bias=False");
    return parts.join(", ");
  }
}

const plainParams = {
  ...sizeParams,
  bias: flagOn,
  nonlinearity: optional(
    refusing(word("tanh", "relu"), (given) => `Unknown nonlinearity: ${given}`),
    "tanh",
  ),
  ...factoryParams,
};

/**
 * One step of an Elman network: `h = tanh(x @ weightIh.T + biasIh + h @ weightHh.T + biasHh)` for an input
 * `[batch, inputSize]` or `[inputSize]` and a state of `hiddenSize`, zeros by default.
 *
 * @param options.nonlinearity `"relu"` instead of tanh.
 * @see https://pytorch.org/docs/stable/generated/torch.nn.RNNCell.html
 */
export class RNNCell extends RNNCellBase {
  nonlinearity: "tanh" | "relu";

  constructor(...args: CellArguments<{ nonlinearity?: "tanh" | "relu" }>) {
    const { inputSize, hiddenSize, bias, nonlinearity, device, dtype } = new Signature(
      new.target.name,
      plainParams,
    ).parse(args);
    super(inputSize, hiddenSize, bias, 1, { device, dtype });
    this.nonlinearity = nonlinearity;
  }

  override forward(input: Tensor, hx?: Tensor | null): Tensor {
    const cell = this.nonlinearity === "tanh" ? rnnTanhCell : rnnReluCell;
    if (hx) readArgument("RNNCell", "hx", tensor, hx);
    return this.inBatches(input, hx ? [hx] : undefined, 1, (x, [h]) => [
      cell(x, h as Tensor, this.weightIh, this.weightHh, this.biasIh, this.biasHh),
    ])[0] as Tensor;
  }

  override extraRepr(): string {
    return super.extraRepr() + (this.nonlinearity === "tanh" ? "" : `, nonlinearity=${this.nonlinearity}`);
  }
}

/**
 * One step of a gated recurrent unit, for an input `[batch, inputSize]` or `[inputSize]` and a state of `hiddenSize`, zeros
 * by default.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.nn.GRUCell.html
 */
export class GRUCell extends RNNCellBase {
  constructor(...args: CellArguments) {
    super(...forBase(new.target.name, args, 3));
  }

  override forward(input: Tensor, hx?: Tensor | null): Tensor {
    if (hx) readArgument("GRUCell", "hx", tensor, hx);
    return this.inBatches(input, hx ? [hx] : undefined, 1, (x, [h]) => [
      gruCell(x, h as Tensor, this.weightIh, this.weightHh, this.biasIh, this.biasHh),
    ])[0] as Tensor;
  }
}

/**
 * One step of a long short-term memory, for an input `[batch, inputSize]` or `[inputSize]` and states `[h, c]` of
 * `hiddenSize`, zeros by default; gives the next `[h, c]`.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.nn.LSTMCell.html
 */
export class LSTMCell extends RNNCellBase {
  constructor(...args: CellArguments) {
    super(...forBase(new.target.name, args, 4));
  }

  override forward(input: Tensor, hx?: readonly [h: Tensor, c: Tensor] | null): [h: Tensor, c: Tensor] {
    if (hx) readArgument("LSTMCell", "hx", tensors, hx);
    const made = this.inBatches(input, hx ?? undefined, 2, (x, states) =>
      lstmCell(x, states, this.weightIh, this.weightHh, this.biasIh, this.biasHh),
    );
    return made as [Tensor, Tensor];
  }
}
