/** The operations that automatic augmentation draws from, and how strong they may be. */
import torch, { type Tensor } from "flambeau";
import { adjustSharpness } from "../functional/blur.js";
import { adjustContrast, adjustSaturation } from "../functional/colour.js";
import type { AnyImage, Fill } from "../functional/image.js";
import { adjustBrightness, autocontrast, equalize, invert, posterize, solarize } from "../functional/tone.js";
import { affine, rotate } from "../functional/warp.js";
import { pySizes } from "../geometry.js";
import { type InterpolationMode, pyMode } from "../interpolation.js";
import { whole } from "../random/draw.js";

/** How a transformed image is interpolated and filled. */
export interface Look {
  readonly interpolation: InterpolationMode;
  readonly fill: Fill | null;
}

type Operation = (img: AnyImage, magnitude: number, look: Look) => AnyImage;

const degrees = (slope: number) => (Math.atan(slope) * 180) / Math.PI;

const shear =
  (along: (angle: number) => [number, number]): Operation =>
  (img, magnitude, look) =>
    affine(img, 0, [0, 0], 1, along(degrees(magnitude)), { ...look, center: [0, 0] });

const translate =
  (along: (pixels: number) => [number, number]): Operation =>
  (img, magnitude, look) =>
    affine(img, 0, along(Math.trunc(magnitude)), 1, [0, 0], look);

const operations = {
  Identity: (img) => img,
  ShearX: shear((angle) => [angle, 0]),
  ShearY: shear((angle) => [0, angle]),
  TranslateX: translate((pixels) => [pixels, 0]),
  TranslateY: translate((pixels) => [0, pixels]),
  Rotate: (img, magnitude, look) => rotate(img, magnitude, look),
  Brightness: (img, magnitude) => adjustBrightness(img, 1 + magnitude),
  Color: (img, magnitude) => adjustSaturation(img, 1 + magnitude),
  Contrast: (img, magnitude) => adjustContrast(img, 1 + magnitude),
  Sharpness: (img, magnitude) => adjustSharpness(img, 1 + magnitude),
  Posterize: (img, magnitude) => posterize(img, Math.trunc(magnitude)),
  Solarize: (img, magnitude) => solarize(img, magnitude),
  AutoContrast: (img) => autocontrast(img),
  Equalize: (img) => equalize(img),
  Invert: (img) => invert(img),
} satisfies Record<string, Operation>;

export type OperationName = keyof typeof operations;

/** Applies an operation with a magnitude. */
export function applyOperation(img: AnyImage, name: OperationName, magnitude: number, look: Look): AnyImage {
  return (operations[name] as Operation)(img, magnitude, look);
}

/** How strong an operation may be, and whether it goes both ways. One without magnitudes has none. */
export interface Strength {
  readonly magnitudes: Tensor | null;
  readonly isSigned: boolean;
}

/** The operations that are drawn from, in their order. */
export type Space = readonly (readonly [name: OperationName, strength: Strength])[];

/** Magnitudes in equal steps, for an operation that goes both ways. */
function both(from: number, to: number, bins: number): Strength {
  return { magnitudes: torch.linspace(from, to, bins), isSigned: true };
}

const none: Strength = { magnitudes: null, isSigned: false };

/** The greatest magnitudes. */
export interface Limits {
  readonly shear: number;
  readonly translateX: number;
  readonly translateY: number;
  readonly rotate: number;
  /** Of brightness, colour, contrast and sharpness; none where these are left out. */
  readonly colour: number | null;
  /** The bits that are left by the weakest posterization, and how many less by the strongest. */
  readonly bits: readonly [from: number, less: number];
}

/** The operations of a method with magnitudes in so many steps, in torchvision's order. */
export function spaceOf(
  limits: Limits,
  bins: number,
  { identity = false, invert: hasInvert = false, coloursLast = false } = {},
): Space {
  const { shear: most, translateX, translateY, rotate: turn, colour, bits } = limits;
  const steps = torch
    .arange(bins)
    .div((bins - 1) / bits[1])
    .round();
  const colours: [OperationName, Strength][] =
    colour === null
      ? []
      : (["Brightness", "Color", "Contrast", "Sharpness"] as const).map((name) => [name, both(0, colour, bins)]);
  return [
    ...(identity ? [["Identity", none] as const] : []),
    ["ShearX", both(0, most, bins)],
    ["ShearY", both(0, most, bins)],
    ["TranslateX", both(0, translateX, bins)],
    ["TranslateY", both(0, translateY, bins)],
    ["Rotate", both(0, turn, bins)],
    ...(coloursLast ? [] : colours),
    ["Posterize", { magnitudes: steps.neg().add(bits[0]), isSigned: false }],
    ["Solarize", { magnitudes: torch.linspace(255, 0, bins), isSigned: false }],
    ["AutoContrast", none],
    ["Equalize", none],
    ...(hasInvert ? [["Invert", none] as const] : []),
    ...(coloursLast ? colours : []),
  ];
}

/** Draws one of the operations, and applies it with the magnitude that is chosen among its own, one or the other way. */
export function applyDrawn(img: AnyImage, space: Space, choose: (count: number) => number, look: Look): AnyImage {
  const [name, { magnitudes, isSigned }] = space[whole(0, space.length)] as Space[number];
  const magnitude = magnitudes === null ? 0 : magnitudes.at(choose(magnitudes.length)).item();
  const isTurned = isSigned && whole(0, 2) === 1;
  return applyOperation(img, name, isTurned ? -magnitude : magnitude, look);
}

/** The options that all methods print at their end. */
export function pyLook({ interpolation, fill }: Look): string {
  return `interpolation=${pyMode(interpolation)}, fill=${pySizes(fill)}`;
}
