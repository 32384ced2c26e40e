/**
 * Padding of tensors at the ends of their dims: `pad`, `constantPadNd`.
 *
 * Source: https://pytorch.org/docs/stable/generated/torch.nn.functional.pad.html
 */
import { ints, nullable, number, optional, type Param, scalar, tensor, word } from "../../arguments/params.js";
import { Signature } from "../../arguments/parse.js";
import { type PadMode, padBackward as padBackwardKernel, pad as padKernel } from "../../backend/kernels.js";
import { checkSizes, formatShape, type Shape } from "../../core/shape.js";
import type { Tensor } from "../../core/tensor.js";
import type { Scalar } from "../../core/view.js";
import { op } from "../define.js";
import { emptyInOrder, inOrder, memoryOrder } from "../memoryOrder.js";
import type { Args, FunctionOp } from "../types.js";

export type { PadMode };

/** What a padding adds in front of a dim and behind it, of so many dims. The list begins with the last dim. */
function ends(pad: readonly number[], dim: number, ndim: number): [before: number, after: number] {
  const at = 2 * (ndim - 1 - dim);
  return [pad[at] ?? 0, pad[at + 1] ?? 0];
}

function elementsBefore(pad: readonly number[], ndim: number): number[] {
  return Array.from({ length: ndim }, (_, d) => ends(pad, d, ndim)[0]);
}

function paddedSizes(sizes: Shape, pad: readonly number[]): number[] {
  return sizes.map((size, d) => ends(pad, d, sizes.length).reduce((a, b) => a + b, size));
}

const names = {
  constant: "ConstantPadNd",
  reflect: "ReflectionPad",
  replicate: "ReplicationPad",
  circular: "PadCircular",
};
const modeParam: Param<PadMode> = { ...word("constant", "reflect", "replicate", "circular"), endsPositional: false };

/** Padding with arguments that were checked. */
const padded: FunctionOp<(input: Tensor, pad: readonly number[], mode: PadMode, value: Scalar) => Tensor> = op({
  name: "pad",
  variants: "function",
  nodeName: ({ mode, pad }) => {
    const dims = mode === "reflect" || mode === "replicate" ? `${pad.length / 2}D` : "";
    return `${names[mode]}${dims}Backward0`;
  },
  params: { input: tensor, pad: ints, mode: modeParam, value: scalar },
  forward: ({ input, pad, mode, value }) => {
    const order = memoryOrder(input);
    const out = emptyInOrder(paddedSizes(input.sizes, pad), order, input.dtype);
    const before = inOrder(elementsBefore(pad, input.sizes.length), order);
    padKernel(inOrder(out, order), inOrder(input, order).contiguous(), before, mode, value);
    return out;
  },
  derivative: {
    input: (grad, { input, pad, mode }) =>
      mode === "constant"
        ? padded(
            grad,
            pad.map((count) => -count),
            mode,
            0,
          )
        : padGradient(grad, input.sizes, pad, mode),
  },
});

/** The gradient of the input of a padding, whose own gradient is that padding. */
const padGradient: FunctionOp<(grad: Tensor, sizes: Shape, pad: readonly number[], mode: PadMode) => Tensor> = op({
  name: "padBackward",
  variants: "function",
  params: { grad: tensor, sizes: ints, pad: ints, mode: modeParam },
  forward: ({ grad, sizes, pad, mode }) => {
    const order = memoryOrder(grad);
    const result = emptyInOrder(sizes, order, grad.dtype);
    const before = inOrder(elementsBefore(pad, sizes.length), order);
    padBackwardKernel(inOrder(result, order), inOrder(grad, order).contiguous(), before, mode);
    return result;
  },
  derivative: { grad: (outer, { pad, mode }) => padded(outer, pad, mode, 0) },
});

function checkLength({ sizes }: Tensor, pad: readonly number[]): void {
  if (pad.length % 2 !== 0) throw new Error(`Padding length must be divisible by 2, got ${pad.length}`);
  if (pad.length > 2 * sizes.length) {
    throw new Error(`Padding length too large: ${pad.length} for a tensor of ${sizes.length} dims`);
  }
}

/** Throws unless what is padded has the dims that a mode other than constant takes. */
function checkDims({ sizes }: Tensor, pad: readonly number[], mode: PadMode): void {
  const dims = pad.length / 2;
  if (dims < 1 || dims > 3 || sizes.length < dims + 1 || sizes.length > dims + 2) {
    throw new Error(
      `Only 2D, 3D, 4D, 5D padding with non-constant padding are supported for now, got a padding of ${dims} dims in mode "${mode}" for a tensor of ${sizes.length}`,
    );
  }
  const inner = sizes.slice(sizes.length === dims + 2 ? 1 : 0);
  if (mode !== "circular" && inner.includes(0)) {
    throw new Error(
      `Expected ${dims + 1}D or ${dims + 2}D (batch mode) tensor with possibly 0 batch size and other non-zero dimensions for input, but got: ${formatShape(sizes)}`,
    );
  }
}

