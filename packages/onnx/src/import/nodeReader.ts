/** Reads what a node of a graph says: its attributes, and those of its inputs that are settings rather than data. */
import type { Tensor } from "flambeau";
import { type AttributeProto, type GraphProto, AttributeProto_AttributeType as Kind, type NodeProto } from "onnx-buf";
import type { Body } from "./plan.js";
import { type Inputs, isSequence, isTensor } from "./values.js";

/** What the reader of a node needs of the graph around it. */
export interface Surroundings {
  readonly version: number;
  /** Whether an input is an initializer of the model. */
  isState(place: number): boolean;
  /** What an input is, if the file says it. */
  constant(place: number): Tensor | undefined;
  /** What the attributes that refer to those of a function stand for. */
  attribute(name: string): AttributeProto | undefined;
  tensor(attribute: AttributeProto): Tensor;
  body(graph: GraphProto): Body;
}

const decoder = new TextDecoder();

/** Settings as numbers: none if the input is left out. */
export type Setting<T> = (inputs: Inputs) => T;

/** A whole number of 64 bits as a number; those that stand for infinity come out as large ones. */
function asNumber(value: number | bigint): number {
  return Number(value);
}

export class NodeReader {
  readonly #node: NodeProto;
  readonly #around: Surroundings;
  readonly #attributes: ReadonlyMap<string, AttributeProto>;
  /** The places of inputs that are read as numbers: no gradient flows into them. */
  readonly numberPlaces = new Set<number>();
  /** The places of inputs that are state which training updates. */
  readonly statePlaces = new Set<number>();
  /** Whether the node says that it trains. */
  trains = false;

  constructor(node: NodeProto, around: Surroundings) {
    this.#node = node;
    this.#around = around;
    const given = node.attribute.map((attribute) => {
      const { name, refAttrName } = attribute;
      return [name, refAttrName === "" ? attribute : around.attribute(refAttrName)] as const;
    });
    this.#attributes = new Map(given.filter((pair): pair is [string, AttributeProto] => pair[1] !== undefined));
  }

  /** The version of the operator set. */
  get version(): number {
    return this.#around.version;
  }

  get inputCount(): number {
    return this.#node.input.length;
  }

  get outputCount(): number {
    return this.#node.output.length;
  }

  /** Whether somebody wants an output. */
  hasOutput(place: number): boolean {
    return (this.#node.output[place] ?? "") !== "";
  }

  /** Whether an input is an initializer of the model. */
  isState(place: number): boolean {
    return this.#around.isState(place);
  }

  /** What an input is, if the file says it. */
  constant(place: number): Tensor | undefined {
    return this.#around.constant(place);
  }

  /** The name of an input; empty if it is left out. */
  inputName(place: number): string {
    return this.#node.input[place] ?? "";
  }

  // ---- attributes ----

  has(name: string): boolean {
    return this.#attributes.has(name);
  }

  #find(name: string, ...kinds: Kind[]): AttributeProto | undefined {
    const attribute = this.#attributes.get(name);
    if (attribute === undefined || kinds.includes(attribute.type)) return attribute;
    // Files of the first version of the format do not tell the kind.
    if (attribute.type === Kind.UNDEFINED) return attribute;
    throw new TypeError(`attribute '${name}' cannot be of type ${Kind[attribute.type] ?? attribute.type}`);
  }

