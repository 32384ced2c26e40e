/** Colours of images: grey, contrast, saturation, hue. */
import torch, { type Tensor } from "flambeau";
import { int, number, optional, Signature } from "flambeau/arguments";
import { Image } from "../../image.js";
import { convertImageDtype } from "./convert.js";
import {
  type AnyImage,
  boundOf,
  checkColours,
  checkTensorImage,
  dimensionsOf,
  floating,
  image,
  isRecorded,
} from "./image.js";
import { blend, blendTable, byValue, checkBlend, colourTables, lookUp } from "./tone.js";

const { torchvision } = torch.ops;

/** The dtypes that the kernels for colours know. */
const known = [torch.uint8, torch.float32, torch.float64];

/** The grey of a tensor of one or three colours, as one channel. */
function greyOf(img: Tensor): Tensor {
  if (img.shape.at(-3) === 1) return img.clone();
  if (!isRecorded(img) && known.includes(img.dtype)) return torchvision.changeColours(img, "grey", 0);
  const [red, green, blue] = floating(img).split(1, -3) as [Tensor, Tensor, Tensor];
  return red.mul(0.2989).add(green.mul(0.587)).add(blue.mul(0.114)).to(img.dtype);
}

/** An image of mode `L`. */
function greyImage(img: Image): Image {
  if (img.mode !== "RGB") return img.convert("L");
  const pixels = torchvision.changeColours(img.pixels, "grey", 0, { interleaved: true });
  return new Image(pixels, img.width, img.height, "L");
}

function checkOutputChannels(count: number): void {
  if (count !== 1 && count !== 3) throw new Error("num_output_channels should be either 1 or 3");
}

function toGreyImage(img: Image, channels: number): Image {
  checkOutputChannels(channels);
  const grey = greyImage(img);
  if (channels === 1) return grey;
  return new Image(grey.pixels.expand([img.height, img.width, 3]), img.width, img.height, "RGB");
}

const numOutputChannels = optional(int, 1);
const toGrayscaleSignature = new Signature("toGrayscale", { img: image, numOutputChannels });

/**
 * An image, of any mode, in grey: of mode `L`, or `RGB` with three equal channels.
 *
 * @throws TypeError for tensors.
 * @see https://pytorch.org/vision/stable/generated/torchvision.transforms.functional.to_grayscale.html
 */
export function toGrayscale(
  ...args: [img: Image, numOutputChannels?: number] | [img: Image, options: { numOutputChannels?: number }]
): Image {
  const { img, numOutputChannels: channels } = toGrayscaleSignature.parse(args);
  if (!(img instanceof Image)) throw new TypeError("Input should be PIL Image");
  return toGreyImage(img, channels);
}

const rgbToGrayscaleSignature = new Signature("rgbToGrayscale", { img: image, numOutputChannels });

/**
 * An image in grey, with one channel or three equal ones.
 *
 * @param img an image, or a tensor `[…, C, H, W]` of one or three colours.
 * @throws Error for another number of channels.
 * @see https://pytorch.org/vision/stable/generated/torchvision.transforms.functional.rgb_to_grayscale.html
 */
export function rgbToGrayscale<T extends AnyImage>(
  ...args: [img: T, numOutputChannels?: number] | [img: T, options: { numOutputChannels?: number }]
): T {
  const { img, numOutputChannels: channels } = rgbToGrayscaleSignature.parse(args);
  if (img instanceof Image) return toGreyImage(img, channels) as T;
  checkTensorImage(img, 3);
  checkColours(img);
  checkOutputChannels(channels);
  const grey = greyOf(img);
  return (channels === 3 ? grey.expand([...img.shape.slice(0, -3), 3, ...img.shape.slice(-2)]) : grey) as T;
}

const contrastSignature = new Signature("adjustContrast", { img: image, contrastFactor: number });

/**
 * An image with more contrast: 0 gives its mean grey, 1 the image itself, 2 twice its contrast.
 *
 * @param img an image, or a tensor `[…, C, H, W]` of one or three colours.
 * @throws Error for a negative factor.
 * @see https://pytorch.org/vision/stable/generated/torchvision.transforms.functional.adjust_contrast.html
 */
export function adjustContrast<T extends AnyImage>(...args: [img: T, contrastFactor: number]): T {
  const { img, contrastFactor } = contrastSignature.parse(args);
  if (img instanceof Image) {
    checkBlend(img);
    const counts = torchvision.byteCounts(greyImage(img).pixels, 1, 1).tolist() as [number[]];
    const sum = counts[0].reduce((total, count, byte) => total + count * byte, 0);
    const mean = Math.trunc(sum / (img.width * img.height) + 0.5);
    return lookUp(img, contrastTables(img, mean, contrastFactor)) as T;
  }
  if (contrastFactor < 0) throw new Error(`contrast_factor (${contrastFactor}) is not non-negative.`);
  checkTensorImage(img);
  checkColours(img);
  if (img.numel() === 0) return img as T;
  const grey = dimensionsOf(img)[0] === 3 ? greyOf(img) : img;
  const dims = img.ndim === 2 ? [-2, -1] : [-3, -2, -1];
  const mean = floating(grey).mean(dims, { keepdim: true });
  if (img.dtype !== torch.uint8) return blend(img, mean, contrastFactor) as T;
  // Of each image a table.
  const images = mean.numel();
  const blended = (values: Tensor) => blend(values, mean.view(images, 1), contrastFactor);
  if (images === 1) return byValue(img, blended) as T;
  const tables = blended(torch.arange(256).to(torch.uint8)).view(images, 256);
  return torchvision.lookup(img, tables, img.numel() / images) as T;
}

