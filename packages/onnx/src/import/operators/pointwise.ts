/** Functions of elements: arithmetic, comparison, logic, rounding. */
import torch, { type Tensor } from "flambeau";
import { type NodeReader, optionalTensorAt, tensorAt } from "../nodeReader.js";
import type { Inputs } from "../values.js";
import { type Family, type Operator, versions } from "./define.js";
import { dimOf } from "./dims.js";

type Unary = (x: Tensor) => Tensor;
type Binary = (a: Tensor, b: Tensor) => Tensor;

/** An operator of one input and no attributes. */
export function unary(compute: Unary): Operator {
  return () => (inputs) => compute(tensorAt(inputs, 0));
}

/**
 * An operator of two inputs that are broadcast. Before version 7 the second one had to say that it is, and could lie along
 * an axis in the middle.
 */
function binary(compute: Binary): Operator {
  return (node) => {
    const axis = node.version < 7 && node.flag("broadcast") ? node.int("axis") : undefined;
    if (axis === undefined) return (inputs) => compute(tensorAt(inputs, 0), tensorAt(inputs, 1));
    return (inputs) => {
      const [a, b] = [tensorAt(inputs, 0), tensorAt(inputs, 1)];
      const behind = a.dim() - dimOf(axis, a.dim()) - b.dim();
      return compute(a, behind > 0 ? b.reshape([...b.shape, ...new Array<number>(behind).fill(1)]) : b);
    };
  };
}

/** An operator of any number of inputs. */
function variadic(compute: (tensors: readonly Tensor[]) => Tensor): Operator {
  return () => (inputs) => {
    if (inputs.length === 0) throw new TypeError("it has no inputs");
    return compute(inputs.map((_, i) => tensorAt(inputs, i)));
  };
}

/** The first function of all from left to right. */
const folded = (compute: Binary) => variadic((tensors) => tensors.reduce(compute));

const divide: Binary = (a, b) => (a.dtype.isFloatingPoint ? a.div(b) : a.div(b, { roundingMode: "trunc" }));

function power(a: Tensor, b: Tensor): Tensor {
  return a.pow(b).to(a.dtype);
}

function modulo(node: NodeReader) {
  const compute: Binary = node.flag("fmod") ? (a, b) => a.fmod(b) : (a, b) => a.remainder(b);
  return (inputs: Inputs) => compute(tensorAt(inputs, 0), tensorAt(inputs, 1));
}

function bitShift(node: NodeReader) {
  const direction = node.word("direction", ["LEFT", "RIGHT"], "LEFT");
  const compute: Binary = direction === "LEFT" ? (a, b) => a.bitwiseLeftShift(b) : (a, b) => a.bitwiseRightShift(b);
  return (inputs: Inputs) => compute(tensorAt(inputs, 0), tensorAt(inputs, 1));
}

function isInf(node: NodeReader) {
  const [negative, positive] = [node.flag("detect_negative", true), node.flag("detect_positive", true)];
  return (inputs: Inputs) => {
    const x = tensorAt(inputs, 0);
    if (negative && positive) return x.isinf();
    if (negative) return x.isneginf();
    return positive ? x.isposinf() : torch.zerosLike(x, { dtype: torch.bool });
  };
}

/** Between two numbers: for whole ones exactly so, and with the gradient of a clamp for others. */
function between(x: Tensor, min: Tensor | undefined, max: Tensor | undefined): Tensor {
  if (!x.dtype.isFloatingPoint) {
    const above = min === undefined ? x : x.maximum(min);
    return max === undefined ? above : above.minimum(max);
  }
  if (min === undefined && max === undefined) return x;
  return x.clamp({ min: min?.item(), max: max?.item() });
}

const clip = versions({
  1: (node) => {
    const options = { min: node.float("min"), max: node.float("max") };
    const isOpen = options.min === undefined && options.max === undefined;
    return (inputs) => (isOpen ? tensorAt(inputs, 0) : tensorAt(inputs, 0).clamp(options));
  },
  11: (node) => {
    node.numberPlaces.add(1).add(2);
    return (inputs) => between(tensorAt(inputs, 0), optionalTensorAt(inputs, 1), optionalTensorAt(inputs, 2));
  },
});

