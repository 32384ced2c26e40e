/** Deformable convolution. */
import torch, { nn, type Tensor } from "flambeau";
import { type Args, flagOn, int, nullable, optional, Signature, sizeOrSizes, tensor } from "flambeau/arguments";
import type { Sizes } from "./convNormActivation.js";

function pair(name: string, sizes: Sizes): [number, number] {
  if (typeof sizes === "number") return [sizes, sizes];
  if (sizes.length === 2) return [sizes[0] as number, sizes[1] as number];
  throw new Error(`${name} must be one number or two, got [${sizes.join(", ")}]`);
}

const signature = new Signature("deformConv2d", {
  input: tensor,
  offset: tensor,
  weight: tensor,
  bias: optional(nullable(tensor), null),
  stride: optional(sizeOrSizes, 1),
  padding: optional(sizeOrSizes, 0),
  dilation: optional(sizeOrSizes, 1),
  mask: optional(nullable(tensor), null),
});

/**
 * Convolution of images `[N, C, H, W]` with a weight `[O, C / groups, kernelH, kernelW]`, each place of which looks where an
 * offset says: `[N, O, rows, columns]`.
 *
 * @param offset `[N, 2 × groups × kernelH × kernelW, rows, columns]`: how far down and across each place is moved.
 * @param mask how much each place counts, of as many channels without the 2: the second version of the operation.
 * @throws Error if sizes do not fit.
 * @example ops.deformConv2d(images, offset, weight, bias, { padding: 1, mask })
 * @see https://pytorch.org/vision/stable/generated/torchvision.ops.deform_conv2d.html
 */
export function deformConv2d(
  ...args: [
    input: Tensor,
    offset: Tensor,
    weight: Tensor,
    ...rest: Args<
      [bias?: Tensor | null, stride?: Sizes, padding?: Sizes, dilation?: Sizes, mask?: Tensor | null],
      ["bias", "stride", "padding", "dilation", "mask"]
    >,
  ]
): Tensor {
  const { input, offset, weight, bias, stride, padding, dilation, mask } = signature.parse(args);
  if (input.ndim !== 4 || weight.ndim !== 4 || offset.ndim !== 4) {
    const shapes = [input, offset, weight].map(({ shape }) => `[${shape.join(", ")}]`);
    throw new Error(`deformConv2d: expected input, offset and weight of 4 dims, got ${shapes.join(", ")}`);
  }
  const [outChannels, perGroup, rows, columns] = weight.shape as [number, number, number, number];
  const offsetGroups = Math.floor((offset.shape[1] as number) / (2 * rows * columns));
  if (!(offsetGroups > 0)) {
    throw new Error(
      "the shape of the offset tensor at dimension 1 is not valid. It should be a multiple of 2 * weight.size[2] * weight.size[3].\n" +
        `Got offset.shape[1]=${offset.shape[1]}, while 2 * weight.size[2] * weight.size[3]=${2 * rows * columns}`,
    );
  }
  const like = { dtype: input.dtype, device: input.device };
  return torch.ops.torchvision.deformConv2d(
    input,
    weight,
    offset,
    mask ?? torch.zeros([input.shape[0] as number, 0], like),
    bias ?? torch.zeros(outChannels, like),
    ...pair("stride", stride),
    ...pair("padding", padding),
    ...pair("dilation", dilation),
    Math.floor((input.shape[1] as number) / perGroup),
    offsetGroups,
    mask !== null,
  );
}

const moduleParams = {
  inChannels: int,
  outChannels: int,
  kernelSize: sizeOrSizes,
  stride: optional(sizeOrSizes, 1),
  padding: optional(sizeOrSizes, 0),
  dilation: optional(sizeOrSizes, 1),
  groups: optional(int, 1),
  bias: flagOn,
};

/**
 * `deformConv2d` as a module with a weight and a bias; offset and mask come with the input.
 *
 * @example
 * const conv = new ops.DeformConv2d(3, 8, 3, { padding: 1 });
 * const offset = new nn.Conv2d(3, 2 * 3 * 3, 3, { padding: 1 });
 * conv(images, offset(images));
 * @see https://pytorch.org/vision/stable/generated/torchvision.ops.DeformConv2d.html
 */
export class DeformConv2d extends nn.Module {
  declare inChannels: number;
  declare outChannels: number;
  declare kernelSize: readonly number[];
  declare stride: readonly number[];
  declare padding: readonly number[];
  declare dilation: readonly number[];
  declare groups: number;
  declare weight: nn.Parameter;
  declare bias: nn.Parameter | null;

  constructor(
    ...args: [
      inChannels: number,
      outChannels: number,
      kernelSize: Sizes,
      ...rest: Args<
        [stride?: Sizes, padding?: Sizes, dilation?: Sizes, groups?: number],
        ["stride", "padding", "dilation", "groups"],
        { bias?: boolean }
      >,
    ]
  ) {
    super();
    const given = new Signature(new.target.name, moduleParams).parse(args);
    const { inChannels, outChannels, groups, bias } = given;
    if (groups <= 0) throw new RangeError("groups must be a positive integer");
    if (inChannels % groups !== 0) throw new Error("in_channels must be divisible by groups");
    if (outChannels % groups !== 0) throw new Error("out_channels must be divisible by groups");
    this.inChannels = inChannels;
    this.outChannels = outChannels;
    for (const name of ["kernelSize", "stride", "padding", "dilation"] as const) this[name] = pair(name, given[name]);
    this.groups = groups;
    this.weight = new nn.Parameter(torch.empty([outChannels, inChannels / groups, ...this.kernelSize]));
    this.registerParameter("bias", bias ? new nn.Parameter(torch.empty(outChannels)) : null);
    this.resetParameters();
  }

  /** Draws weight and bias anew: uniform within ±1/√(inputs of an output). */
  resetParameters(): void {
    nn.init.kaimingUniform_(this.weight, Math.sqrt(5));
    if (this.bias === null) return;
    const bound = 1 / Math.sqrt(this.weight.numel() / this.outChannels);
    nn.init.uniform_(this.bias, -bound, bound);
  }

  override forward(input: Tensor, offset: Tensor, mask: Tensor | null = null): Tensor {
    const { weight, bias, stride, padding, dilation } = this;
    return deformConv2d(input, offset, weight, bias, stride, padding, dilation, mask);
  }

  override extraRepr(): string {
    const { inChannels, outChannels, kernelSize, stride, padding, dilation, groups, bias } = this;
    const tuple = (sizes: readonly number[]) => `(${sizes.join(", ")})`;
    const parts = [inChannels, outChannels, `kernel_size=${tuple(kernelSize)}`, `stride=${tuple(stride)}`];
    if (padding.some((size) => size !== 0)) parts.push(`padding=${tuple(padding)}`);
    if (dilation.some((size) => size !== 1)) parts.push(`dilation=${tuple(dilation)}`);
    if (groups !== 1) parts.push(`groups=${groups}`);
    if (bias === null) parts.push("bias=False");
    return parts.join(", ");
  }
}
