/**
 * Tensors as text, as PyTorch's `repr` shows them.
 *
 * Source: https://pytorch.org/docs/stable/generated/torch.set_printoptions.html
 */

import type { Args } from "../arguments/args.js";
import { invalid, number, openFlag, optional, type Param, word } from "../arguments/params.js";
import { Signature } from "../arguments/parse.js";
import { readElement } from "../backend/reading.js";
import type { Complex } from "../core/complex.js";
import { bool, complex64, complex128, type DType, float64, getDefaultDtype, int64 } from "../core/dtype.js";
import { installMembers } from "../core/installMembers.js";
import { formatExponential, formatFixed } from "../core/numberFormat.js";
import type { Tensor } from "../core/tensor.js";

/** How tensors are printed. */
export interface PrintOptions {
  /** Digits after the point. */
  precision: number;
  /** Elements from which on only the edges are shown. */
  threshold: number;
  /** Elements shown at each end of a dim then. */
  edgeitems: number;
  /** Characters to a line. */
  linewidth: number;
  /** Exponents always (true), never (false), or where the numbers ask for it (null). */
  sciMode: boolean | null;
}

const profiles = {
  default: { precision: 4, threshold: 1000, edgeitems: 3, linewidth: 80 },
  short: { precision: 2, threshold: 1000, edgeitems: 2, linewidth: 80 },
  full: { precision: 4, threshold: Infinity, edgeitems: 3, linewidth: 80 },
} as const;

const options: PrintOptions = { ...profiles.default, sciMode: null };

/** Settings for `setPrintoptions`; a profile sets several, which the others then change. */
export interface PrintSettings extends Partial<PrintOptions> {
  profile?: keyof typeof profiles;
}

/** A whole number of at most `most`; or infinity, where that is not limited. */
function count(most = Infinity): Param<number | undefined> {
  const read = (value: unknown) =>
    typeof value === "number" && value >= 0 && value <= most && (Number.isInteger(value) || value === Infinity)
      ? value
      : invalid;
  return optional({ ...number, expected: `a whole number from 0 to ${most}`, read });
}

const signature = new Signature("setPrintoptions", {
  // JavaScript writes 100 digits at most, of which some tell how to round.
  precision: count(70),
  threshold: count(),
  edgeitems: count(),
  linewidth: count(),
  profile: optional(word("default", "short", "full")),
  sciMode: openFlag,
});

/**
 * Changes how tensors are printed. What is not given stays as it is, but `sciMode`, which goes back to null.
 *
 * @example torch.setPrintoptions({ precision: 2 });
 * @throws TypeError for an unknown option or profile; nothing is changed then.
 * @see https://pytorch.org/docs/stable/generated/torch.set_printoptions.html
 */
export function setPrintoptions(
  ...args: Args<
    [precision?: number, threshold?: number, edgeitems?: number, linewidth?: number],
    ["precision", "threshold", "edgeitems", "linewidth"],
    Pick<PrintSettings, "profile" | "sciMode">
  >
): void {
  const { profile, sciMode = null, ...others } = signature.parse(args);
  if (profile !== undefined) Object.assign(options, profiles[profile]);
  const given = Object.entries(others).filter(([, value]) => value !== undefined);
  Object.assign(options, Object.fromEntries(given), { sciMode });
}

type Value = number | bigint;

/** Writes every element of a tensor in the same width. */
class Formatter {
  readonly #dtype: DType;
  #wholeNumbers = true;
  #exponents = false;
  width = 1;

  constructor(dtype: DType, values: readonly Value[]) {
    this.#dtype = dtype;
    if (!dtype.isFloatingPoint) {
      this.#widen(values);
      return;
    }
    const finite = (values as readonly number[]).filter((value) => Number.isFinite(value) && value !== 0);
    if (finite.length > 0) {
      const sizes = finite.map(Math.abs);
      const least = sizes.reduce((a, b) => Math.min(a, b));
      const largest = sizes.reduce((a, b) => Math.max(a, b));
      this.#wholeNumbers = finite.every(Number.isInteger);
      this.#exponents = options.sciMode ?? (largest / least > 1000 || largest > 1e8 || least < 1e-4);
    }
    this.#widen(finite);
  }

  #widen(values: readonly Value[]): void {
    for (const value of values) this.width = Math.max(this.width, this.#write(value).length);
  }

