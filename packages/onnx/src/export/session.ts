/** What the export of one program knows while it goes through the program: names of values, and where sizes are found. */
import torch, { type DType, type Tensor } from "flambeau";
import { Builder, int } from "./builder.js";
import type { GraphValue, Recording, Value } from "./recording.js";
import { type Extent, type Formula, formulaFor, Size, sameExtent } from "./sizes.js";

const { int64 } = torch;

/** Where a size is found: a dim of a tensor in the file. */
interface Place {
  readonly name: string;
  readonly rank: number;
  readonly dim: number;
}

export class Session {
  readonly builder: Builder;
  readonly #places = new Map<string, Place>();
  readonly #sizes: Size[] = [];
  readonly #ofModel = new Set<Value>();
  readonly #refused = new Map<Value, Error>();

  constructor(
    readonly recording: Recording,
    readonly opset: number,
    /** Whether what depends on the model's tensors alone is computed now. */
    readonly foldsModel: boolean,
  ) {
    this.builder = new Builder(opset);
  }

  /** Gives a value its name in the file, and notes its sizes. */
  define(value: Value, name: string): void {
    if (value.name !== undefined) return;
    value.name = name;
    value.sizes.forEach((size, dim) => {
      if (!(size instanceof Size) || this.#places.has(size.key)) return;
      this.#places.set(size.key, { name, rank: value.rank + (value.dtype.isComplex ? 1 : 0), dim });
      this.#sizes.push(size);
    });
  }

  /** Whether a value depends on parameters or buffers. */
  isOfModel(value: Value): boolean {
    const kind = value.all[0]?.kind;
    return kind === "parameter" || kind === "buffer" || this.#ofModel.has(value);
  }

  markOfModel(value: Value): void {
    this.#ofModel.add(value);
  }

  /** The tensor that a value is whatever the inputs are, if it may be in the file as such. */
  constantOf(value: Value): Tensor | undefined {
    if (this.isOfModel(value) && !this.foldsModel && value.all[0]?.kind === "result") return undefined;
    return value.tensor;
  }

  /** Notes why a value is not in the file, for those who ask for it. */
  refuse(value: Value, error: Error): void {
    this.#refused.set(value, error);
  }

  nameOf(value: Value): string {
    if (value.name !== undefined) return value.name;
    const refused = this.#refused.get(value);
    if (refused !== undefined) throw refused;
    const first = value.all[0] as GraphValue;
    const tensor = this.constantOf(value) ?? value.tensor;
    if (tensor === undefined) {
      throw new Error(
        `${first.describe()} is no result of an operation, and is not the same for other sizes of the dynamic axes; make it with operations, from sizes of tensors`,
      );
    }
    const isOwn = first.kind === "parameter" || first.kind === "buffer";
    const real = tensor.dtype.isComplex ? torch.viewAsReal(tensor) : tensor;
    const name = this.builder.initializer(isOwn ? first.name : `constant_${this.builder.initializers.size}`, real);
    this.define(value, name);
    return name;
  }

  emit(opType: string, inputs: readonly (string | undefined)[], attributes = {}): string {
    return this.builder.emit(opType, inputs, attributes, 1)[0] as string;
  }

  /** A size of a tensor `[1]` of int64. */
  #sizeAt({ name, rank, dim }: Place): string {
    if (this.opset >= 15) return this.emit("Shape", [name], { start: int(dim), end: int(dim + 1) });
    const shape = this.emit("Shape", [name]);
    return rank === 1 ? shape : this.emit("Gather", [shape, this.builder.literal([dim], int64)], { axis: 0n });
  }

  /** A number of the program as a tensor `[1]` of int64. */
  extent(extent: Extent): string {
    if (typeof extent === "number") return this.builder.literal([extent], int64);
    const place = this.#places.get(extent.key);
    if (place !== undefined) return this.#sizeAt(place);
    const formula = formulaFor(extent, this.#sizes);
    if (formula === undefined) {
      throw new Error(
        `the number that was ${extent.values.join(", ")} for other sizes of the dynamic axes is not seen to follow from the sizes of tensors; compute it from x.size(…) by sums, products and quotients, or leave that axis fixed`,
      );
    }
    return this.#compute(formula);
  }

  #compute({ factors, multiplier, addend, divisor }: Formula): string {
    const number = (value: number) => this.builder.literal([value], int64);
    let result = factors.map((factor) => this.extent(factor)).reduce((a, b) => this.emit("Mul", [a, b]));
    if (multiplier !== 1) result = this.emit("Mul", [result, number(multiplier)]);
    if (addend !== 0) result = this.emit("Add", [result, number(addend)]);
    return divisor === 1 ? result : this.emit("Div", [result, number(divisor)]);
  }

  /** Numbers of the program as one tensor of int64. */
  extents(list: readonly Extent[]): string {
    if (list.every((extent) => typeof extent === "number")) return this.builder.literal(list as number[], int64);
    if (list.length === 1) return this.extent(list[0] as Extent);
    return this.emit(
      "Concat",
      list.map((extent) => this.extent(extent)),
      { axis: 0n },
    );
  }

  /** A number of the program as a scalar; also one that is not whole, such as `1 / Math.sqrt(x.size(0))`. */
  scalar(extent: Extent, dtype: DType): string {
    if (typeof extent === "number") return this.builder.literal(extent, dtype);
    const squeezed = (size: Size) => this.emit("Squeeze", [this.extent(size), this.builder.literal([0], int64)]);
    if (extent.values.every(Number.isInteger)) return this.emit("Cast", [squeezed(extent)], { to: dtype });
    for (const size of this.#sizes) {
      const made = this.#power(extent, size);
      if (made === undefined) continue;
      const base = this.emit("Cast", [squeezed(size)], { to: dtype });
      const power = this.emit("Pow", [base, this.builder.literal(made.exponent, dtype)]);
      return this.emit("Mul", [power, this.builder.literal(made.factor, dtype)]);
    }
    throw new Error(
      `the number that was ${extent.values.join(", ")} for other sizes of the dynamic axes is not seen to follow from the sizes of tensors`,
    );
  }

  #power(wanted: Size, size: Size): { exponent: number; factor: number } | undefined {
    for (const exponent of [-1, 1, 0.5, -0.5, 2, -2]) {
      const factors = wanted.values.map((value, i) => value / (size.values[i] as number) ** exponent);
      const [factor] = factors as [number];
      if (factors.every((other) => Math.abs(other - factor) <= 1e-12 * Math.abs(factor))) return { exponent, factor };
    }
    return undefined;
  }

  /** A tensor in another shape; one dim may be left to be found out, and dims that stay in their place are copied. */
  reshape(name: string, from: readonly Extent[], to: readonly Extent[]): string {
    if (from.length === to.length && from.every((size, d) => sameExtent(size, to[d] as Extent))) return name;
    const isEmpty = to.includes(0);
    let open = true;
    const target = to.map((size, d): Extent => {
      if (typeof size === "number" || isEmpty) return size;
      if (d < from.length && sameExtent(size, from[d] as Extent)) return 0;
      if (!open) return size;
      open = false;
      return -1;
    });
    if (isEmpty && this.opset < 14) throw new Error("a reshaped tensor without elements needs opset 14");
    return this.emit("Reshape", [name, this.extents(target)], { allowzero: isEmpty ? 1n : undefined });
  }
}
