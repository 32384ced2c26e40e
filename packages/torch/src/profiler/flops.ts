/**
 * How many floating-point operations a call takes: two for each multiply-add of products of matrices and vectors.
 * Elementwise work is not counted, as in PyTorch's counter.
 *
 * Source: https://github.com/pytorch/pytorch/blob/main/torch/utils/flop_counter.py
 */
import { numelOf, type Shape } from "../core/shape.js";
import { Tensor } from "../core/tensor.js";
import { convolvedSize } from "../ops/conv/geometry.js";
import type { OperationCall } from "../ops/dispatch.js";

/** The floating-point operations of a call, from the sizes of its tensor arguments in order. */
export type FlopFormula = (...sizes: readonly Shape[]) => number;

/** Rows times inner size times columns of the product of the last two dims. */
function product(a: Shape, b: Shape): number {
  return 2 * numelOf(a) * (b.at(-1) as number);
}

const times = (a: Shape): number => 2 * numelOf(a);

const formulas: Readonly<Record<string, FlopFormula>> = {
  mm: product,
  bmm: product,
  mv: times,
  dot: times,
  vdot: times,
  addmm: (_, a, b) => product(a as Shape, b as Shape),
  addbmm: (_, a, b) => product(a as Shape, b as Shape),
  baddbmm: (_, a, b) => product(a as Shape, b as Shape),
  addmv: (_, a) => times(a as Shape),
  linear: (input, weight) => 2 * numelOf(input) * (weight.length === 1 ? 1 : (weight[0] as number)),
};

/** Convolutions, whose work depends on more than sizes: each element of the smaller side times each of a filter. */
function convolutionFlops(id: string, args: readonly unknown[]): number {
  if (id === "convolutionWeight") {
    const [, features, size] = args as [Tensor, Tensor, Shape];
    return 2 * numelOf(features.shape) * numelOf(size.slice(1));
  }
  if (id !== "convolution") return 0;
  const [input, weight, , stride, padding, dilation, transposed] = args as [
    Tensor,
    Tensor,
    unknown,
    Shape,
    Shape,
    Shape,
    boolean,
  ];
  const filter = numelOf(weight.shape.slice(1));
  if (transposed) return 2 * numelOf(input.shape) * filter;
  const along = (list: Shape, d: number) => (list.length === 1 ? list[0] : list[d]) as number;
  const positions = input.shape
    .slice(2)
    .map((size, d) =>
      convolvedSize(size, weight.shape[d + 2] as number, along(stride, d), along(padding, d), along(dilation, d)),
    );
  return 2 * numelOf([input.shape[0] as number, weight.shape[0] as number, ...positions]) * filter;
}

/** The floating-point operations of a call; 0 for operations that are not counted. */
export function flopsOf({ operation, args }: OperationCall, custom?: ReadonlyMap<string, FlopFormula>): number {
  const formula = custom?.get(operation.id) ?? formulas[operation.id];
  return formula === undefined ? convolutionFlops(operation.id, args) : formula(...shapesOf(args));
}

/** The sizes of the tensors among arguments, those in lists included. */
export function shapesOf(args: readonly unknown[]): Shape[] {
  return args.flatMap((value) => {
    if (value instanceof Tensor) return [value.shape];
    return Array.isArray(value) ? value.filter((item) => item instanceof Tensor).map((item) => item.shape) : [];
  });
}
