/** Reads what conformance/generate.py recorded of PyTorch: the operations, their calls, and the tensors in them. */
import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { gunzipSync } from "node:zlib";
import torch, { type DType, type Tensor, type TypedArray } from "../../src/index.js";

export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };

export interface GoldenError {
  readonly class: string;
  readonly message: string;
}

/** A result that is a tensor: its place in the list, and strides and the input it shares memory with, if recorded. */
export interface GoldenTensor {
  readonly t: number;
  readonly s?: readonly number[];
  readonly of?: number;
}

/** What a call returns: tensors, lists of them, fields by name, or plain values. */
export type GoldenResult =
  | Json
  | GoldenTensor
  | { readonly fields: readonly string[]; readonly items: readonly GoldenResult[] };

export interface GoldenCase {
  /** Positional arguments. */
  readonly a: readonly Json[];
  /** Named arguments. */
  readonly k?: { readonly [name: string]: Json };
  /** The result. */
  readonly r?: GoldenResult;
  /** The error, in place of a result. */
  readonly e?: GoldenError;
  /** Arguments that the call changed: the number of the tensor and what it became. */
  readonly c?: readonly (readonly [number, number])[];
  /** What the in-place form gives. */
  readonly i?: GoldenResult | { readonly e: GoldenError };
  /** Gradients from outside, and those of the tensors at the places `w`, or of all floating ones. */
  readonly g?: GoldenGradients;
}

export interface GoldenGradients {
  readonly o: readonly number[];
  readonly i: readonly (number | null)[];
  readonly w?: readonly number[];
}

export type Form = "function" | "method" | "inplace" | "out";

export interface GoldenOperation {
  readonly name: string;
  readonly space: "torch" | "Tensor" | "F" | "linalg" | "fft" | "special" | "masked";
  readonly forms: readonly Form[];
  /** A case, by its place, with which `out` was tried in another dtype, and whether PyTorch wrote to it. */
  readonly casts?: readonly [at: number, written: boolean];
  readonly cases: readonly GoldenCase[];
}

interface Recipe {
  readonly count: number;
  readonly low: number;
  readonly high: number;
  readonly seed: number;
}

type Dense = readonly [
  dtype: string,
  sizes: number[],
  strides: 0 | number[],
  offset: number,
  place: number | Recipe,
  count: number,
];

/** A large tensor, of which only a sample and sums were kept. */
export interface Summary {
  readonly dtype: string;
  readonly sizes: readonly number[];
  readonly at: readonly number[];
  readonly sample: number;
  /** Of integers: a hash of all bytes. */
  readonly hash?: string;
  /** Of floats: the sum of the finite elements, of their absolute values, and how many they are. */
  readonly sum?: number;
  readonly size?: number;
  readonly finite?: number;
}

const folder = new URL("../../../../../conformance/data/", import.meta.url);

/** The names of the recorded families. */
export function families(): string[] {
  const files = readdirSync(folder).filter((name) => name.endsWith(".gz"));
  return files.map((name) => name.slice(0, -".gz".length)).sort();
}

export function dtypeNamed(name: string): DType {
  return (torch as unknown as Record<string, DType>)[name] as DType;
}

/** A number by Python's word for it. */
export function numberNamed(word: string): number {
  return Number(word.replace("inf", "Infinity"));
}

/** A complex number by the words for its parts. */
export function complexNamed(parts: unknown): torch.Complex {
  const [real, imag] = parts as [string, string];
  return new torch.Complex(numberNamed(real), numberNamed(imag));
}

/** A tensor over elements, of a half type over their bits, of complex numbers over both parts. */
function over(elements: TypedArray, name: string): Tensor {
  const dtype = dtypeNamed(name);
  if (dtype.isComplex) return torch.viewAsComplex(torch.fromTypedArray(elements).view(-1, 2));
  return dtype.isHalf ? torch.fromTypedArray(elements, { dtype }) : torch.fromTypedArray(elements);
}

/** One recorded family. */
export class Golden {
  readonly operations: readonly GoldenOperation[];
  readonly #tensors: readonly (Dense | Summary)[];
  readonly #memory: Buffer;

  constructor(readonly family: string) {
    const bytes = gunzipSync(readFileSync(new URL(`${family}.gz`, folder)));
    const end = 4 + bytes.readUInt32LE(0);
    const header = JSON.parse(bytes.toString("utf8", 4, end));
    this.operations = header.operations;
    this.#tensors = header.tensors;
    this.#memory = bytes.subarray(end);
  }

  /** What is kept of a result that is too large to be kept whole. */
  summary(index: number): Summary | undefined {
    const entry = this.#tensors[index];
    return entry === undefined || Array.isArray(entry) ? undefined : (entry as Summary);
  }

  /** Elements in row-major order, both parts of complex ones, and what they are. */
  values(index: number): { dtype: string; sizes: readonly number[]; values: TypedArray } {
    const [dtype, sizes, , , place, count] = this.#tensors[index] as Dense;
    const values = this.#elements(dtype, place, count);
    const { isHalf } = dtypeNamed(dtype);
    return { dtype, sizes, values: isHalf ? over(values, dtype).float().toTypedArray() : values };
  }

  /** A tensor over memory of its own, with the recorded strides. */
  tensor(index: number): Tensor {
    const [dtype, sizes, strides, offset, place, count] = this.#tensors[index] as Dense;
    const values = this.#elements(dtype, place, count);
    const flat = over(values, dtype);
    const typed = dtype === "bool" ? flat.to(torch.bool) : flat;
    return (strides === 0 ? typed.view(sizes) : typed.asStrided(sizes, strides, offset)).detach();
  }

  /** The sizes and the dtype of a tensor, for messages. */
  describe(index: number): string {
    const entry = this.#tensors[index] as Dense | Summary;
    if (!Array.isArray(entry)) return `${(entry as Summary).dtype}[${(entry as Summary).sizes}]`;
    const [dtype, sizes, strides] = entry as Dense;
    return `${dtype}[${sizes}]${strides === 0 ? "" : ` strides [${strides}]`}`;
  }

  #elements(dtype: string, place: number | Recipe, count: number): TypedArray {
    const { arrayType, arrayElements } = dtypeNamed(dtype);
    const Elements = arrayType as new (buffer: ArrayBuffer | number) => TypedArray;
    if (typeof place !== "number") return follow(place, dtype, new Elements(place.count));
    const size = count * arrayElements * new Elements(0).BYTES_PER_ELEMENT;
    return new Elements(new Uint8Array(this.#memory.subarray(place, place + size)).buffer);
  }
}

/** The rule of `large` in conformance/inputs.py. */
function follow({ count, low, high, seed }: Recipe, dtype: string, into: TypedArray): TypedArray {
  for (let i = 0; i < count; i++) {
    let h = Math.imul(i + seed, 0x9e3779b1) >>> 0;
    h = (h ^ (h >>> 15)) >>> 0;
    h = Math.imul(h, 0x85ebca6b) >>> 0;
    h = (h ^ (h >>> 13)) >>> 0;
    const unit = h / 2 ** 32;
    const value = low + (high - low) * unit;
    if (dtype === "bool") into[i] = unit < 0.5 ? 1 : 0;
    else if (dtype.startsWith("float")) into[i] = value;
    else into[i] = dtype === "int64" ? BigInt(Math.floor(value)) : Math.floor(value);
  }
  return into;
}

/** The hash that `Summary` keeps of integers. */
export function hashOf(values: TypedArray): string {
  const bytes = new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
  return createHash("sha256").update(bytes).digest("hex").slice(0, 12);
}
