/** A call of the program as the translation of its operation sees it: its arguments, and the nodes that it is made of. */
import torch, { type DType, type Tensor } from "flambeau";
import { upTo } from "../lists.js";
import { type Attributes, flag, int, ints } from "./builder.js";
import { type Argument, type Node, Value } from "./recording.js";
import type { Session } from "./session.js";
import { type Extent, productOf, Size } from "./sizes.js";

const { float32, int32, int64, bool } = torch;

/** The names of the results in the file; undefined where the operation cannot be said so. */
export type Translated = string | readonly string[] | undefined;
export type Translation = (call: Call) => Translated;
export type Translations = Readonly<Record<string, Translation>>;

/** The dtype in which runtimes compute what has another one here. */
export function widened(dtype: DType): DType {
  if (dtype === torch.bfloat16) return float32;
  return dtype === torch.int8 || dtype === torch.int16 || dtype === torch.uint8 || dtype === bool ? int32 : dtype;
}

export class Call {
  /** The dtype in which is computed what has a narrower one. */
  #computing: DType | undefined;

  constructor(
    readonly node: Node,
    readonly session: Session,
  ) {}

  get opset(): number {
    return this.session.opset;
  }

  // What the call has.

  arg(name: string): Argument {
    return this.node.args[name];
  }

  has(name: string): boolean {
    const value = this.arg(name);
    return value !== undefined && value !== null;
  }

  /** A tensor among the arguments. */
  value(name = "input"): Value {
    return this.arg(name) as Value;
  }

  values(name: string): readonly Value[] {
    return this.arg(name) as readonly Value[];
  }

  isValue(name: string): boolean {
    return this.arg(name) instanceof Value;
  }

  /** A number that has to be the same whatever the sizes are. */
  number(name: string): number {
    return this.fixed(name, this.arg(name));
  }

  fixed(name: string, value: Argument): number {
    if (value instanceof Size) throw new Error(`'${name}' cannot depend on the size of a dynamic axis`);
    return Number(value);
  }

  numbers(name: string): number[] {
    const value = this.arg(name);
    return Array.isArray(value) ? value.map((one) => this.fixed(name, one)) : [this.fixed(name, value)];
  }

  /** One number for each of so many dims, also where one is given for all. */
  perDim(name: string, dims: number): number[] {
    const list = this.numbers(name);
    return list.length === dims ? list : new Array<number>(dims).fill(list[0] as number);
  }

  extent(name: string): Extent {
    return extent(this.arg(name));
  }

  extents(name: string): Extent[] {
    const value = this.arg(name);
    return Array.isArray(value) ? value.map(extent) : [extent(value)];
  }

  /** A dim of a tensor, counted from the front. */
  dim(name = "dim", rank = this.value().rank): number {
    return wrap(this.number(name), rank);
  }

  /** The dims that are named, or all. */
  dims(name = "dim", rank = this.value().rank): number[] {
    const value = this.arg(name);
    const named = value === undefined || value === null ? [] : this.numbers(name);
    const list = named.length > 0 ? named.map((dim) => wrap(dim, rank)) : upTo(rank);
    return rank === 0 ? [] : list;
  }

  get out(): Value {
    return this.node.outputs[0] as Value;
  }

  get dtype(): DType {
    return this.out.dtype;
  }

  // Tensors.

  name(value: Value): string {
    return this.session.nameOf(value);
  }

  /** A tensor or number among the arguments, in a dtype if one is named. */
  x(name = "input", dtype?: DType): string {
    return this.operand(this.arg(name), dtype);
  }

  /** An argument that was converted to a dtype, where it may wrap around, in the one in which runtimes compute. */
  through(value: Argument, dtype: DType): string {
    const wide = widened(dtype);
    if (dtype === bool || dtype.isFloatingPoint || dtype === wide) return this.plain(value, wide);
    if (value instanceof Value) return this.cast(this.plain(value, dtype), dtype, wide);
    if (value instanceof Size) return this.plain(value, wide);
    const wrapped = torch.tensor([Math.trunc(Number(value))], { dtype: int64 }).to(dtype);
    return this.literal(wrapped.item(), wide);
  }

  optional(name: string, dtype?: DType): string | undefined {
    return this.has(name) ? this.x(name, dtype) : undefined;
  }

  operand(value: Argument, dtype?: DType): string {
    const isWider = dtype !== undefined && dtype === this.#computing && dtype !== this.dtype;
    return isWider ? this.through(value, this.dtype) : this.plain(value, dtype);
  }

  private plain(value: Argument, dtype?: DType): string {
    if (value instanceof Value) return this.cast(this.name(value), value.dtype, dtype ?? value.dtype);
    if (value instanceof Size) return this.session.scalar(value, dtype ?? this.dtype);
    return this.literal(Number(value), dtype ?? this.dtype);
  }