  #write(value: Value): string {
    if (this.#dtype === bool) return value ? "True" : "False";
    if (!this.#dtype.isFloatingPoint) return String(value);
    const number = value as number;
    if (this.#exponents) return formatExponential(number, options.precision);
    if (!this.#wholeNumbers) return formatFixed(number, options.precision);
    return formatFixed(number, 0) + (Number.isFinite(number) ? "." : "");
  }

  format(value: Value): string {
    return this.#write(value).padStart(this.width);
  }
}

/** Writes complex numbers as their two parts, each in a width of its own. */
class ComplexFormatter {
  readonly #real: Formatter;
  readonly #imag: Formatter;
  readonly width: number;

  constructor(dtype: DType, values: readonly Complex[]) {
    const part = dtype.toReal();
    this.#real = new Formatter(
      part,
      values.map(({ real }) => real),
    );
    this.#imag = new Formatter(
      part,
      values.map(({ imag }) => imag),
    );
    this.width = this.#real.width + this.#imag.width + 1;
  }

  format({ real, imag }: Complex): string {
    const text = this.#imag.format(imag).trimStart();
    return `${this.#real.format(real)}${text.startsWith("-") ? "" : "+"}${text}j`;
  }
}

/** How the elements of a dtype are written. */
function formatterOf(dtype: DType, values: readonly (Value | Complex)[]): Formatter | ComplexFormatter {
  if (dtype.isComplex) return new ComplexFormatter(dtype, values as readonly Complex[]);
  return new Formatter(dtype, values as readonly Value[]);
}

/** Indices of a dim that are shown; -1 stands for the gap. */
function shownIndices(size: number, summarize: boolean): number[] {
  const { edgeitems } = options;
  const all = (count: number, from = 0) => Array.from({ length: count }, (_, i) => from + i);
  if (!summarize || size <= 2 * edgeitems) return all(size);
  return [...all(edgeitems), -1, ...all(edgeitems, size - edgeitems)];
}

class Writer {
  readonly #formatter: Formatter | ComplexFormatter;

  constructor(
    readonly tensor: Tensor,
    readonly summarize: boolean,
  ) {
    const values: (Value | Complex)[] = [];
    this.#visit(0, 0, (value) => values.push(value));
    this.#formatter = formatterOf(tensor.dtype, values);
  }

  #visit(dim: number, at: number, use: (value: Value | Complex) => void): void {
    const { sizes, strides } = this.tensor;
    if (dim === sizes.length) {
      use(readElement(this.tensor, at));
      return;
    }
    for (const index of shownIndices(sizes[dim] as number, this.summarize)) {
      if (index >= 0) this.#visit(dim + 1, at + index * (strides[dim] as number), use);
    }
  }

  #write(at: number): string {
    return this.#formatter.format(readElement(this.tensor, at) as Value & Complex);
  }

  write(indent: number, dim = 0, at = 0): string {
    const { sizes, strides } = this.tensor;
    if (dim === sizes.length) return this.#write(at);
    const stride = strides[dim] as number;
    const indices = shownIndices(sizes[dim] as number, this.summarize);
    if (dim === sizes.length - 1) return this.#writeRow(indent, at, stride, indices);
    const rows = indices.map((index) => (index < 0 ? "..." : this.write(indent + 1, dim + 1, at + index * stride)));
    return `[${rows.join(`,${"\n".repeat(sizes.length - dim - 1)}${" ".repeat(indent + 1)}`)}]`;
  }

  #writeRow(indent: number, at: number, stride: number, indices: readonly number[]): string {
    const items = indices.map((index) => (index < 0 ? " ..." : this.#write(at + index * stride)));
    const perLine = Math.max(1, Math.floor((options.linewidth - indent) / (this.#formatter.width + 2)));
    const lines: string[] = [];
    for (let i = 0; i < items.length; i += perLine) lines.push(items.slice(i, i + perLine).join(", "));
    return `[${lines.join(`,\n${" ".repeat(indent + 1)}`)}]`;
  }
}

/** A list of numbers as Python writes a tuple. */
function formatTuple(values: readonly number[]): string {
  return values.length === 1 ? `(${values[0]},)` : `(${values.join(", ")})`;
}

function suffixesOf(tensor: Tensor, numel: number): string[] {
  const suffixes: string[] = [];
  const { dtype, sizes } = tensor;
  if (tensor.device !== "cpu") suffixes.push(`device='${tensor.device}'`);
  if (tensor.isMeta || (numel === 0 && sizes.length !== 1)) suffixes.push(`size=${formatTuple(sizes)}`);
  const defaultComplex = getDefaultDtype() === float64 ? complex128 : complex64;
  const isUsual = dtype === int64 || dtype === bool || dtype === defaultComplex;
  const isPlain = dtype === getDefaultDtype() || (numel > 0 && !tensor.isMeta && isUsual);
  if (!isPlain) suffixes.push(`dtype=${dtype}`);
  const node = tensor.gradFn;
  if (node !== null) suffixes.push(`grad_fn=<${node.name()}>`);
  else if (tensor.requiresGrad) suffixes.push("requires_grad=True");
  return suffixes;
}

/** The text of a tensor. */
function formatTensor(tensor: Tensor): string {
  const prefix = "tensor(";
  const numel = tensor.numel();
  const body = tensor.isMeta
    ? "..."
    : numel === 0
      ? "[]"
      : new Writer(tensor, numel > options.threshold).write(prefix.length);
  let text = prefix + body;
  let lineLength = text.length - text.lastIndexOf("\n") + 1;
  for (const suffix of suffixesOf(tensor, numel)) {
    if (lineLength + suffix.length + 2 > options.linewidth) {
      text += `,\n${" ".repeat(prefix.length)}${suffix}`;
      lineLength = prefix.length + suffix.length;
    } else {
      text += `, ${suffix}`;
      lineLength += suffix.length + 2;
    }
  }
  return `${text})`;
}

export class PrintingMembers {
  /** The tensor as PyTorch prints it. */
  toString(this: Tensor): string {
    return formatTensor(this);
  }

  /** What `console.log` shows. */
  [Symbol.for("nodejs.util.inspect.custom")](this: Tensor): string {
    return this.toString();
  }
}

installMembers(PrintingMembers);
