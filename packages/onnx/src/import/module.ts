/** A model of a file as a module. */
import { nn, type Tensor } from "flambeau";
import { type InputInfo, inputsOf, named } from "./interface.js";
import type { Body } from "./plan.js";
import { Run } from "./run.js";
import type { Value } from "./values.js";
import type { Place } from "./weights.js";

/** What a module is made of. */
export interface Program {
  readonly body: Body;
  readonly inputs: readonly InputInfo[];
  readonly outputNames: readonly string[];
  readonly maxIterations: number;
  /** Whether the file was written to train. */
  readonly trains: boolean;
  /** The printed form. */
  readonly text: string;
}

/** Several outputs, by their names and, destructured as an array, in order. */
export type OnnxOutputs = Readonly<Record<string, Tensor>> & Iterable<Tensor>;

/** What a model is called with: the inputs in order, or one object of inputs by name. */
export type OnnxInputs = Value[] | [Readonly<Record<string, Value>>];

// Names that no tensor of a file can have.
const program: unique symbol = Symbol("program");
const owners: unique symbol = Symbol("owners");
const places: unique symbol = Symbol("places");
const asInFile: unique symbol = Symbol("asInFile");

/**
 * The graph of an ONNX file as a module that runs and can be trained further. It is called with the inputs in order, or
 * with an object of inputs by name, and gives its output, or several by name and in order.
 *
 * A new one does what the file says: batch norm uses its running statistics and dropout does nothing, unless the file
 * was written to train. `train()` lets them train, `eval()` not.
 *
 * @example
 * const model = onnx.load("model.onnx");
 * const logits = model(x);
 */
export class OnnxModule<T = Tensor> extends nn.Module {
  private [program]: Program;
  /** The modules that have the weights. */
  private [owners]: nn.Module[] = [];
  private [places]: readonly Place[];
  private [asInFile] = true;

  /** @internal */
  constructor(given: Program, give: (root: nn.Module, owners: nn.Module[]) => Place[]) {
    super();
    this[program] = given;
    this[places] = give(this, this[owners]);
    for (const module of this[owners]) module.training = given.trains;
  }

  /** The names of the inputs, in the order of a call. */
  get inputNames(): string[] {
    return this[program].inputs.filter(({ isOptional }) => !isOptional).map(({ name }) => name);
  }

  /** The names of the outputs. */
  get outputNames(): string[] {
    return [...this[program].outputNames];
  }

  override train(mode = true): this {
    super.train(mode);
    this[asInFile] = false;
    return this;
  }

  override forward(...given: OnnxInputs): T {
    const { body, inputs, outputNames, maxIterations } = this[program];
    const modules = this[owners] as unknown as Readonly<Record<string, Tensor>>[];
    const state = this[places].map((place) =>
      "tensor" in place ? place.tensor : (modules[place.owner]?.[place.property] as Tensor),
    );
    const run = new Run(state, this[asInFile] ? undefined : this.training, maxIterations);
    const results = body.call(run, inputsOf(inputs, given));
    return (results.length === 1 ? results[0] : named(outputNames, results)) as T;
  }

  override toString(): string {
    return this[program].text;
  }
}
