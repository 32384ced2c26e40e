/** Nodes and constants of an ONNX graph while it is made; what is the same is there once. */
import { create } from "@bufbuild/protobuf";
import torch, { DType, type Tensor } from "flambeau";
import {
  type AttributeProto,
  AttributeProtoSchema,
  AttributeProto_AttributeType as Kind,
  type NodeProto,
  NodeProtoSchema,
} from "onnx-buf";
import { dataTypeOf } from "../proto/dataTypes.js";
import { tensorProto } from "../proto/tensors.js";

/** What attributes may be: whole numbers are `bigint`, floating ones `number`. */
export type Attribute =
  | bigint
  | number
  | string
  | DType
  | Tensor
  | readonly bigint[]
  | readonly number[]
  | readonly string[];

export type Attributes = Readonly<Record<string, Attribute | undefined>>;

/** A whole number, or several, as an attribute. */
export const int = (value: number): bigint => BigInt(value);
export const ints = (values: readonly number[]): bigint[] => values.map(BigInt);

/** Yes or no as an attribute. */
export const flag = (value: boolean): bigint => (value ? 1n : 0n);

/** Operators whose results are other ones each time. */
const random = /^(Random|Bernoulli|Multinomial|Dropout)/;

function attributeProto(name: string, value: Attribute): AttributeProto {
  const make = (type: Kind, content: object) => create(AttributeProtoSchema, { name, type, ...content });
  if (typeof value === "bigint") return make(Kind.INT, { i: value });
  if (typeof value === "number") return make(Kind.FLOAT, { f: value });
  if (typeof value === "string") return make(Kind.STRING, { s: new TextEncoder().encode(value) });
  if (value instanceof DType) return make(Kind.INT, { i: BigInt(dataTypeOf(value)) });
  if (value instanceof torch.Tensor) return make(Kind.TENSOR, { t: tensorProto(value) });
  if (typeof value[0] === "string") {
    return make(Kind.STRINGS, { strings: (value as string[]).map((text) => new TextEncoder().encode(text)) });
  }
  if (typeof value[0] === "number") return make(Kind.FLOATS, { floats: value as number[] });
  return make(Kind.INTS, { ints: value as bigint[] });
}

export class Builder {
  readonly nodes: NodeProto[] = [];
  /** Tensors of the model by their names. */
  readonly initializers = new Map<string, Tensor>();
  readonly #names = new Set<string>();
  readonly #made = new Map<string, readonly string[]>();
  readonly #byTensor = new Map<Tensor, string>();
  readonly #derived = new Map<Tensor, Map<string, string>>();

  constructor(readonly opset: number) {}

  /** A name that nothing has yet. */
  reserve(wanted: string): string {
    let name = wanted;
    for (let i = 1; this.#names.has(name); i++) name = `${wanted}_${i}`;
    this.#names.add(name);
    return name;
  }

  /** Adds a node, or finds one that gives the same, and returns the names of its outputs. */
  emit(
    opType: string,
    inputs: readonly (string | undefined)[],
    attributes: Attributes,
    count: number,
  ): readonly string[] {
    const given = Object.entries(attributes).filter(([, value]) => value !== undefined) as [string, Attribute][];
    const input = inputs.map((name) => name ?? "");
    while (input.at(-1) === "") input.pop();
    const text = (_: string, value: unknown) => (typeof value === "bigint" ? `${value}n` : value);
    const hasTensor = given.some(([, value]) => value instanceof torch.Tensor);
    const key =
      hasTensor || random.test(opType) ? undefined : JSON.stringify([opType, input, count, describe(given)], text);
    const known = key === undefined ? undefined : this.#made.get(key);
    if (known !== undefined) return known;
    const name = this.reserve(`${opType}_${this.nodes.length}`);
    const output = Array.from({ length: count }, (_, i) =>
      this.reserve(count === 1 ? `${name}_output` : `${name}_output${i}`),
    );
    const attribute = given.map(([name, value]) => attributeProto(name, value));
    this.nodes.push(create(NodeProtoSchema, { name, opType, input, output, attribute }));
    if (key !== undefined) this.#made.set(key, output);
    return output;
  }

  /** A constant that belongs to a node. */
  literal(values: number | readonly number[], dtype: DType, shape?: readonly number[]): string {
    const list = typeof values === "number" ? [values] : values;
    const sizes = shape ?? (typeof values === "number" ? [] : [list.length]);
    const key = `${dtype.name}[${sizes}]:${list.map((value) => (Object.is(value, -0) ? "-0" : value))}`;
    const known = this.#made.get(key);
    if (known !== undefined) return known[0] as string;
    const tensor = numbers(list, dtype).reshape(sizes);
    const output = this.emit("Constant", [], { value: tensor }, 1);
    this.#made.set(key, output);
    return output[0] as string;
  }

  /** A tensor that belongs to the model. */
  initializer(wanted: string, tensor: Tensor): string {
    const known = this.#byTensor.get(tensor);
    if (known !== undefined) return known;
    const name = this.reserve(wanted);
    this.#byTensor.set(tensor, name);
    this.initializers.set(name, tensor.detach());
    return name;
  }

  /** What is made of a tensor of the model; it is made once for each name. */
  derived(wanted: string, tensor: Tensor, make: (tensor: Tensor) => Tensor): string {
    const byName = this.#derived.get(tensor) ?? new Map<string, string>();
    this.#derived.set(tensor, byName);
    const known = byName.get(wanted);
    if (known !== undefined) return known;
    const name = this.initializer(wanted, make(tensor.detach()));
    byName.set(wanted, name);
    return name;
  }
}

/** Numbers as a tensor; whole ones beyond 2^53 come out right where they are the limits of int64. */
function numbers(list: readonly number[], dtype: DType): Tensor {
  if (dtype !== torch.int64) return torch.tensor(list as number[], { dtype });
  const whole = list.map((value) =>
    value >= 2 ** 63 ? 2n ** 63n - 1n : value <= -(2 ** 63) ? -(2n ** 63n) : BigInt(Math.trunc(value)),
  );
  return torch.fromTypedArray(BigInt64Array.from(whole));
}

function describe(given: readonly [string, Attribute][]): unknown {
  return given.map(([name, value]) => [name, value instanceof DType ? value.name : value]);
}
