/** Brightness and what else is done to each value of an image by itself. */
import torch, { type Tensor } from "flambeau";
import { type Args, int, number, optional, Signature } from "flambeau/arguments";
import { Image } from "../../image.js";
import { convertImageDtype } from "./convert.js";
import {
  type AnyImage,
  boundOf,
  bytes,
  checkColours,
  checkTensorImage,
  dimensionsOf,
  floating,
  image,
} from "./image.js";

const { torchvision } = torch.ops;

/** A function of single values; those of bytes are computed once for all of them, and looked up. */
export function byValue(img: Tensor, compute: (values: Tensor) => Tensor): Tensor {
  if (img.dtype !== torch.uint8) return compute(img);
  return torchvision.lookup(img, compute(bytes).view(1, 256), 1);
}

/** `ratio * a + (1 - ratio) * b`, bounded, in the dtype of the first image. */
export function blend(a: Tensor, b: Tensor, ratio: number): Tensor {
  const [first, second] = [floating(a), floating(b)];
  return first
    .mul(ratio)
    .add(second.mul(1 - ratio))
    .clamp(0, boundOf(a.dtype))
    .to(a.dtype);
}

/** The results that PIL's images have for bytes, by a function of one number. */
function pilTable(compute: (byte: number) => number): Tensor {
  return torch.tensor(Uint8Array.from({ length: 256 }, (_, byte) => compute(byte))).view(1, 256);
}

/** An image by tables: one for all bands, or one for each. */
export function lookUp(img: Image, tables: Tensor): Image {
  return img.with(torchvision.lookup(img.pixels, tables, 1));
}

/** @throws Error unless an image has one of PIL's modes that look up tables. */
function checkLookup({ mode }: Image): void {
  if (mode !== "L" && mode !== "RGB") throw new Error(`not supported for this image mode: ${mode}`);
}

/** @throws Error for places in a palette and for black and white, between which there is nothing. */
export function checkMixed({ mode }: Image): void {
  if (mode === "1" || mode === "P") throw new Error(`image has wrong mode: ${mode}`);
}

/** @throws Error unless an image has one of PIL's modes that are blended: bytes that can be mixed. */
export function checkBlend(img: Image): void {
  checkMixed(img);
  if (img.pixels.dtype !== torch.uint8) throw new Error(`image has wrong mode: ${img.mode}`);
}

/** Tables for the bands of an image, of which an opacity stays as it is. */
export function colourTables(img: Image, table: Tensor): Tensor {
  const bands = img.getbands();
  if (!bands.includes("A")) return table;
  return torch.cat(bands.map((band) => (band === "A" ? bytes.view(1, 256) : table)));
}

/** The bytes of `degenerate + share * (byte - degenerate)`, bounded and without fractions, in float32 as PIL has them. */
export function blendTable(degenerate: number, share: number): Tensor {
  const factor = Math.fround(share);
  const { fround } = Math;
  return pilTable((byte) =>
    Math.trunc(Math.min(Math.max(fround(degenerate + fround(factor * (byte - degenerate))), 0), 255)),
  );
}

const brightnessSignature = new Signature("adjustBrightness", { img: image, brightnessFactor: number });

/**
 * An image made brighter: 0 gives black, 1 the image itself, 2 twice its brightness.
 *
 * @param img an image, or a tensor `[…, C, H, W]` of one or three colours.
 * @throws Error for a negative factor.
 * @see https://pytorch.org/vision/stable/generated/torchvision.transforms.functional.adjust_brightness.html
 */
export function adjustBrightness<T extends AnyImage>(...args: [img: T, brightnessFactor: number]): T {
  const { img, brightnessFactor } = brightnessSignature.parse(args);
  if (img instanceof Image) {
    checkBlend(img);
    return lookUp(img, colourTables(img, blendTable(0, brightnessFactor))) as T;
  }
  if (brightnessFactor < 0) throw new Error(`brightness_factor (${brightnessFactor}) is not non-negative.`);
  checkTensorImage(img);
  checkColours(img);
  return byValue(img, (values) =>
    floating(values).mul(brightnessFactor).clamp(0, boundOf(values.dtype)).to(values.dtype),
  ) as T;
}

const gammaSignature = new Signature("adjustGamma", { img: image, gamma: number, gain: optional(number, 1) });

