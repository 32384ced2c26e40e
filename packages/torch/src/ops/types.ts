/** The types by which operations become functions and methods. */
export type { Args } from "../arguments/args.js";

import type { Flat, Overloads } from "../arguments/args.js";
import type { Device } from "../core/devices.js";
import type { DType } from "../core/dtype.js";
import type { Tensor } from "../core/tensor.js";

/** Where an operation shows up, as PyTorch's own list of operations has it. */
export type Variants = "function" | "method" | "function, method" | "function, method, inplace" | "method, inplace";

/** Carries the variants of an operation in its type, and the signature it is declared with. */
declare const variantsOf: unique symbol;
declare const signatureOf: unique symbol;

// biome-ignore lint/suspicious/noExplicitAny: a function that can stand for one of any signature
export type AnyFunction = (...args: any[]) => any;

/** A function of one signature as overloads, one for each way to give its arguments; one of several stays as it is. */
type AsOverloads<F> = F extends (...args: infer A) => infer R
  ? [(...args: A) => R] extends [F]
    ? Overloads<A, R>
    : F
  : never;

/** An operation with the signature `F`, whose first parameter is the tensor that methods are called on. */
export type Op<F extends AnyFunction, V extends Variants = "function, method"> = AsOverloads<F> & {
  readonly [variantsOf]?: V;
  readonly [signatureOf]?: F;
};

/** An operation that also has an in-place method: `exp` and `exp_`. */
export type InplaceOp<F extends AnyFunction> = Op<F, "function, method, inplace">;
/** An operation that exists as a method only. */
export type MethodOp<F extends AnyFunction> = Op<F, "method">;
/** An operation that exists as a function only. */
export type FunctionOp<F extends AnyFunction> = Op<F, "function">;

/** Carries the signatures of a method that has several. */
declare const methodOf: unique symbol;

/** An operation with several signatures, `F` as a function and `M` as a method. */
export type OverloadedOp<F extends AnyFunction, M extends AnyFunction, V extends Variants = "function, method"> = Op<
  F,
  V
> & {
  readonly [methodOf]?: M;
};

/** The signature that an operation is declared with. */
export type SignatureOf<O> = O extends { readonly [signatureOf]?: infer F } ? (unknown extends F ? O : F) : O;

/** The signature of a method: the function's without the tensor. */
export type Method<O> = O extends { readonly [methodOf]?: infer M }
  ? unknown extends M
    ? SimpleMethod<SignatureOf<O>>
    : AsOverloads<NonNullable<M>>
  : SimpleMethod<SignatureOf<O>>;

type WithoutFirst<A> = A extends readonly [unknown, ...infer Rest] ? Rest : never;

type SimpleMethod<F> = F extends (...args: infer A) => infer T ? Overloads<WithoutFirst<A>, T> : never;

/** The arguments without `out`, the one option that is not there in place. */
type WithoutOut<A> = A extends readonly unknown[]
  ? { [K in keyof A]: NonNullable<A[K]> extends { out?: unknown } ? Flat<Omit<NonNullable<A[K]>, "out">> : A[K] }
  : never;

type InplaceArguments<O> = SignatureOf<O> extends (...args: infer A) => unknown ? WithoutOut<WithoutFirst<A>> : never;

/** The signature of the in-place form of a method. */
export type InplaceMethod<O> = Overloads<InplaceArguments<O>, Tensor>;

type AfterTensor<A> = A extends readonly unknown[] ? [input: Tensor, ...rest: A] : never;

/** The function that does what the in-place method does. */
export type InplaceFunction<O> = Overloads<AfterTensor<InplaceArguments<O>>, Tensor>;

/** The option that names the tensor to write to. */
export interface Out {
  out?: Tensor;
}

/** Options of functions that make tensors. */
export interface TensorOptions {
  dtype?: DType;
  device?: Device;
  requiresGrad?: boolean;
}

/** One dim or several. */
export type Dims = number | readonly number[];
