/**
 * How losses are defined that compare an input and a target element by element: as one operation, by the loss of
 * an element and the slopes of that in input and target.
 */
import { type Param, type Params, tensor, type ValuesOf, word } from "../../arguments/params.js";
import { warn } from "../../arguments/warn.js";
import { scalarTypeName } from "../../core/dtype.js";
import { broadcastShapes, formatShape, numelOf, sameShape } from "../../core/shape.js";
import type { Tensor } from "../../core/tensor.js";
import { op } from "../define.js";
import type { AnyFunction, FunctionOp } from "../types.js";
import { type Reduction, type ReductionOption, reduce, reductionParam } from "./reduction.js";

interface PointwiseLoss<P> {
  readonly name: string;
  readonly params: P;
  /** The loss of each element. */
  readonly value: (args: { input: Tensor; target: Tensor } & ValuesOf<P>) => Tensor;
  /** Its derivative with respect to the input. */
  readonly slope: (args: { input: Tensor; target: Tensor } & ValuesOf<P>) => Tensor;
  /** That with respect to the target, where it is not the same with the other sign. */
  readonly targetSlope?: (args: { input: Tensor; target: Tensor } & ValuesOf<P>) => Tensor;
}

interface PointwiseArguments {
  input: Tensor;
  target: Tensor;
  reduction: Reduction;
}

/** The operation of a loss; its parameters are input, target, reduction, and those of its own. */
export function pointwiseLoss<const P extends Params>({
  name,
  params,
  value,
  slope,
  targetSlope,
}: PointwiseLoss<P>): FunctionOp<AnyFunction> {
  type All = PointwiseArguments & ValuesOf<P>;
  const spread = (grad: Tensor, { input, target, reduction }: PointwiseArguments) =>
    reduction === "mean" ? grad.div(numelOf(broadcastShapes(input.sizes, target.sizes))) : grad;
  const common: { input: Param<Tensor>; target: Param<Tensor>; reduction: Param<Reduction> } = {
    input: tensor,
    target: tensor,
    reduction: word("none", "mean", "sum"),
  };
  return op({
    name,
    variants: "function",
    params: { ...common, ...params } as typeof common,
    forward: (args) => reduce(value(args as All), args.reduction),
    saves: ["input", "target", "weight", "posWeight"] as ("input" | "target")[],
    derivative: {
      input: (grad, saved) => spread(grad, saved).mul(slope(saved as unknown as All)),
      target: (grad, saved) => {
        const all = saved as unknown as All;
        return targetSlope ? spread(grad, saved).mul(targetSlope(all)) : spread(grad, saved).neg().mul(slope(all));
      },
    },
  });
}

/** Warns where sizes differ: the loss then is not what people expect. */
export function warnOfBroadcast(input: Tensor, target: Tensor): void {
  if (sameShape(input.sizes, target.sizes)) return;
  warn(
    `Using a target size (torch.Size(${formatShape(target.sizes)})) that is different to the input size (torch.Size(${formatShape(input.sizes)})). This will likely lead to incorrect results due to broadcasting. Please ensure they have the same size.`,
  );
}

/** Throws unless one of the tensors is floating. */
export function checkFloating(kernel: string, ...tensors: readonly Tensor[]): void {
  if (tensors.some(({ dtype }) => dtype.isFloatingPoint)) return;
  throw new TypeError(`"${kernel}" not implemented for '${scalarTypeName((tensors[0] as Tensor).dtype)}'`);
}

/** The arguments of a loss without numbers of its own. */
export type LossArguments<O = unknown> = [input: Tensor, target: Tensor, options?: ReductionOption & O];

/** The parameters of every loss of an input and a target. */
export const lossParams = { input: tensor, target: tensor, reduction: reductionParam };
