/** How functions that `torch.special` alone has are defined: they are no methods of tensors. */
import { type Operand, operand, tensor } from "../../arguments/params.js";
import { type BinaryOp, binary, type UnaryOp, unary } from "../../backend/kernels.js";
import { floatingType, resultType } from "../../core/promotion.js";
import type { Tensor } from "../../core/tensor.js";
import { type Definition, op } from "../define.js";
import { whichNumber } from "../pointwise/elementary.js";
import { binaryResult, unaryResult } from "../pointwise/pointwise.js";
import type { FunctionOp, Out } from "../types.js";

const one = { input: tensor };
const two = { input: operand, other: operand };

/** A function of a tensor; integers are converted to the default dtype. */
export type Unary = FunctionOp<(input: Tensor, options?: Out) => Tensor>;
/** A function of two operands, one of which may be a number; they broadcast and are promoted. */
export type Binary = FunctionOp<(input: Operand, other: Operand, options?: Out) => Tensor>;

type Derivatives<P, S extends string> = Pick<Definition<P, S>, "saves" | "savedFor" | "derivative">;

/** PyTorch's name of the node of a function in `torch.special`: "log1p" is written "Log1P" there. */
function nodeName(name: string): string {
  const words = name.replace(/(?<=[0-9])[a-z]/g, (letter) => letter.toUpperCase());
  return `Special${words.charAt(0).toUpperCase()}${words.slice(1)}Backward`;
}

/** Defines a function of one tensor. Without derivatives no gradient flows through it. */
export function specialUnary<const S extends string = never>(
  name: string,
  kernel: UnaryOp,
  derivatives?: Derivatives<typeof one, S>,
): Unary {
  return op({
    name,
    id: `special.${name}`,
    elementwise: true,
    variants: "function",
    params: one,
    out: "cast",
    forward: ({ input }, out) => unaryResult(input, floatingType(input.dtype), out, unary[kernel]),
    ...(derivatives === undefined ? { differentiable: false } : { nodeName: `${nodeName(name)}0`, ...derivatives }),
  } as Definition<typeof one, S, "function">);
}

/** Defines a function of two operands. */
export function specialBinary<const S extends string = never>(
  name: string,
  kernel: BinaryOp,
  derivatives?: Derivatives<typeof two, S>,
): Binary {
  const node = nodeName(name);
  return op({
    name,
    id: `special.${name}`,
    elementwise: true,
    variants: "function",
    params: two,
    out: "cast",
    forward: ({ input, other }, out) =>
      binaryResult(input, other, floatingType(resultType(input, other)), out, binary[kernel]),
    ...(derivatives === undefined
      ? { differentiable: false }
      : { nodeName: (operands) => `${node}${whichNumber(operands)}`, ...derivatives }),
  } as Definition<typeof two, S, "function">);
}
