/** Images of bytes whose pixels are moved, or weighed with those around them. */
import { flag, tensor } from "../../arguments/params.js";
import { mirrorBytes as mirrorKernel, smoothBytes as smoothKernel } from "../../backend/kernels.js";
import { uint8 } from "../../core/dtype.js";
import { formatShape, numelOf } from "../../core/shape.js";
import { Tensor } from "../../core/tensor.js";
import { op } from "../define.js";
import type { FunctionOp } from "../types.js";
import { checkBytes } from "./lookup.js";

/** Images of bytes `[…, W, C]` with up to four colours, mirrored left to right. */
export const mirrorBytes: FunctionOp<(input: Tensor) => Tensor> = op({
  name: "mirrorBytes",
  variants: "function",
  differentiable: false,
  params: { input: tensor },
  forward: ({ input }) => {
    checkBytes("mirrorBytes", input);
    const colours = input.sizes.at(-1) ?? 0;
    if (input.sizes.length < 2 || colours < 1 || colours > 4) {
      throw new Error(`mirrorBytes: expected images […, W, C] of up to four colours, got ${formatShape(input.sizes)}`);
    }
    const out = Tensor.empty(input.sizes, uint8);
    mirrorKernel(out, input.contiguous());
    return out;
  },
});

/**
 * Images of bytes `[…, H, W]`, or `interleaved` ones `[…, H, W, C]`, in which each byte but those at the edges is weighed
 * five times with the eight around it, and rounded: PIL's filter `SMOOTH`.
 */
export const smoothBytes: FunctionOp<(input: Tensor, options?: { interleaved?: boolean }) => Tensor> = op({
  name: "smoothBytes",
  variants: "function",
  differentiable: false,
  params: { input: tensor, interleaved: flag },
  forward: ({ input, interleaved }) => {
    checkBytes("smoothBytes", input);
    const inner = interleaved ? 3 : 2;
    if (input.sizes.length < inner)
      throw new Error(`smoothBytes: expected images of ${inner} dims at least, got ${formatShape(input.sizes)}`);
    const [height, width, colours = 1] = input.sizes.slice(-inner) as [number, number, number?];
    const out = Tensor.empty(input.sizes, uint8);
    smoothKernel(out, input.contiguous().view([numelOf(input.sizes.slice(0, -inner)), height, width, colours]));
    return out;
  },
});