/**
 * `gain * value ** gamma`, of values from 0 to 1: a gamma above 1 makes shadows darker, one below 1 lighter.
 *
 * @param img an image, or a tensor `[…, C, H, W]` of one or three colours.
 * @throws Error for a negative gamma.
 * @see https://pytorch.org/vision/stable/generated/torchvision.transforms.functional.adjust_gamma.html
 */
export function adjustGamma<T extends AnyImage>(
  ...args: [img: T, gamma: number, ...rest: Args<[gain?: number], ["gain"]>]
): T {
  const { img, gamma, gain } = gammaSignature.parse(args);
  if (gamma < 0) throw new Error("Gamma should be a non-negative real number");
  if (img instanceof Image) {
    const table = pilTable((byte) => Math.min(255, Math.trunc((255 + 1 - 1e-3) * gain * (byte / 255) ** gamma)));
    const isPlain = img.mode === "L" || img.mode === "RGB";
    return (isPlain ? lookUp(img, table) : lookUp(img.convert("RGB"), table).convert(img.mode)) as T;
  }
  checkTensorImage(img);
  checkColours(img);
  return byValue(img, (values) => {
    const scaled = values.dtype.isFloatingPoint ? values : convertImageDtype(values);
    const result = scaled.pow(gamma).mul(gain).clamp(0, 1);
    return convertImageDtype(result, { dtype: values.dtype });
  }) as T;
}

const invertSignature = new Signature("invert", { img: image });

function inverted(values: Tensor): Tensor {
  return values.neg().add(boundOf(values.dtype));
}

/**
 * The negative of an image.
 *
 * @param img an image of mode `L` or `RGB`, or a tensor `[…, C, H, W]` of one or three colours.
 * @see https://pytorch.org/vision/stable/generated/torchvision.transforms.functional.invert.html
 */
export function invert<T extends AnyImage>(...args: [img: T]): T {
  const { img } = invertSignature.parse(args);
  const table = () => pilTable((byte) => 255 - byte);
  if (img instanceof Image) {
    if (img.mode !== "1") checkLookup(img);
    return lookUp(img, table()) as T;
  }
  checkTensorImage(img, 3);
  checkColours(img);
  return byValue(img, inverted) as T;
}

const posterizeSignature = new Signature("posterize", { img: image, bits: int });

/**
 * An image with so many bits, up to 8, for each colour.
 *
 * @param img an image of mode `L` or `RGB`, or a uint8 tensor `[…, C, H, W]` of one or three colours.
 * @throws Error for other numbers of bits; TypeError for tensors of other dtypes.
 * @see https://pytorch.org/vision/stable/generated/torchvision.transforms.functional.posterize.html
 */
export function posterize<T extends AnyImage>(...args: [img: T, bits: number]): T {
  const { img, bits } = posterizeSignature.parse(args);
  if (bits < 0 || bits > 8) throw new Error(`The number if bits should be between 0 and 8. Got ${bits}`);
  const mask = 256 - 2 ** (8 - bits);
  if (img instanceof Image) {
    checkLookup(img);
    return lookUp(
      img,
      pilTable((byte) => byte & mask),
    ) as T;
  }
  checkTensorImage(img, 3);
  if (img.dtype !== torch.uint8)
    throw new TypeError(`Only torch.uint8 image tensors are supported, but found ${img.dtype}`);
  checkColours(img);
  return byValue(img, (values) => values.bitwiseAnd(mask)) as T;
}

const solarizeSignature = new Signature("solarize", { img: image, threshold: number });

/**
 * An image with the negative of all values from a threshold on.
 *
 * @param img an image of mode `L` or `RGB`, or a tensor `[…, C, H, W]` of one or three colours.
 * @throws TypeError for a threshold above the greatest value of the tensor's dtype.
 * @see https://pytorch.org/vision/stable/generated/torchvision.transforms.functional.solarize.html
 */
export function solarize<T extends AnyImage>(...args: [img: T, threshold: number]): T {
  const { img, threshold } = solarizeSignature.parse(args);
  if (img instanceof Image) {
    checkLookup(img);
    return lookUp(
      img,
      pilTable((byte) => (byte < threshold ? byte : 255 - byte)),
    ) as T;
  }
  checkTensorImage(img, 3);
  checkColours(img);
  if (threshold > boundOf(img.dtype)) throw new TypeError("Threshold should be less than bound of img.");
  return byValue(img, (values) => torch.where(values.ge(threshold), inverted(values), values)) as T;
}

