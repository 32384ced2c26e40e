/** Factories for elementwise operations, so that a definition states only its kernel and its derivative. */
import { type Operand, operand, tensor } from "../../arguments/params.js";
import {
  type BinaryOp,
  binary,
  type CompareOp,
  compare,
  type TestOp,
  test,
  type UnaryOp,
  unary,
} from "../../backend/kernels.js";
import { bool, Category, type DType, scalarTypeName } from "../../core/dtype.js";
import { floatingType, resultType } from "../../core/promotion.js";
import { Tensor } from "../../core/tensor.js";
import { zerosLike } from "../creation/filled.js";
import { type Definition, op, type Saved } from "../define.js";
import type { AnyFunction, Op } from "../types.js";
import { binaryResult, intoResult, unaryResult } from "./pointwise.js";

const one = { input: tensor };
const two = { input: operand, other: operand };

/** Two tensors, for functions that take no numbers. */
export const pair = { input: tensor, other: tensor };
/** A tensor, and a tensor or a number. */
export const numberBeside = { input: tensor, other: operand };

type UnaryDerivative<S extends string> = (grad: Tensor, saved: Saved<typeof one, S>) => Tensor;
type BinaryDerivatives<S extends string> = {
  readonly input?: (grad: Tensor, saved: Saved<typeof two, S>) => Tensor;
  readonly other?: (grad: Tensor, saved: Saved<typeof two, S>) => Tensor;
};

interface Dtypes {
  /** What tells the operation from another of its name. */
  readonly id?: string;
  /** The dtype in which is computed, from that of the operands. */
  readonly compute?: (dtype: DType) => DType;
}

/** Throws for a dtype for which PyTorch has no such function. */
export function rejectBool(name: string): (dtype: DType) => DType {
  return (dtype) => {
    if (dtype === bool) throw new TypeError(`"${name}" not implemented for 'Bool'`);
    return dtype;
  };
}

/** Throws for a floating or complex dtype. */
export function integralOnly(name: string): (dtype: DType) => DType {
  return (dtype) => {
    if (dtype.category >= Category.Floating)
      throw new TypeError(`"${name}" not implemented for '${scalarTypeName(dtype)}'`);
    return dtype;
  };
}

/** Throws for complex numbers, with these words. */
export function realOnly(words: string): (dtype: DType) => DType {
  return (dtype) => {
    if (dtype.isComplex) throw new TypeError(words);
    return dtype;
  };
}

/** Keeps the dtype as it is. */
const sameType = (dtype: DType): DType => dtype;

/** The derivative of a function that is constant between its steps. */
export const flat = (grad: Tensor): Tensor => zerosLike(grad);

/**
 * The kernel of a name, of the device in force. It is looked up when that changes, not in each call: a lookup by name in
 * code that all operations share takes as long as the kernel does for a few elements.
 */
function inForce<K extends string, F>(family: () => Readonly<Record<K, F>>, name: K): () => F {
  let known = family();
  let kernel = known[name];
  return () => {
    const current = family();
    if (current !== known) {
      known = current;
      kernel = current[name];
    }
    return kernel;
  };
}

/** A function of one tensor that keeps the dtype. */
export function unaryOp<const S extends string = never>(
  name: string,
  kernel: UnaryOp | ((result: Tensor, input: Tensor) => void),
  derivative: UnaryDerivative<S>,
  options: Dtypes & { readonly saves?: readonly S[]; readonly out?: false | "cast" } = {},
): Op<AnyFunction, "function, method, inplace"> {
  const compute = options.compute ?? sameType;
  const run = typeof kernel === "string" ? inForce(() => unary, kernel) : () => kernel;
  return op({
    name,
    id: options.id,
    elementwise: true,
    variants: "function, method, inplace",
    params: one,
    out: options.out ?? true,
    forward: ({ input }, out) => unaryResult(input, compute(input.dtype), out, run()),
    saves: options.saves,
    derivative: { input: derivative },
  });
}

/** A function of one tensor whose results are no whole numbers: integers are converted to the default dtype. */
export function floatingOp<const S extends string = never>(
  name: string,
  kernel: UnaryOp | ((result: Tensor, input: Tensor) => void),
  derivative: UnaryDerivative<S>,
  saves?: readonly S[],
): Op<AnyFunction, "function, method, inplace"> {
  return unaryOp(name, kernel, derivative, { compute: floatingType, saves, out: "cast" });
}

interface BinaryOptions<S extends string> {
  readonly saves?: readonly S[];
  readonly savedFor?: Definition<typeof two, S>["savedFor"];
  readonly params?: typeof pair | typeof numberBeside;
  readonly overload?: Definition<typeof two>["overload"];
}

/** Which overload PyTorch calls the first one: that with a number, or that with a tensor. */
export const numberFirst = ({ other }: { other: Operand }): number => (other instanceof Tensor ? 1 : 0);
export const tensorFirst = ({ other }: { other: Operand }): number => (other instanceof Tensor ? 0 : 1);

/** The same for functions with three overloads: of tensors, with a number first, and with a number second. */
export function whichNumber({ input, other }: { readonly input: Operand; readonly other: Operand }): number {
  return !(input instanceof Tensor) ? 1 : other instanceof Tensor ? 0 : 2;
}

/** A function of two operands, which broadcast and are promoted. */
export function binaryOp<const S extends string = never>(
  name: string,
  kernel: BinaryOp,
  derivative: BinaryDerivatives<S>,
  options: Dtypes & BinaryOptions<S> = {},
): Op<AnyFunction, "function, method, inplace"> {
  const compute = options.compute ?? sameType;
  const run = inForce(() => binary, kernel);
  return op({
    name,
    id: options.id,
    elementwise: true,
    variants: "function, method, inplace",
    params: (options.params ?? two) as typeof two,
    out: "cast",
    forward: ({ input, other }, out) => binaryResult(input, other, compute(resultType(input, other)), out, run()),
    saves: options.saves,
    savedFor: options.savedFor,
    overload: options.overload,
    derivative,
  });
}

/** A comparison of two operands, whose result is bool. */
export function compareOp(
  name: string,
  kernel: CompareOp,
  params: typeof pair | typeof numberBeside = numberBeside,
): Op<AnyFunction, "function, method, inplace"> {
  return op({
    name,
    elementwise: true,
    variants: "function, method, inplace",
    params: params as typeof numberBeside,
    out: "cast",
    forward: ({ input, other }, out) => compared(kernel, input, other, out),
    overload: numberFirst,
    derivative: { input: flat, other: flat },
  });
}

function compared(kernel: CompareOp, input: Operand, other: Operand, out: Tensor | undefined): Tensor {
  return binaryResult(input, other, resultType(input, other), out, compare[kernel], bool);
}

/** A yes or no about each element; some accept `out`. */
export function testOp(name: string, kernel: TestOp, out = false): Op<AnyFunction> {
  return op({
    name,
    elementwise: true,
    params: one,
    out,
    forward: ({ input }, target) =>
      intoResult(input.sizes, bool, [input], target, (result) => test(kernel, result, input)),
  });
}

/** A tensor from an operand, for derivatives that need one. */
export function asOperandTensor(value: Operand, like: Tensor): Tensor {
  return value instanceof Tensor ? value : like.newFull([], value);
}
