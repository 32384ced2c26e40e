/**
 * What the normalizations have in common: each takes the elements of a tensor in groups, which have a mean and a variance,
 * and multiplies them with weights that several elements share. They differ in what is a group and in what shares a weight.
 */
import { anything, nullable, optional, type Param, tensor } from "../../arguments/params.js";
import { type DType, float32, scalarTypeName } from "../../core/dtype.js";
import type { Shape } from "../../core/shape.js";
import { Tensor } from "../../core/tensor.js";
import { op } from "../define.js";
import { emptyInOrder, type MemoryOrder } from "../memoryOrder.js";
import type { FunctionOp } from "../types.js";
import { type Flow, flowThrough } from "./secondOrder.js";

/** The tensors into which the gradients that are wanted are written. */
export interface Gradients {
  readonly input?: Tensor;
  readonly weight?: Tensor;
  readonly bias?: Tensor;
}

/** Which elements of a tensor are a group, and which share a weight. */
export abstract class Normalization {
  constructor(
    readonly eps: number,
    /** The shape of the weights. */
    readonly weights: Shape,
  ) {}

  /** How the dims of what is computed lie in memory. */
  order(_input: Tensor): MemoryOrder {
    return undefined;
  }

  /** Writes the gradients that are wanted with a kernel. */
  abstract backward(gradients: Gradients, grad: Tensor, input: Tensor, weight: Tensor | undefined, of: Saved): void;
  /** The mean over the group of each element, as it broadcasts to the input. */
  protected abstract mean(x: Tensor): Tensor;
  /** Weights, or what flows into them, as they broadcast to the input. */
  abstract spread(weights: Tensor): Tensor;
  /** The sum over the elements that share a weight. */
  abstract gather(x: Tensor): Tensor;

  /** What it does to an input, in operations. */
  flow(input: Tensor, _statistics: Saved): Flow {
    return flowThrough(input, (x) => this.mean(x), true, this.eps);
  }
}

/** Mean, if one is taken away, and spread of the groups: what the forward computation found or was given. */
export interface Saved {
  readonly mean: Tensor | undefined;
  readonly spread: Tensor;
}

const parts = ["input", "weight", "bias"] as const;
type Part = (typeof parts)[number];

type WantedGradients = FunctionOp<
  (
    grad: Tensor,
    input: Tensor,
    weight: Tensor | undefined,
    mean: Tensor | undefined,
    spread: Tensor,
    normalization: Normalization,
    wanted: readonly Part[],
  ) => readonly Tensor[]
>;

/** Those that are wanted of the gradients of input, weight and bias, in this order. */
const wantedGradients: WantedGradients = op({
  name: "normBackward",
  variants: "function",
  params: {
    grad: tensor,
    input: tensor,
    weight: optional(tensor),
    mean: optional(tensor),
    spread: tensor,
    normalization: anything as Param<Normalization>,
    wanted: anything as Param<readonly Part[]>,
  },
  forward: ({ grad, input, weight, mean, spread, normalization, wanted }) => {
    const make = {
      input: () => emptyInOrder(input.sizes, normalization.order(input), input.dtype),
      weight: () => Tensor.empty(normalization.weights, input.dtype),
      bias: () => Tensor.empty(normalization.weights, input.dtype),
    };
    const made = wanted.map((part) => make[part]());
    normalization.backward(byPart(wanted, made), grad, input, weight, { mean, spread });
    return made;
  },
  saves: ["grad", "input", "weight", "mean", "spread"],
  backward: (outer, { grad, input, weight, mean, spread, normalization, wanted }, needs) => {
    const [v, vWeight, vBias] = parts.map((part) => outer[wanted.indexOf(part)]);
    const { normalized, flow, bend } = normalization.flow(input, { mean: mean ?? undefined, spread });
    const scale = (x: Tensor) => (weight ? x.mul(normalization.spread(weight)) : x);
    const ofGrad = [
      v && scale(flow(v)),
      vWeight && normalization.spread(vWeight).mul(normalized),
      vBias && normalization.spread(vBias).expand(input.sizes),
    ];
    const ofInput = [v && bend(scale(grad), v), vWeight && flow(grad.mul(normalization.spread(vWeight)))];
    return {
      grad: needs.grad ? total(ofGrad) : undefined,
      input: needs.input ? total(ofInput) : undefined,
      weight: needs.weight && v ? normalization.gather(grad.mul(flow(v))) : undefined,
    };
  },
});

function total(terms: readonly (Tensor | undefined)[]): Tensor | undefined {
  return terms.filter((term) => term !== undefined).reduce<Tensor | undefined>((sum, x) => sum?.add(x) ?? x, undefined);
}

/** The gradients of a normalization that are wanted, by name. */
export function gradientsOf(
  normalization: Normalization,
  grad: Tensor,
  input: Tensor,
  weight: Tensor | null | undefined,
  { mean, spread }: Saved,
  needs: { readonly [P in Part]?: boolean },
): Gradients {
  const wanted = parts.filter((part) => needs[part]);
  return byPart(wanted, wantedGradients(grad, input, weight ?? undefined, mean, spread, normalization, wanted));
}

function byPart(wanted: readonly Part[], tensors: readonly Tensor[]): Gradients {
  return Object.fromEntries(wanted.map((part, i) => [part, tensors[i]]));
}

/**
 * Whether an input of a half type meets weights and statistics of float32, as under autocast: it is normalized in float32
 * then.
 */
export function isMixed(input: Tensor, others: readonly (Tensor | null | undefined)[]): boolean {
  const given = others.filter((one) => one !== null && one !== undefined);
  return input.dtype.isHalf && given.length > 0 && given.every(({ dtype }) => dtype === float32);
}

/** Throws unless the input is floating and all others have its dtype. */
export function checkDtypes(name: string, input: Tensor, others: readonly (Tensor | null | undefined)[]): DType {
  const { dtype } = input;
  if (!dtype.isFloatingPoint) throw new TypeError(`"${name}" not implemented for '${scalarTypeName(dtype)}'`);
  for (const other of others) {
    if (other && other.dtype !== dtype) {
      const wanted =
        name === "batch_norm" ? "mixed dtype (CPU): expect parameter to have scalar type of" : "expected scalar type";
      throw new TypeError(`${wanted} ${scalarTypeName(dtype)} but found ${scalarTypeName(other.dtype)} in ${name}`);
    }
  }
  return dtype;
}

/** Weight and bias as kernels take them. */
export function affine(
  weight: Tensor | null | undefined,
  bias: Tensor | null | undefined,
): {
  weight: Tensor | undefined;
  bias: Tensor | undefined;
} {
  return { weight: weight?.contiguous(), bias: bias?.contiguous() };
}

/** Weight and bias of a definition, which may be missing. */
export const affineParams = { weight: optional(nullable(tensor)), bias: optional(nullable(tensor)) };
