/** Images of bytes whose pixels are weighed with those around them. */
import { flag, tensor } from "../../arguments/params.js";
import { smoothBytes as smoothKernel } from "../../backend/kernels.js";
import { uint8 } from "../../core/dtype.js";
import { formatShape, numelOf } from "../../core/shape.js";
import { Tensor } from "../../core/tensor.js";
import { op } from "../define.js";
import type { FunctionOp } from "../types.js";
import { checkBytes } from "./lookup.js";

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
