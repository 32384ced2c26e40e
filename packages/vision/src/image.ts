/** Images as they come from files: bytes in rows, with the colours of a pixel side by side. */
import type { Tensor } from "flambeau";
import torch from "flambeau";

const { shareable } = torch.utils.data;

/** The colours of a pixel: grey, grey with opacity, red-green-blue, and that with opacity. */
const bands = { L: 1, LA: 2, RGB: 3, RGBA: 4 } as const;

export type ImageMode = keyof typeof bands;

/** How many bytes a pixel takes. */
export function bandsOf(mode: ImageMode): number {
  return bands[mode];
}

/**
 * An image in memory, which stands where torchvision has one of Python's PIL.
 *
 * @example new Image(new Uint8Array(28 * 28), 28, 28, "L")
 */
export class Image {
  /**
   * @param data bytes from 0 to 255, row by row, the colours of a pixel side by side.
   * @throws RangeError if there are more or fewer bytes than the size asks for.
   */
  constructor(
    readonly data: Uint8Array,
    readonly width: number,
    readonly height: number,
    readonly mode: ImageMode,
  ) {
    if (!Object.hasOwn(bands, mode))
      throw new TypeError(`unknown image mode '${mode}'; there are ${Object.keys(bands).join(", ")}`);
    const expected = width * height * bands[mode];
    if (data.length !== expected) {
      throw new RangeError(`an image of ${width}x${height} in mode ${mode} has ${expected} bytes, got ${data.length}`);
    }
  }

  /** Width and height. */
  get size(): [width: number, height: number] {
    return [this.width, this.height];
  }

  toString(): string {
    return `<Image mode=${this.mode} size=${this.width}x${this.height}>`;
  }

  [Symbol.for("nodejs.util.inspect.custom")](): string {
    return this.toString();
  }
}

/**
 * Images of one size, in one tensor: what a data set gives to transforms that work on a whole batch
 * (`Transform.forwardBatch`).
 */
export class ImageBatch {
  /** @param pixels uint8 of shape [images, height, width, colours]. */
  constructor(readonly pixels: Tensor) {}
}

shareable(import.meta.url, { Image });
