/** Images in other modes: what their pixels are. */
import { flag, tensor, word } from "../../arguments/params.js";
import { convertModes as convertKernel, type ImageMode } from "../../backend/kernels.js";
import { type DType, float32, int16, int32, uint8 } from "../../core/dtype.js";
import { formatShape } from "../../core/shape.js";
import { Tensor } from "../../core/tensor.js";
import { op } from "../define.js";
import type { FunctionOp } from "../types.js";

const bytes = (bands: number) => ({ dtype: uint8, bands });

/** The modes, with the dtype and the bands of their pixels. */
const modes = {
  "1": bytes(1),
  L: bytes(1),
  LA: bytes(2),
  RGB: bytes(3),
  RGBA: bytes(4),
  CMYK: bytes(4),
  HSV: bytes(3),
  "I;16": { dtype: int16, bands: 1 },
  I: { dtype: int32, bands: 1 },
  F: { dtype: float32, bands: 1 },
} satisfies Record<ImageMode, { dtype: DType; bands: number }>;

export type { ImageMode };

const mode = word(...(Object.keys(modes) as ImageMode[]));

/**
 * An image `[H, W, C]` in another mode, with PIL's numbers: `1` black or white (0 or 255), `L` grey, `LA` grey with opacity,
 * `RGB`, `RGBA`, `CMYK`, `HSV` colours of a byte each; `I;16` (unsigned, in int16), `I` and `F` one number of 16 or 32 bits, or a float.
 *
 * @param options with `dither` a neighbourhood stays as bright as it was in black and white.
 * @throws Error where no conversion is known.
 */
export const convertMode: FunctionOp<
  (input: Tensor, from: ImageMode, to: ImageMode, options?: { dither?: boolean }) => Tensor
> = op({
  name: "convertMode",
  variants: "function",
  differentiable: false,
  params: { input: tensor, from: mode, to: mode, dither: flag },
  forward: ({ input, from, to, dither }) => {
    const { dtype, bands } = modes[from];
    if (input.dtype !== dtype || input.sizes.length !== 3 || input.sizes[2] !== bands) {
      throw new TypeError(
        `convertMode: an image of mode ${from} is ${dtype} of shape [H, W, ${bands}], got ${input.dtype} of ${formatShape(input.sizes)}`,
      );
    }
    if (from === to) return input.clone();
    const [height, width] = input.sizes as [number, number];
    const out = Tensor.empty([height, width, modes[to].bands], modes[to].dtype);
    if (!convertKernel(out, input.contiguous(), from, to, dither))
      throw new Error(`conversion from ${from} to ${to} not supported`);
    return out;
  },
});