  #required<T>(name: string, value: T | undefined): T {
    if (value === undefined) throw new TypeError(`attribute '${name}' is missing`);
    return value;
  }

  int(name: string): number | undefined;
  int(name: string, otherwise: number): number;
  int(name: string, otherwise?: number): number | undefined {
    const attribute = this.#find(name, Kind.INT);
    return attribute === undefined ? otherwise : asNumber(attribute.i);
  }

  /** A whole number that stands for yes or no. */
  flag(name: string, otherwise = false): boolean {
    return this.int(name, otherwise ? 1 : 0) !== 0;
  }

  requiredInt(name: string): number {
    return this.#required(name, this.int(name));
  }

  float(name: string): number | undefined;
  float(name: string, otherwise: number): number;
  float(name: string, otherwise?: number): number | undefined {
    return this.#find(name, Kind.FLOAT)?.f ?? otherwise;
  }

  ints(name: string): number[] | undefined;
  ints(name: string, otherwise: number[]): number[];
  ints(name: string, otherwise?: number[]): number[] | undefined {
    return this.#find(name, Kind.INTS)?.ints.map(asNumber) ?? otherwise;
  }

  requiredInts(name: string): number[] {
    return this.#required(name, this.ints(name));
  }

  floats(name: string): number[] | undefined {
    return this.#find(name, Kind.FLOATS)?.floats;
  }

  text(name: string): string | undefined {
    const attribute = this.#find(name, Kind.STRING);
    return attribute === undefined ? undefined : decoder.decode(attribute.s);
  }

  texts(name: string): string[] | undefined {
    return this.#find(name, Kind.STRINGS)?.strings.map((bytes) => decoder.decode(bytes));
  }

  /** One of a few words. */
  word<W extends string>(name: string, words: readonly W[], otherwise: NoInfer<W>): W {
    const text = this.text(name);
    if (text === undefined) return otherwise;
    const found = words.find((word) => word === text);
    if (found !== undefined) return found;
    throw new Error(`attribute '${name}' is '${text}', not one of ${words.map((word) => `'${word}'`).join(", ")}`);
  }

  tensor(name: string): Tensor | undefined {
    const attribute = this.#find(name, Kind.TENSOR);
    return attribute === undefined ? undefined : this.#around.tensor(attribute);
  }

  /** A graph inside of the node. */
  body(name: string): Body {
    const graph = this.#required(name, this.#find(name, Kind.GRAPH)?.g);
    return this.#around.body(graph);
  }

  /** Throws for an attribute of a kind that only strings, sparse tensors and the like have. */
  refuse(...names: string[]): void {
    const found = names.find((name) => this.#attributes.has(name));
    if (found !== undefined) throw new Error(`attribute '${found}' has no counterpart here`);
  }

  // ---- inputs that are settings ----

  /** The numbers of an input; undefined where it is left out. */
  numbersIn(place: number): Setting<number[] | undefined> {
    this.numberPlaces.add(place);
    return (inputs) => {
      const value = inputs[place];
      return value === undefined || value === null ? undefined : numbersOf(value as Tensor);
    };
  }

  /** The number of an input that has one element. */
  numberIn(place: number): Setting<number | undefined> {
    const numbers = this.numbersIn(place);
    return (inputs) => {
      const found = numbers(inputs);
      if (found !== undefined && found.length !== 1) {
        throw new Error(`input ${place} must have one element, not ${found.length}`);
      }
      return found?.[0];
    };
  }

  /** Whole numbers that are an attribute at first, and an input from some version on. */
  intsOrInput(name: string, place: number, since: number): Setting<number[] | undefined> {
    if (this.version >= since) return this.numbersIn(place);
    const ints = this.ints(name);
    return () => ints;
  }

  /** A number that is an attribute at first, and an input from some version on. */
  floatOrInput(name: string, place: number, since: number): Setting<number | undefined> {
    if (this.version >= since) return this.numberIn(place);
    const float = this.float(name);
    return () => float;
  }
}

/** The elements of a tensor as numbers, in row-major order. */
export function numbersOf(tensor: Tensor): number[] {
  const isHalf = tensor.dtype.isFloatingPoint && tensor.dtype.itemsize === 2;
  const plain = isHalf ? tensor.float() : tensor;
  return Array.from(plain.detach().toTypedArray() as Iterable<number | bigint>, asNumber);
}

/** The tensor that an input is. */
export function tensorAt(inputs: Inputs, place: number): Tensor {
  const value = inputs[place];
  if (isTensor(value)) return value;
  throw new TypeError(`input ${place} ${value === undefined ? "is left out" : "is no tensor"}`);
}

/** The tensor that an input is, unless it is left out. */
export function optionalTensorAt(inputs: Inputs, place: number): Tensor | undefined {
  return inputs[place] === undefined ? undefined : tensorAt(inputs, place);
}

/** The tensor that an input is, of a number of dims. */
export function tensorOfDims(inputs: Inputs, place: number, dims: number): Tensor {
  const tensor = tensorAt(inputs, place);
  if (tensor.dim() === dims) return tensor;
  throw new RangeError(`input ${place} must have ${dims} dims, not shape [${tensor.shape.join(", ")}]`);
}

/** The sequence that an input is. */
export function sequenceAt(inputs: Inputs, place: number): readonly Tensor[] {
  const value = inputs[place];
  if (isSequence(value)) return value;
  throw new TypeError(`input ${place} ${value === undefined ? "is left out" : "is no sequence"}`);
}