/** Throws if a dim is too small for what a mode takes from it. */
function checkReach({ sizes }: Tensor, pad: readonly number[], mode: PadMode): void {
  for (let dim = sizes.length - 1; dim >= sizes.length - pad.length / 2; dim--) {
    const size = sizes[dim] as number;
    const [before, after] = ends(pad, dim, sizes.length);
    const most = Math.max(before, after);
    const place = `padding (${before}, ${after}) at dimension ${dim} of input ${formatShape(sizes)}`;
    if (mode === "reflect" && most >= size)
      throw new Error(
        `Argument #${2 * (sizes.length - dim) + 2}: Padding size should be less than the corresponding input dimension, but got: ${place}`,
      );
    if (mode === "circular" && most > size)
      throw new Error(`Padding value causes wrapping around more than once. Got ${place}`);
  }
}

/** Throws if a size would be negative; or if nothing would be left, where the mode takes elements from what is there. */
function checkResult({ sizes }: Tensor, pad: readonly number[], mode: PadMode): void {
  const result = paddedSizes(sizes, pad);
  const bad = result.findIndex((size) => size < 0);
  const first = sizes.length - pad.length / 2;
  if (mode === "constant" && bad >= 0) {
    const [before, after] = ends(pad, bad, sizes.length);
    throw new Error(
      `The input size ${sizes[bad]}, plus negative padding ${before} and ${after} resulted in a negative output size, which is invalid. Check dimension ${bad} of your input.`,
    );
  }
  if (mode === "circular" && bad >= 0) {
    throw new Error(
      `Negative padding value is resulting in an empty dimension: input ${formatShape(sizes)}, output ${formatShape(result)}`,
    );
  }
  if (mode !== "constant" && mode !== "circular" && (bad >= 0 || result.slice(first).every((size) => size === 0))) {
    const show = (list: Shape) => list.slice(first).map((size, i, shown) => `${"DHW".at(i - shown.length)}: ${size}`);
    throw new Error(`input (${show(sizes).join(", ")}) is too small. Calculated output ${show(result).join(" ")}`);
  }
  checkSizes(result);
}

const signature = new Signature("pad", {
  input: tensor,
  pad: ints,
  mode: optional(word("constant", "reflect", "replicate", "circular"), "constant"),
  value: optional(nullable(number)),
});

/**
 * A tensor with elements added at the ends of its dims, or taken away where their number is negative.
 *
 * @param pad how many before and after the last dim, then before and after the one in front of it, and so on.
 * @param options.mode what is added: `"constant"`, one value, to any dims; or, to the last one, two or three dims of a
 *   tensor that has one or two more, `"reflect"`, the elements mirrored at the first and the last; `"replicate"`, the
 *   first and the last again; `"circular"`, those of the other end.
 * @param options.value the value in mode `"constant"`; 0 by default.
 * @example F.pad(images, [1, 1, 2, 2]) // [N, C, H, W] becomes [N, C, H + 4, W + 2]
 * @throws Error if the tensor is too small, or has other dims than the mode takes.
 * @see https://pytorch.org/docs/stable/generated/torch.nn.functional.pad.html
 */
export function pad(
  ...args: [input: Tensor, pad: readonly number[], options?: { mode?: PadMode; value?: number | null }]
): Tensor {
  const { input, pad: counts, mode, value } = signature.parse(args);
  if (mode === "constant") return constantPadNd(input, counts, value ?? 0);
  checkLength(input, counts);
  if (value !== undefined && value !== null) throw new Error(`Padding mode "${mode}" doesn't take in value argument`);
  checkDims(input, counts, mode);
  checkReach(input, counts, mode);
  checkResult(input, counts, mode);
  if (mode !== "circular" || counts.every((count) => count >= 0)) return padded(input, counts, mode, 0);
  // What comes from the other end comes from there after elements were taken away.
  const left = padded(
    input,
    counts.map((count) => Math.min(count, 0)),
    "constant",
    0,
  );
  return padded(
    left,
    counts.map((count) => Math.max(count, 0)),
    mode,
    0,
  );
}

/**
 * A tensor with a value added at the ends of its dims; see `nn.functional.pad`.
 *
 * @example torch.constantPadNd(torch.ones(2), [1, 0], 5) // [5, 1, 1]
 */
export const constantPadNd: FunctionOp<
  (input: Tensor, pad: readonly number[], ...args: Args<[value?: Scalar], ["value"]>) => Tensor
> = op({
  name: "constantPadNd",
  variants: "function",
  params: { input: tensor, pad: ints, value: optional(scalar, 0) },
  composite: ({ input, pad: counts, value }) => {
    checkLength(input, counts);
    checkResult(input, counts, "constant");
    return padded(input, counts, "constant", value);
  },
});