function shrink(node: NodeReader) {
  const [lambd, bias] = [node.float("lambd", 0.5), node.float("bias", 0)];
  return (inputs: Inputs) => {
    const x = tensorAt(inputs, 0);
    const zero = torch.zerosLike(x);
    return torch.where(x.lt(-lambd), x.add(bias), torch.where(x.gt(lambd), x.sub(bias), zero)).to(x.dtype);
  };
}

/** A function along an axis that adds up: what comes before each element, or behind it, with or without itself. */
function cumulative(name: "cumsum" | "cumprod", neutral: number): Operator {
  return (node) => {
    const axis = node.numberIn(1);
    const [exclusive, reverse] = [node.flag("exclusive"), node.flag("reverse")];
    return (inputs) => {
      const x = tensorAt(inputs, 0);
      const dim = dimOf(axis(inputs) ?? 0, x.dim());
      let from = reverse ? x.flip([dim]) : x;
      if (exclusive && x.shape[dim] !== 0) {
        const first = torch.fullLike(from.narrow(dim, 0, 1), neutral);
        from = torch.cat([first, from.narrow(dim, 0, (x.shape[dim] as number) - 1)], dim);
      }
      const sums = from[name](dim, { dtype: x.dtype });
      return reverse ? sums.flip([dim]) : sums;
    };
  };
}

export const pointwise: Family = {
  Abs: unary((x) => x.abs()),
  Acos: unary((x) => x.acos()),
  Acosh: unary((x) => x.acosh()),
  Add: binary((a, b) => a.add(b)),
  And: binary((a, b) => a.logicalAnd(b)),
  Asin: unary((x) => x.asin()),
  Asinh: unary((x) => x.asinh()),
  Atan: unary((x) => x.atan()),
  Atanh: unary((x) => x.atanh()),
  BitShift: bitShift,
  BitwiseAnd: binary((a, b) => a.bitwiseAnd(b)),
  BitwiseNot: unary((x) => x.bitwiseNot()),
  BitwiseOr: binary((a, b) => a.bitwiseOr(b)),
  BitwiseXor: binary((a, b) => a.bitwiseXor(b)),
  Ceil: unary((x) => x.ceil()),
  Clip: clip,
  Cos: unary((x) => x.cos()),
  Cosh: unary((x) => x.cosh()),
  CumProd: cumulative("cumprod", 1),
  CumSum: cumulative("cumsum", 0),
  Div: binary(divide),
  Equal: binary((a, b) => a.eq(b)),
  Erf: unary((x) => x.erf()),
  Exp: unary((x) => x.exp()),
  Floor: unary((x) => x.floor()),
  Greater: binary((a, b) => a.gt(b)),
  GreaterOrEqual: binary((a, b) => a.ge(b)),
  Identity: () => (inputs) => inputs[0] ?? null,
  IsInf: isInf,
  IsNaN: unary((x) => x.isnan()),
  Less: binary((a, b) => a.lt(b)),
  LessOrEqual: binary((a, b) => a.le(b)),
  Log: unary((x) => x.log()),
  Max: folded((a, b) => a.maximum(b)),
  Mean: variadic((tensors) => tensors.reduce((a, b) => a.add(b)).div(tensors.length)),
  Min: folded((a, b) => a.minimum(b)),
  Mod: modulo,
  Mul: binary((a, b) => a.mul(b)),
  Neg: unary((x) => x.neg()),
  Not: unary((x) => x.logicalNot()),
  Or: binary((a, b) => a.logicalOr(b)),
  Pow: binary(power),
  Reciprocal: unary((x) => x.reciprocal()),
  Round: unary((x) => x.round()),
  Shrink: shrink,
  Sign: unary((x) => x.sign()),
  Sin: unary((x) => x.sin()),
  Sinh: unary((x) => x.sinh()),
  Sqrt: unary((x) => x.sqrt()),
  Sub: binary((a, b) => a.sub(b)),
  Sum: folded((a, b) => a.add(b)),
  Tan: unary((x) => x.tan()),
  Where: () => (inputs) => torch.where(tensorAt(inputs, 0), tensorAt(inputs, 1), tensorAt(inputs, 2)),
  Xor: binary((a, b) => a.logicalXor(b)),
};
