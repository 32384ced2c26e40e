/** The types by which operations become functions and methods. */
export type { Args } from "../arguments/args.js";

import type { Device } from "../core/devices.js";
import type { DType } from "../core/dtype.js";
import type { Tensor } from "../core/tensor.js";

/** Where an operation shows up, as PyTorch's own list of operations has it. */
export type Variants = "function" | "method" | "function, method" | "function, method, inplace" | "method, inplace";

/** Carries the variants of an operation in its type. */
declare const variantsOf: unique symbol;

// biome-ignore lint/suspicious/noExplicitAny: a function that can stand for one of any signature
export type AnyFunction = (...args: any[]) => any;

/** An operation with the signature `F`, whose first parameter is the tensor that methods are called on. */
export type Op<F extends AnyFunction, V extends Variants = "function, method"> = F & { readonly [variantsOf]?: V };

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

/** The variants of an operation; none for other functions. */
type VariantsOf<O> = O extends { readonly [variantsOf]?: infer V } ? (V extends string ? V : "") : "";

/** The signature of a method: the function's without the tensor. */
type Method<F> = F extends { readonly [methodOf]?: infer M }
  ? unknown extends M
    ? SimpleMethod<F>
    : NonNullable<M>
  : SimpleMethod<F>;

type SimpleMethod<F> = F extends (input: never, ...rest: infer R) => infer T ? (...rest: R) => T : never;

// biome-ignore lint/suspicious/noExplicitAny: `out` is the one option of the in-place form that is not there
type WithoutOut<R extends any[]> = {
  [K in keyof R]: NonNullable<R[K]> extends { out?: unknown } ? Omit<NonNullable<R[K]>, "out"> : R[K];
};

type InplaceMethod<F> = F extends (input: never, ...rest: infer R) => unknown
  ? (...rest: WithoutOut<R>) => Tensor
  : never;

/** The function that does what the in-place method does. */
export type InplaceFunction<F extends AnyFunction> = (input: Tensor, ...args: Parameters<InplaceMethod<F>>) => Tensor;

/** The methods that a module of operations gives to tensors. */
export type MethodsOf<Ops> = {
  [K in keyof Ops as VariantsOf<Ops[K]> extends `${string}method${string}` ? K : never]: Method<Ops[K]>;
} & {
  [K in keyof Ops as K extends string
    ? VariantsOf<Ops[K]> extends `${string}inplace`
      ? `${K}_`
      : never
    : never]: InplaceMethod<Ops[K]>;
};

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