  literal(values: number | readonly number[], dtype: DType, shape?: readonly number[]): string {
    return this.session.builder.literal(values, dtype, shape);
  }

  /** Whole numbers as a tensor `[count]`, as many operators take them. */
  list(values: readonly number[]): string {
    return this.literal(values, int64, [values.length]);
  }

  constant(tensor: Tensor): string {
    return this.session.builder.initializer(`constant_${this.session.builder.initializers.size}`, tensor);
  }

  /** What is made of a tensor of the model, as one of the model under a name of its own. */
  named(name: string, tensor: Tensor, make: (tensor: Tensor) => Tensor): string {
    return this.session.builder.derived(name, tensor, make);
  }

  /** The tensor that an argument is whatever the inputs are. */
  known(name: string): Tensor | undefined {
    const value = this.arg(name);
    return value instanceof Value ? this.session.constantOf(value) : undefined;
  }

  // Nodes.

  /** A node with one result. */
  op(opType: string, ...inputs: (string | undefined)[]): string {
    return this.session.emit(opType, inputs);
  }

  opWith(attributes: Attributes, opType: string, ...inputs: (string | undefined)[]): string {
    return this.session.emit(opType, inputs, attributes);
  }

  /** A node with several results. */
  ops(count: number, attributes: Attributes, opType: string, ...inputs: (string | undefined)[]): readonly string[] {
    return this.session.builder.emit(opType, inputs, attributes, count);
  }

  cast(name: string, from: DType, to: DType): string {
    return from === to ? name : this.opWith({ to }, "Cast", name);
  }

  /** What computes in a dtype of runtimes, with the result in that of the call. */
  computed(compute: (dtype: DType) => string, dtype = this.dtype): string {
    const wide = widened(dtype);
    this.#computing = wide;
    const made = compute(wide);
    this.#computing = undefined;
    return this.cast(made, wide, this.dtype);
  }

  where(condition: string, a: string, b: string): string {
    return this.op("Where", condition, a, b);
  }

  reshape(name: string, from: readonly Extent[], to: readonly Extent[]): string {
    return this.session.reshape(name, from, to);
  }

  /** All elements in one dim. */
  flatten(name: string, from: readonly Extent[]): string {
    return this.reshape(name, from, [productOf(from)]);
  }

  /** The result in the shape that it has in the program. */
  toOut(name: string, from: readonly Extent[]): string {
    return this.reshape(name, from, this.out.sizes);
  }

  unsqueeze(name: string, ...dims: number[]): string {
    return this.op("Unsqueeze", name, this.list(dims));
  }

  squeeze(name: string, ...dims: number[]): string {
    return this.op("Squeeze", name, this.list(dims));
  }

  transpose(name: string, perm: readonly number[]): string {
    return perm.every((dim, i) => dim === i) ? name : this.opWith({ perm: ints(perm) }, "Transpose", name);
  }

  /** Undoes a `transpose` with the same dims. */
  transposeBack(name: string, perm: readonly number[]): string {
    return this.transpose(
      name,
      perm.map((_, dim) => perm.indexOf(dim)),
    );
  }

  /** What stands at a place along a dim, which is gone then. */
  item(name: string, dim: number, place: number): string {
    return this.opWith({ axis: int(dim) }, "Gather", name, this.literal(place, int64));
  }

  /**
   * Elements from `start` up to `end` of a dim, of which each may be beyond it, or count from its end; all that follow
   * where no end is given.
   */
  slice(name: string, dim: number, start: Extent, end: Extent = Number.MAX_VALUE, step = 1): string {
    const { session } = this;
    return this.op(
      "Slice",
      name,
      session.extents([start]),
      session.extents([end]),
      this.list([dim]),
      this.list([step]),
    );
  }

  expand(name: string, sizes: readonly Extent[]): string {
    return this.op("Expand", name, this.session.extents(sizes));
  }

  filled(sizes: readonly Extent[], value: number, dtype: DType): string {
    if (sizes.length === 0) return this.literal(value, dtype);
    return this.expand(this.literal(value, dtype), sizes);
  }

  /** The numbers from 0 up to a size, as int64. */
  range(size: Extent): string {
    if (typeof size === "number") return this.constant(torch.arange(size));
    return this.op("Range", this.literal(0, int64), this.session.scalar(size, int64), this.literal(1, int64));
  }

  /** A reduction over dims. */
  reduce(kind: string, name: string, dims: readonly number[], keepdim: boolean): string {
    const keepdims = flag(keepdim);
    if (kind === "ReduceSum" || this.opset >= 18) return this.opWith({ keepdims }, kind, name, this.list(dims));
    return this.opWith({ keepdims, axes: ints(dims) }, kind, name);
  }
}

function extent(value: Argument): Extent {
  return value instanceof Size ? value : Number(value);
}

export function wrap(dim: number, rank: number): number {
  return dim < 0 ? dim + Math.max(rank, 1) : dim;
}
