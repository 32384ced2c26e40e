/** How activation functions are defined: operations with an `inplace` option and an in-place form. */
import {
  flag,
  keyword,
  number,
  optional,
  type Param,
  refusing,
  tensor,
  type ValuesOf,
  word,
} from "../../arguments/params.js";
import { Signature } from "../../arguments/parse.js";
import type { Tensor } from "../../core/tensor.js";
import { type Definition, type Operation, op, operationOf } from "../define.js";
import { flat } from "../pointwise/elementary.js";
import { emptyResult, intoResult } from "../pointwise/pointwise.js";
import type { AnyFunction, Args, FunctionOp } from "../types.js";

/** How `gelu` is computed. */
export const approximateParam = keyword(
  optional(
    refusing(word("none", "tanh"), () => "approximate argument must be either none or tanh."),
    "none",
  ),
);

/** Whether the result overwrites the input. */
export interface Inplace {
  inplace?: boolean;
}

/** An activation function with optional parameters, and its form that changes the input. */
export type Activation<P extends readonly unknown[] = [], N extends readonly string[] = []> = readonly [
  FunctionOp<(input: Tensor, ...args: Args<P, N, Inplace>) => Tensor>,
  FunctionOp<(input: Tensor, ...args: Args<P, N>) => Tensor>,
];

type Input = { readonly input: Param<Tensor> };

/** Defines an activation function; the second result is its in-place form. */
export function activation<const P extends Input, const S extends string = never>(
  definition: Definition<P, S>,
): readonly [FunctionOp<AnyFunction>, FunctionOp<AnyFunction>] {
  const operation = operationOf(op({ ...definition, variants: "function" })) as Operation;
  const signature = new Signature(definition.name, { ...(definition.params as Input), inplace: flag });
  const { name } = definition;
  const call = (...args: unknown[]) => {
    const values = signature.read(args);
    const inplace = values.pop();
    return operation.invoke(inplace ? "inplace" : "call", values);
  };
  const callInplace = (...args: unknown[]) => operation.callInplace(args);
  Object.defineProperty(call, "name", { value: name });
  Object.defineProperty(callInplace, "name", { value: `${name}_` });
  return [call, callInplace];
}

/** The forward computation by a kernel that keeps shape and dtype. */
export function byKernel<P extends Input>(
  run: (result: Tensor, input: Tensor, args: ValuesOf<P>) => void,
): (args: ValuesOf<P>, out: Tensor | undefined) => Tensor {
  return (args, out) => {
    const { input } = args as { input: Tensor };
    return intoResult(input.sizes, input.dtype, [input], out, (result) => run(result, input, args));
  };
}

/** `grad * f'(input)`, for a function f that may have a parameter. */
type Gradient = FunctionOp<(grad: Tensor, input: Tensor, parameter?: number) => Tensor>;

/**
 * The gradient of an elementwise function by one kernel.
 *
 * @param curvature f'' of the input; left out where it is 0 almost everywhere.
 */
export function gradient(
  name: string,
  kernel: (result: Tensor, grad: Tensor, input: Tensor, parameter: number) => void,
  curvature?: (input: Tensor) => Tensor,
): Gradient {
  const compute: Gradient = op({
    name,
    elementwise: true,
    variants: "function",
    params: { grad: tensor, input: tensor, parameter: optional(number, 0) },
    forward: ({ grad, input, parameter }) => {
      const result = emptyResult(input.sizes, input.dtype, [input]);
      kernel(result, grad, input, parameter);
      return result;
    },
    saves: ["grad", "input"],
    derivative: {
      grad: (outer, { input, parameter }) => compute(outer, input, parameter),
      input: (outer, { grad, input }) => (curvature ? outer.mul(grad).mul(curvature(input)) : flat(outer)),
    },
  });
  return compute;
}

/**
 * The gradient of a function whose slope is 1, and 0 where `isLevel` is set. The gradient of the slope itself is 0,
 * which is sent on as zeros: PyTorch does so too, and a backward pass reaches the same functions and hooks.
 */
export function straightGradient(name: string): FunctionOp<(grad: Tensor, input: Tensor, isLevel: Tensor) => Tensor> {
  const compute: ReturnType<typeof straightGradient> = op({
    name,
    elementwise: true,
    variants: "function",
    params: { grad: tensor, input: tensor, isLevel: tensor },
    forward: ({ grad, isLevel }) => grad.maskedFill(isLevel, 0),
    saves: ["input", "isLevel"],
    derivative: { grad: (outer, { input, isLevel }) => compute(outer, input, isLevel), input: flat },
  });
  return compute;
}
