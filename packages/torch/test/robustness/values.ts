/** Random arguments, many of them wrong: tensors of every geometry, numbers at the edges, and things that are neither. */
import torch from "../../src/index.js";
import { Choices } from "../support/random.js";

export const dtypes = [
  torch.float32,
  torch.float64,
  torch.int64,
  torch.int32,
  torch.int16,
  torch.int8,
  torch.uint8,
  torch.bool,
];

const words = [
  "sum",
  "mean",
  "none",
  "floor",
  "add",
  "reflect",
  "foo",
  ":",
  "1:",
  "::2",
  "...",
  "-1:",
  "a:b",
  "",
  "ij,jk",
  "cpu",
];

const optionNames = [
  "dim",
  "keepdim",
  "dtype",
  "out",
  "alpha",
  "reduction",
  "generator",
  "requiresGrad",
  "p",
  "roundingMode",
  "descending",
  "foo",
  "dims",
  "weight",
  "inplace",
  "bias",
  "lr",
  "momentum",
  "betas",
  "eps",
  "memoryFormat",
  "device",
];

/** Beyond what any machine can hold, so that nothing is ever filled; honest sizes are small. */
const huge = [1e15, 2 ** 53, -(2 ** 53), 1e300, 2n ** 63n, -(2n ** 63n) - 1n, 2n ** 200n];

export class Values extends Choices {
  shape(): number[] {
    return this.list(this.below(5), () => this.of([0, 1, 1, 2, 3, 4, 5]));
  }

  /** A small tensor, by chance a view, expanded, a leaf with a gradient, or over the memory of a typed array. */
  tensor(shape = this.shape(), dtype = this.of(dtypes)): torch.Tensor {
    let result = this.#fresh(shape, dtype);
    if (result.ndim > 0 && this.chance(0.2)) result = result.transpose(0, -1);
    if (result.ndim > 0 && this.chance(0.1)) result = result.at(this.of(["::2", "1:", ":1"]));
    if (this.chance(0.1)) result = result.expand([2, ...result.shape]);
    if (this.chance(0.03)) return torch.inferenceMode(() => result.clone());
    if (!dtype.isFloatingPoint || this.chance(0.7)) return result;
    const leaf = result.detach().clone().requiresGrad_();
    return this.chance(0.3) ? leaf.mul(1) : leaf;
  }

  #fresh(shape: readonly number[], dtype: torch.DType): torch.Tensor {
    if (dtype.isFloatingPoint) return torch.randn(shape, { dtype });
    if (dtype === torch.bool) return torch.randint(0, 2, shape, { dtype });
    return torch.randint(dtype === torch.uint8 ? 0 : -3, 6, shape, { dtype });
  }

  /** A floating tensor that an optimizer would take. */
  parameter(): torch.Tensor {
    return this.tensor(this.shape(), this.of([torch.float32, torch.float64]))
      .detach()
      .clone()
      .requiresGrad_();
  }

  number(): number | bigint {
    if (this.chance(0.1)) return this.of(huge);
    return this.of([0, 1, 2, 3, -1, -2, 5, 64, 0.5, -0.5, Number.NaN, Infinity, -Infinity, 2n, -1n]);
  }

  /** A number that a size or a count could be. */
  count(): unknown {
    return this.chance(0.1) ? this.value() : this.of([0, 1, 1, 2, 2, 3, 4, 5]);
  }

  value(depth = 0): unknown {
    const kind = this.below(depth > 1 ? 8 : 12);
    if (kind < 4) return this.tensor();
    if (kind < 6) return this.number();
    if (kind === 6) return this.of([true, false, null, undefined, this.of(words)]);
    if (kind === 7) return this.oddity();
    if (kind === 8) return this.list(this.below(4), () => this.of([0, 1, 2, -1, 3]));
    if (kind === 9) return this.list(this.below(4), () => this.tensor());
    if (kind === 10) return this.list(this.below(4), () => this.value(depth + 1));
    return this.options(() => this.value(depth + 1));
  }

  options(value = () => this.value(1)): Record<string, unknown> {
    return Object.fromEntries(this.list(1 + this.below(2), () => [this.of(optionNames), value()]));
  }

  args(most: number): unknown[] {
    return this.list(this.below(most + 1), () => this.value());
  }

  /** What nobody should pass. */
  oddity(): unknown {
    const oddities: (() => unknown)[] = [
      () => this.of(dtypes),
      () => new torch.Generator(),
      () => () => 1,
      () => (x: unknown) => x,
      () => () => {
        throw new Error("thrown by a callback");
      },
      () => Symbol("s"),
      () => new Map(),
      () => new Date(Number.NaN),
      () => Object.create(null),
      () => cyclicArray(),
      () => nested(this.of([70, 1000])),
      // biome-ignore lint/suspicious/noSparseArray: as wrong as it gets
      () => [, 1],
      () => new Array(2 ** 32 - 1),
      () => new DataView(new ArrayBuffer(8)),
      () => new BigUint64Array(2),
      () => this.typedArray(),
      () => detach(this.typedArray()),
      () => Promise.resolve(1),
      () => changing(),
      () => ({ length: 2 ** 53 }),
      () => ({
        get dim() {
          throw new Error("thrown by a getter");
        },
      }),
    ];
    return this.of(oddities)();
  }

  typedArray(): torch.TypedArray {
    const Type = this.of([Float32Array, Float64Array, Int32Array, Uint8Array, Int16Array]);
    return new Type(new ArrayBuffer(Type.BYTES_PER_ELEMENT * this.of([0, 1, 4, 6, 200])));
  }
}

function cyclicArray(): unknown[] {
  const array: unknown[] = [1];
  array[0] = array;
  return array;
}

function nested(depth: number): unknown {
  let array: unknown = 1;
  for (let i = 0; i < depth; i++) array = [array];
  return array;
}

/** An array that says something else each time it is read. */
function changing(): number[] {
  let reads = 0;
  return new Proxy([1, 1], {
    get: (target, key) => (key === "0" || key === "1" ? 1 + 1000 * reads++ : Reflect.get(target, key)),
  });
}

/** Takes the memory of a typed array away. */
export function detach<A extends ArrayBufferView>(array: A): A {
  structuredClone(array.buffer, { transfer: [array.buffer as ArrayBuffer] });
  return array;
}

/** The call as far as it can be printed. */
export function describe(value: unknown, depth = 0): string {
  if (depth > 3) return "…";
  if (value instanceof torch.Tensor) return `tensor(${value.dtype}, [${value.shape}], strides [${value.stride()}])`;
  if (Array.isArray(value)) {
    const items = Array.from({ length: Math.min(value.length, 8) }, (_, i) => describe(value[i], depth + 1));
    return `[${items.join(", ")}${value.length > 8 ? ", …" : ""}]`;
  }
  if (typeof value === "object" && value !== null && Object.getPrototypeOf(value) === Object.prototype) {
    const entries = Object.entries(Object.getOwnPropertyDescriptors(value));
    return `{ ${entries.map(([key, { value: item }]) => `${key}: ${describe(item, depth + 1)}`).join(", ")} }`;
  }
  if (typeof value === "object" && value !== null) return value.constructor?.name ?? "object";
  return typeof value === "bigint" ? `${value}n` : String(value);
}
