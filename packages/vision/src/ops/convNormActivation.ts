/** A convolution with the norm and the activation that usually follow it. */
import { nn } from "flambeau";
import {
  type Args,
  flagOn,
  int,
  nullable,
  openFlag,
  optional,
  type Param,
  Signature,
  sizeOrSizes,
  type ValuesOf,
} from "flambeau/arguments";
import { type ActivationLayer, activationParam, type Layer, makerOf, normLayer } from "./layer.js";

/** One size for all dims, or one for each. */
export type Sizes = number | readonly number[];

type Padding = Sizes | "same" | "valid";

const padding: Param<Padding> = {
  ...(sizeOrSizes as Param<Padding>),
  expected: 'int, tuple of ints, "valid" or "same"',
  read: (value) => (value === "same" || value === "valid" ? value : sizeOrSizes.read(value)),
};

const params = {
  inChannels: int,
  outChannels: int,
  kernelSize: optional(sizeOrSizes, 3),
  stride: optional(sizeOrSizes, 1),
  padding: optional(nullable(padding), null),
  groups: optional(int, 1),
  // The default depends on the number of dims.
  normLayer: optional(normLayer),
  activationLayer: optional(nullable(activationParam), makerOf(nn.ReLU)),
  dilation: optional(sizeOrSizes, 1),
  inplace: nullable(flagOn),
  bias: openFlag,
};

export type ConvNormActivationArguments = [
  inChannels: number,
  outChannels: number,
  ...rest: Args<
    [
      kernelSize?: Sizes,
      stride?: Sizes,
      padding?: Padding | null,
      groups?: number,
      normLayer?: Layer | null,
      activationLayer?: ActivationLayer | null,
      dilation?: Sizes,
    ],
    ["kernelSize", "stride", "padding", "groups", "normLayer", "activationLayer", "dilation"],
    { inplace?: boolean | null; bias?: boolean }
  >,
];

/** As many zeros around as keep the size, for an odd kernel and stride 1. */
function keepingPadding(kernelSize: Sizes, dilation: Sizes): Sizes {
  const around = (kernel: number, step: number) => Math.floor((kernel - 1) / 2) * step;
  if (typeof kernelSize === "number" && typeof dilation === "number") return around(kernelSize, dilation);
  const ndim = typeof kernelSize === "number" ? (dilation as readonly number[]).length : kernelSize.length;
  const at = (sizes: Sizes, d: number) => (typeof sizes === "number" ? sizes : (sizes[d] as number));
  return Array.from({ length: ndim }, (_, d) => around(at(kernelSize, d), at(dilation, d)));
}

type Convolution = typeof nn.Conv2d | typeof nn.Conv3d;

function layersOf(given: ValuesOf<typeof params>, Conv: Convolution, norm: Layer): nn.Module[] {
  const { inChannels, outChannels, kernelSize, stride, groups, activationLayer, dilation, inplace } = given;
  const makeNorm = given.normLayer === undefined ? makerOf(norm) : given.normLayer;
  const padding = given.padding ?? keepingPadding(kernelSize, dilation);
  const bias = given.bias ?? makeNorm === null;
  const layers: nn.Module[] = [
    new Conv(inChannels, outChannels, kernelSize, stride, padding, dilation, groups, { bias }),
  ];
  if (makeNorm !== null) layers.push(makeNorm(outChannels));
  if (activationLayer !== null) layers.push(activationLayer(...(inplace === null ? [] : [{ inplace }])));
  return layers;
}

/** What the two have in common. */
abstract class ConvNormActivation extends nn.Sequential {
  declare outChannels: number;

  constructor(Conv: Convolution, norm: Layer, name: string, args: readonly unknown[]) {
    const given = new Signature(name, params).parse(args);
    super(...layersOf(given, Conv, norm));
    this.outChannels = given.outChannels;
  }
}

/**
 * A `Conv2d`, a norm and an activation in a row.
 *
 * @param kernelSize 3 by default.
 * @param padding by default as many zeros as keep the size where the stride is 1.
 * @param normLayer makes the norm from the number of channels: `nn.BatchNorm2d` by default, none with `{ normLayer: null }`.
 * @param activationLayer makes the activation: `nn.ReLU` by default, none with `{ activationLayer: null }`.
 * @param options.inplace whether the activation works in place; with null it is not told. True by default.
 * @param options.bias whether the convolution adds a bias; by default if no norm follows.
 * @example new ops.Conv2dNormActivation(3, 16, 3, 2)(torch.rand(1, 3, 32, 32)).shape // [1, 16, 16, 16]
 * @see https://pytorch.org/vision/stable/generated/torchvision.ops.Conv2dNormActivation.html
 */
export class Conv2dNormActivation extends ConvNormActivation {
  constructor(...args: ConvNormActivationArguments) {
    super(nn.Conv2d, nn.BatchNorm2d, new.target.name, args);
  }
}

/**
 * A `Conv3d`, a norm and an activation in a row; the arguments are those of `Conv2dNormActivation`.
 *
 * @see https://pytorch.org/vision/stable/generated/torchvision.ops.Conv3dNormActivation.html
 */
export class Conv3dNormActivation extends ConvNormActivation {
  constructor(...args: ConvNormActivationArguments) {
    super(nn.Conv3d, nn.BatchNorm3d, new.target.name, args);
  }
}
