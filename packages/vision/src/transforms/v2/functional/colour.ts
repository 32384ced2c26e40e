/** Colours of images and videos; masks and boxes stay as they are. */
import type { Tensor } from "flambeau";
import torch from "flambeau";
import { Image as PilImage } from "../../../image.js";
import { decodeJpeg, encodeJpeg } from "../../../io/index.js";
import * as blurs from "../../functional/blur.js";
import * as colours from "../../functional/colour.js";
import { pilToTensor, toPilImage } from "../../functional/convert.js";
import type { AnyImage } from "../../functional/image.js";
import { dimensionsOf } from "../../functional/image.js";
import * as tones from "../../functional/tone.js";
import { dispatch, type Input } from "./kinds.js";

/** A function of images, for all kinds of inputs. */
function lifted<A extends readonly unknown[]>(name: string, compute: (img: AnyImage, ...rest: A) => AnyImage) {
  return <T extends Input>(inpt: T, ...rest: A): T => dispatch(name, inpt, { image: (img) => compute(img, ...rest) });
}

/** Brighter by a factor, as `transforms.functional.adjustBrightness`. */
export const adjustBrightness = lifted("adjustBrightness", (img, factor: number) =>
  tones.adjustBrightness(img, factor),
);

/** With more contrast by a factor, as `transforms.functional.adjustContrast`. */
export const adjustContrast = lifted("adjustContrast", (img, factor: number) => colours.adjustContrast(img, factor));

/** With more colour by a factor, as `transforms.functional.adjustSaturation`. */
export const adjustSaturation = lifted("adjustSaturation", (img, factor: number) =>
  colours.adjustSaturation(img, factor),
);

/** With its hues turned, as `transforms.functional.adjustHue`. */
export const adjustHue = lifted("adjustHue", (img, factor: number) => colours.adjustHue(img, factor));

/** `gain * value ** gamma`, as `transforms.functional.adjustGamma`. */
export const adjustGamma = lifted("adjustGamma", (img, gamma: number, gain: number = 1) =>
  tones.adjustGamma(img, gamma, gain),
);

/** Sharper by a factor, as `transforms.functional.adjustSharpness`. */
export const adjustSharpness = lifted("adjustSharpness", (img, factor: number) => blurs.adjustSharpness(img, factor));

/** With each colour spread to all values, as `transforms.functional.autocontrast`. */
export const autocontrast = lifted("autocontrast", (img) => tones.autocontrast(img));

/** With all values about as often, as `transforms.functional.equalize`. */
export const equalize = lifted("equalize", (img) => tones.equalize(img));

/** The negative, as `transforms.functional.invert`. */
export const invert = lifted("invert", (img) => tones.invert(img));

/** With so many bits for each colour, as `transforms.functional.posterize`. */
export const posterize = lifted("posterize", (img, bits: number) => tones.posterize(img, bits));

/** With the negative of values from a threshold on, as `transforms.functional.solarize`. */
export const solarize = lifted("solarize", (img, threshold: number) => tones.solarize(img, threshold));

/** In grey, as `transforms.functional.rgbToGrayscale`. */
export const rgbToGrayscale = lifted("rgbToGrayscale", (img, numOutputChannels: number = 1) =>
  colours.rgbToGrayscale(img, numOutputChannels),
);

/** In grey: `rgbToGrayscale` under its older name. */
export const toGrayscale = rgbToGrayscale;

/**
 * With what is lost in a JPEG file of some quality, from 1 to 100: uint8 of one or three colours.
 *
 * @see https://pytorch.org/vision/stable/generated/torchvision.transforms.v2.functional.jpeg.html
 */
export const jpeg = lifted("jpeg", (img, quality: number) => {
  if (img instanceof PilImage) return toPilImage(throughJpeg(pilToTensor(img), quality), { mode: img.mode });
  return throughJpeg(img as Tensor, quality);
});

/** Images `[…, C, H, W]`, each written and read. */
function throughJpeg(images: Tensor, quality: number): Tensor {
  if (images.numel() === 0) return images.clone();
  const each = images.reshape([-1, ...images.shape.slice(-3)]).unbind(0);
  return torch.stack(each.map((image) => decodeJpeg(encodeJpeg(image, quality)))).view(images.shape);
}

/** Blurred, as `transforms.functional.gaussianBlur`. */
export const gaussianBlur = lifted(
  "gaussianBlur",
  (img, kernelSize: number | readonly number[], sigma: number | readonly number[] | null = null) =>
    blurs.gaussianBlur(img, kernelSize, sigma),
);

/** A grey image with three equal channels; one of three stays as it is. */
export const grayscaleToRgb = lifted("grayscaleToRgb", (img) => {
  if (img instanceof PilImage) return img.mode === "RGB" ? img : img.convert("RGB");
  if (dimensionsOf(img)[0] >= 3) return img;
  return colours.rgbToGrayscale(img, 3);
});

/** An image whose channels are in another order. */
export const permuteChannels = lifted("permuteChannels", (img, permutation: readonly number[]) => {
  const order = torch.tensor(permutation, { dtype: torch.long });
  if (!(img instanceof PilImage)) return (img as Tensor).indexSelect(-3, order);
  return img.with(img.pixels.indexSelect(2, order));
});

/**
 * An image with noise from a normal distribution, of floats.
 *
 * @param options.clip whether the result is brought to 0 to 1; it is by default.
 * @throws Error for a negative deviation; TypeError for whole numbers.
 */
export function gaussianNoise<T extends Input>(inpt: T, mean = 0, sigma = 0.1, options: { clip?: boolean } = {}): T {
  return dispatch("gaussianNoise", inpt, {
    image: (img) => {
      if (img instanceof PilImage) throw new TypeError("Gaussian Noise is not implemented for PIL images.");
      if (!img.dtype.isFloatingPoint)
        throw new TypeError(`Input tensor is expected to be in float dtype, got ${img.dtype}`);
      if (sigma < 0) throw new Error(`sigma shouldn't be negative. Got ${sigma}`);
      const noisy = img.add(torch.randnLike(img).mul(sigma)).add(mean);
      return options.clip === false ? noisy : noisy.clamp(0, 1);
    },
  });
}