const autocontrastSignature = new Signature("autocontrast", { img: image });

/** The table that spreads bytes from the lowest to the greatest that there is. */
function contrastTable(counts: readonly number[]): Tensor {
  const low = counts.findIndex((count) => count > 0);
  const high = counts.findLastIndex((count) => count > 0);
  if (high <= low) return bytes.view(1, 256);
  const scale = 255 / (high - low);
  return pilTable((byte) => Math.min(Math.max(Math.trunc(byte * scale + -low * scale), 0), 255));
}

/** How often each byte occurs in each band of an image. */
function histograms(img: Image): number[][] {
  const [bands] = dimensionsOf(img);
  return torchvision.byteCounts(img.pixels, bands, 1).tolist() as number[][];
}

/**
 * An image in which each colour is spread from its lowest value to its greatest.
 *
 * @param img an image of mode `L` or `RGB`, or a tensor `[…, C, H, W]` of one or three colours.
 * @see https://pytorch.org/vision/stable/generated/torchvision.transforms.functional.autocontrast.html
 */
export function autocontrast<T extends AnyImage>(...args: [img: T]): T {
  const { img } = autocontrastSignature.parse(args);
  if (img instanceof Image) {
    checkLookup(img);
    return lookUp(img, torch.cat(histograms(img).map(contrastTable))) as T;
  }
  checkTensorImage(img, 3);
  checkColours(img);
  const bound = boundOf(img.dtype);
  const [low, high] = [img.amin([-2, -1], { keepdim: true }), img.amax([-2, -1], { keepdim: true })].map(floating) as [
    Tensor,
    Tensor,
  ];
  const isFlat = low.eq(high);
  const scale = torch.where(isFlat, 1, high.sub(low).reciprocal().mul(bound));
  const floor = torch.where(isFlat, 0, low);
  const spread = (values: Tensor) => floating(values).sub(floor).mul(scale).clamp(0, bound).to(img.dtype);
  if (img.dtype !== torch.uint8) return spread(img) as T;
  const planes = floor.numel();
  if (planes === 0) return img as T;
  return torchvision.lookup(img, spread(bytes).view(planes, 256), img.numel() / planes) as T;
}

const equalizeSignature = new Signature("equalize", { img: image });

/** The table by which bytes are spread so that each occurs as often. */
function equalTable(counts: readonly number[]): number[] {
  const total = counts.reduce((a, b) => a + b, 0);
  const last = counts.findLast((count) => count > 0) ?? 0;
  const step = Math.trunc((total - last) / 255);
  let sum = step >> 1;
  return counts.map((count, byte) => {
    const value = step === 0 ? byte : Math.min(255, Math.trunc(sum / step));
    sum += count;
    return value;
  });
}

/**
 * An image in which each colour has all values about as often.
 *
 * @param img an image of mode `P`, `L` or `RGB`, or a uint8 tensor of three or four dims, of one or three colours.
 * @throws TypeError for tensors of other dtypes or dims.
 * @see https://pytorch.org/vision/stable/generated/torchvision.transforms.functional.equalize.html
 */
export function equalize<T extends AnyImage>(...args: [img: T]): T {
  const { img } = equalizeSignature.parse(args);
  const tablesOf = (counts: number[][]) => torch.tensor(counts.map(equalTable), { dtype: torch.uint8 });
  if (img instanceof Image) {
    const plain = img.mode === "P" ? img.convert("RGB") : img;
    checkLookup(plain);
    return lookUp(plain, tablesOf(histograms(plain))) as T;
  }
  if (img.ndim !== 3 && img.ndim !== 4)
    throw new TypeError(`Input image tensor should have 3 or 4 dimensions, but found ${img.ndim}`);
  if (img.dtype !== torch.uint8)
    throw new TypeError(`Only torch.uint8 image tensors are supported, but found ${img.dtype}`);
  checkColours(img);
  if (img.numel() === 0) return img as T;
  const planes = img.shape.slice(0, -2).reduce((a, b) => a * b, 1);
  const run = img.numel() / planes;
  const counts = torchvision.byteCounts(img, planes, run).tolist() as number[][];
  return torchvision.lookup(img, tablesOf(counts), run) as T;
}
