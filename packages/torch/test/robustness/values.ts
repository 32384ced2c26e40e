/** Random arguments, many of them wrong: tensors of every geometry, numbers at the edges, and things that are neither. */
import torch from "../../src/index.js";
import { Choices } from "../support/random.js";
import { boasting, changing, cyclicArray, detach, elusive, growing, nested, trap, yielding } from "./hostile.js";

export const dtypes = [
  torch.float32,
  torch.float64,
  torch.int64,
  torch.int32,
  torch.int16,
  torch.int8,
  torch.uint8,
  torch.bool,
  torch.float16,
  torch.bfloat16,
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

/** Where integers of so many bits end, and doubles become whole, infinite or nothing. */
const extremes = [
  2 ** 31 - 1,
  2 ** 31,
  -(2 ** 31) - 1,
  2 ** 32,
  1e15,
  2 ** 53 - 1,
  2 ** 53,
  -(2 ** 53),
  2 ** 63,
  1e300,
  -1e308,
  5e-324,
  -0,
  2n ** 31n,
  2n ** 63n - 1n,
  2n ** 63n,
  -(2n ** 63n) - 1n,
  2n ** 200n,
  -(10n ** 400n),
];

/** Elements that are far beyond what others are, or just beyond what a dtype holds. */
const edges = [2 ** 53, -1e300, Number.NaN, Infinity, 255, -129];

/** Memory that other threads of the fuzzer see, and write to, at any moment. */
let sharedMemory = new SharedArrayBuffer(4096);

export function shareMemory(memory: SharedArrayBuffer): void {
  sharedMemory = memory;
}

export class Values extends Choices {
  /** The tensors made so far, which may come once more. */
  readonly #made: torch.Tensor[] = [];

  shape(): number[] {
    if (this.chance(0.1)) return [];
    if (this.chance(0.04)) return this.#manyDims();
    return this.list(this.below(5), () => this.of([0, 1, 1, 2, 3, 4, 5]));
  }

  /** Up to the most dims that there are. */
  #manyDims(): number[] {
    const shape = this.list(this.of([5, 9, 17, 32, 63, 64]), () => 1);
    for (let i = 0; i < 4; i++) shape[this.below(shape.length)] = this.of([0, 1, 2, 2, 3]);
    return shape;
  }

  /**
   * A small tensor, by chance a view, expanded, a leaf with a gradient, over the memory of a typed array, or one that
   * was there before, or shares its memory.
   */
  tensor(shape = this.shape(), dtype = this.of(dtypes)): torch.Tensor {
    if (this.#made.length > 0 && this.chance(0.12)) return this.#again(this.of(this.#made));
    const result = this.#placed(shape, dtype);
    this.#made.push(result);
    return result;
  }

  #placed(shape: readonly number[], dtype: torch.DType): torch.Tensor {
    let result = this.#fresh(shape, dtype);
    if (result.ndim > 0 && this.chance(0.2)) result = result.transpose(0, -1);
    if (result.ndim > 0 && this.chance(0.1)) result = result.at(this.of(["::2", "1:", ":1"]));
    if (result.ndim < 64 && this.chance(0.1)) result = result.expand([2, ...result.shape]);
    if (this.chance(0.03)) return torch.inferenceMode(() => result.clone());
    if (!dtype.isFloatingPoint || this.chance(0.7)) return result;
    const leaf = result.detach().clone().requiresGrad_();
    return this.chance(0.3) ? leaf.mul(1) : leaf;
  }

  /** The same tensor, or another one over the same memory. */
  #again(tensor: torch.Tensor): torch.Tensor {
    const { data } = tensor;
    const views: (() => torch.Tensor)[] = [
      () => tensor,
      () => tensor,
      () => data,
      () => tensor.detach(),
      () => data.reshape(-1).narrow(0, 1, data.numel() - 1),
      () => data.view(-1).flip(0),
      () => data.T,
      () => data.view(this.of(dtypes)),
      () => data.expand([3, ...data.shape]),
      () => data.asStrided([2, 2], [1, 1]),
      () => torch.fromTypedArray(data.asTypedArray() as torch.TypedArray),
    ];
    try {
      return this.of(views)();
    } catch {
      return tensor;
    }
  }

  #fresh(shape: readonly number[], dtype: torch.DType): torch.Tensor {
    if (this.chance(0.1)) return this.#ofForeign(shape, dtype);
    if (this.chance(0.03)) return torch.full(shape, this.of(edges), { dtype: torch.float64 }).to(dtype);
    if (dtype.isFloatingPoint) return torch.randn(shape, { dtype });
    if (dtype === torch.bool) return torch.randint(0, 2, shape, { dtype });
    return torch.randint(dtype === torch.uint8 ? 0 : -3, 6, shape, { dtype });
  }

  /** Over any bytes: of an array of ours, of a buffer that grows, or of one that other threads write to. */
  #ofForeign(shape: readonly number[], dtype: torch.DType): torch.Tensor {
    const count = shape.reduce((product, size) => product * size, 1);
    if (count === 0) return torch.empty(shape, { dtype });
    const shared = this.chance(0.4) && count * dtype.itemsize <= sharedMemory.byteLength - 64;
    const offset = this.of([0, 8, 24, 64]);
    const memory = shared ? sharedMemory : new ArrayBuffer(offset + count * dtype.itemsize + this.of([0, 8]));
    const bytes = new Uint8Array(memory, offset, count * dtype.itemsize);
    if (!shared || this.chance(0.3))
      for (let i = 0; i < Math.min(bytes.length, 64); i++) bytes[i] = this.of([0, 1, 2, 255, this.below(256)]);
    return torch.fromTypedArray(bytes).view(dtype).view(shape);
  }

  /** A floating tensor that an optimizer would take. */
  parameter(): torch.Tensor {
    return this.tensor(this.shape(), this.of([torch.float32, torch.float64]))
      .detach()
      .clone()
      .requiresGrad_();
  }

  number(): number | bigint {
    if (this.chance(0.15)) return this.of(extremes);
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
    if (kind === 9) return this.tensors();
    if (kind === 10) return this.list(this.below(4), () => this.value(depth + 1));
    return this.options(() => this.value(depth + 1));
  }

  /** A few tensors, by chance hundreds. */
  tensors(): torch.Tensor[] {
    if (this.chance(0.97)) return this.list(this.below(4), () => this.tensor());
    const few = this.list(3, () => this.tensor());
    return this.list(this.of([65, 300, 1025]), () => this.of(few));
  }

  options(value = () => this.value(1)): Record<string, unknown> {
    return Object.fromEntries(this.list(1 + this.below(2), () => [this.of(optionNames), value()]));
  }

  args(most: number): unknown[] {
    return this.list(this.below(most + 1), () => this.value());
  }

  /** Changes a tensor that is perhaps in use: its size, its memory, its content. */
  interfere(): void {
    if (this.#made.length === 0) return;
    const tensor = this.of(this.#made);
    const changes: (() => unknown)[] = [
      () => tensor.data.resize_(this.of([[0], [1], [1000]])),
      () => (tensor.data = torch.zeros(this.shape(), { dtype: tensor.dtype })),
      () => tensor.data.fill_(1e9),
      () => tensor.data.asTypedArray().fill(255 as never),
      () => tensor.data.transpose_(0, -1),
    ];
    try {
      this.of(changes)();
    } catch {}
  }

  /** What code of the user returns; no list of billions, which takes its time and is nobody's fault. */
  returned(): unknown {
    const value = this.value(1);
    return Array.isArray(value) && value.length > 1e6 ? undefined : value;
  }

  /** A function that the library calls: what it returns is no tensor, or another one, and it may interfere. */
  callback(): (...args: unknown[]) => unknown {
    const interferes = this.chance(0.3);
    const result = this.chance(0.3) ? undefined : this.returned();
    return () => {
      if (interferes) this.interfere();
      return result;
    };
  }

  /** What nobody should pass. */
  oddity(): unknown {
    const oddities: (() => unknown)[] = [
      () => this.of(dtypes),
      () => new torch.Generator(),
      () => this.callback(),
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
      () => this.list(this.of([65, 300, 1025]), () => this.of([0, 1])),
      () => new DataView(new ArrayBuffer(8)),
      () => new BigUint64Array(2),
      () => this.typedArray(),
      () => boasting(this.typedArray()),
      () => detach(this.typedArray()),
      () => new Proxy(this.typedArray(), {}),
      () => new Float32Array(sharedMemory, 8, 4),
      () => Promise.resolve(1),
      () => changing(),
      () => growing(),
      () => elusive(),
      () => ({ length: 2 ** 53 }),
      () => trap(this.of(optionNames), this.value(2), () => this.interfere()),
      () => yielding(() => this.value(2)),
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
    const offset = Type.BYTES_PER_ELEMENT * this.of([0, 0, 1, 3]);
    return new Type(new ArrayBuffer(offset + Type.BYTES_PER_ELEMENT * this.of([0, 1, 4, 6, 200])), offset);
  }
}

/** The call as far as it can be printed; nothing of it runs. */
export function describe(value: unknown, depth = 0): string {
  try {
    return description(value, depth);
  } catch {
    return "(cannot be described)";
  }
}

function description(value: unknown, depth: number): string {
  if (depth > 3) return "…";
  if (value instanceof torch.Tensor) return `tensor(${value.dtype}, [${value.shape}], strides [${value.stride()}])`;
  if (Array.isArray(value)) {
    const items = Array.from({ length: Math.min(value.length, 8) }, (_, i) => {
      const item = Object.getOwnPropertyDescriptor(value, i);
      return item !== undefined && "value" in item ? describe(item.value, depth + 1) : "…";
    });
    return `[${items.join(", ")}${value.length > 8 ? `, … ${value.length} in all` : ""}]`;
  }
  if (typeof value === "object" && value !== null && Object.getPrototypeOf(value) === Object.prototype) {
    const entries = Object.entries(Object.getOwnPropertyDescriptors(value));
    return `{ ${entries.map(([key, item]) => `${key}: ${item.get ? "a getter" : describe(item.value, depth + 1)}`).join(", ")} }`;
  }
  if (typeof value === "object" && value !== null) return value.constructor?.name ?? "object";
  return typeof value === "bigint" && value > 2n ** 70n ? "a huge bigint" : String(value);
}