/** The tables that bring the bands of an image nearer to those of a grey, or further away. */
function contrastTables(img: Image, grey: number, factor: number): Tensor {
  if (img.mode !== "CMYK" && img.mode !== "HSV") return colourTables(img, blendTable(grey, factor));
  const bands = new Image(Uint8Array.of(grey), 1, 1, "L").convert(img.mode).data;
  return torch.cat(Array.from(bands, (band) => blendTable(band, factor)));
}

const saturationSignature = new Signature("adjustSaturation", { img: image, saturationFactor: number });

/**
 * An image with more colour: 0 gives its grey, 1 the image itself, 2 colours twice as far from grey.
 *
 * @param img an image, or a tensor `[…, C, H, W]` of one or three colours.
 * @throws Error for a negative factor.
 * @see https://pytorch.org/vision/stable/generated/torchvision.transforms.functional.adjust_saturation.html
 */
export function adjustSaturation<T extends AnyImage>(...args: [img: T, saturationFactor: number]): T {
  const { img, saturationFactor } = saturationSignature.parse(args);
  if (img instanceof Image) return saturated(img, saturationFactor) as T;
  if (saturationFactor < 0) throw new Error(`saturation_factor (${saturationFactor}) is not non-negative.`);
  checkTensorImage(img);
  checkColours(img);
  if (dimensionsOf(img)[0] === 1) return img as T;
  if (isRecorded(img) || !known.includes(img.dtype)) return blend(img, greyOf(img), saturationFactor) as T;
  return torchvision.changeColours(img, "saturation", saturationFactor) as T;
}

function saturated(img: Image, factor: number): Image {
  checkBlend(img);
  if (img.mode === "RGB")
    return img.with(torchvision.changeColours(img.pixels, "saturation", factor, { interleaved: true }));
  const hasOpacity = img.getbands().includes("A");
  const degenerate = img.convert(hasOpacity ? "LA" : "L").convert(img.mode);
  return img.with(torchvision.blendBytes(degenerate.pixels, img.pixels, factor));
}

const hueSignature = new Signature("adjustHue", { img: image, hueFactor: number });

/**
 * An image whose hues are turned on the circle of colours: by nothing at 0, to the opposite at -0.5 and 0.5.
 *
 * @param img an image, or a tensor `[…, C, H, W]` of one or three colours.
 * @throws Error for a factor outside of -0.5 to 0.5.
 * @see https://pytorch.org/vision/stable/generated/torchvision.transforms.functional.adjust_hue.html
 */
export function adjustHue<T extends AnyImage>(...args: [img: T, hueFactor: number]): T {
  const { img, hueFactor } = hueSignature.parse(args);
  if (!(hueFactor >= -0.5 && hueFactor <= 0.5)) throw new Error(`hue_factor (${hueFactor}) is not in [-0.5, 0.5].`);
  if (img instanceof Image) return turned(img, Math.trunc(hueFactor * 255)) as T;
  checkTensorImage(img);
  checkColours(img);
  if (dimensionsOf(img)[0] === 1) return img as T;
  if (isRecorded(img)) return turnedRecorded(img, hueFactor) as T;
  if (known.includes(img.dtype)) return torchvision.changeColours(img, "hue", hueFactor) as T;
  const scaled = torchvision.changeColours(convertImageDtype(img), "hue", hueFactor);
  return convertImageDtype(scaled, { dtype: img.dtype }) as T;
}

function turned(img: Image, by: number): Image {
  if (["L", "1", "I", "F"].includes(img.mode)) return img;
  if (img.mode === "RGB") return img.with(torchvision.changeColours(img.pixels, "hue", by, { interleaved: true }));
  if (img.mode === "HSV") {
    // Bytes begin again from 0.
    const hue = img.pixels.narrow(2, 0, 1).add((by + 256) % 256);
    return img.with(torch.cat([hue, img.pixels.narrow(2, 1, 2)], 2));
  }
  const plain = img.convert("RGB");
  return turned(plain, by).convert(img.mode);
}

/** The same by operations that have gradients: each channel of the result rises and falls along the circle of hues. */
function turnedRecorded(img: Tensor, by: number): Tensor {
  const most = img.amax(-3, { keepdim: true });
  const range = most.sub(img.amin(-3, { keepdim: true }));
  const isGrey = range.eq(0);
  const divisor = torch.where(isGrey, 1, range);
  const [red, green, blue] = img.split(1, -3) as [Tensor, Tensor, Tensor];
  const isRed = red.eq(most);
  const isGreen = green.eq(most).logicalAnd(isRed.logicalNot());
  const sixth = (from: number, a: Tensor, b: Tensor) => a.sub(b).div(divisor).add(from);
  const place = torch.where(
    isRed,
    sixth(0, green, blue),
    torch.where(isGreen, sixth(2, blue, red), sixth(4, red, green)),
  );
  const hue = place.div(6).add(by).remainder(1).mul(6);
  const channels = [5, 3, 1].map((start) => {
    const at = hue.add(start).remainder(6);
    return most.sub(range.mul(torch.minimum(at, at.neg().add(4)).clamp(0, 1)));
  });
  return torch.where(isGrey, img, torch.cat(channels, -3)).clamp(0, boundOf(img.dtype));
}
