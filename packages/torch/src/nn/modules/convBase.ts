/** What convolution layers share: sizes, parameters and how they begin, and the printed form. */
import { tensor, type ValuesOf } from "../../arguments/params.js";
import { readArgument } from "../../arguments/parse.js";
import { formatShape } from "../../core/shape.js";
import type { Tensor } from "../../core/tensor.js";
import { emptyParameter, type factoryParams } from "../arguments.js";
import { calculateFanInAndFanOut, kaimingUniform_, uniform_ } from "../init.js";
import { initialize, unsized } from "../lazy.js";
import { Module } from "../module.js";
import type { Parameter } from "../parameter.js";
import { py } from "../repr.js";

/** One number for all dims, or one for each. */
export type Sizes = number | readonly number[];

/** One number for each of so many dims. */
export function forEachDim(name: string, sizes: Sizes, ndim: number): readonly number[] {
  if (typeof sizes === "number") return new Array<number>(ndim).fill(sizes);
  if (sizes.length === 1) return new Array<number>(ndim).fill(sizes[0] as number);
  if (sizes.length === ndim) return sizes;
  throw new Error(`${name} must be one number or ${ndim}, got ${py(sizes)}`);
}

interface Settings extends ValuesOf<typeof factoryParams> {
  inChannels: number;
  outChannels: number;
  kernelSize: Sizes;
  stride: Sizes;
  padding: readonly number[] | string;
  dilation: Sizes;
  groups: number;
  bias: boolean;
  outputPadding?: Sizes;
  paddingMode: string;
}

/** A convolution, or a transposed one, over so many dims. */
export abstract class ConvBase extends Module {
  inChannels: number;
  outChannels: number;
  kernelSize: readonly number[];
  stride: readonly number[];
  padding: readonly number[] | string;
  dilation: readonly number[];
  transposed: boolean;
  outputPadding: readonly number[];
  groups: number;
  paddingMode: string;
  weight: Parameter;
  declare bias: Parameter | null;

  constructor(ndim: number, transposed: boolean, read: (module: Module) => Settings) {
    super();
    const settings = read(this);
    const { inChannels, outChannels, padding, groups, bias, device, dtype } = settings;
    if (groups <= 0) throw new RangeError("groups must be a positive integer");
    if (inChannels % groups !== 0) throw new Error("in_channels must be divisible by groups");
    if (outChannels % groups !== 0) throw new Error("out_channels must be divisible by groups");
    this.inChannels = inChannels;
    this.outChannels = outChannels;
    this.kernelSize = forEachDim("kernel_size", settings.kernelSize, ndim);
    this.stride = forEachDim("stride", settings.stride, ndim);
    this.padding = typeof padding === "string" ? padding : forEachDim("padding", padding, ndim);
    this.dilation = forEachDim("dilation", settings.dilation, ndim);
    this.transposed = transposed;
    this.outputPadding = forEachDim("output_padding", settings.outputPadding ?? 0, ndim);
    this.groups = groups;
    this.paddingMode = settings.paddingMode;
    this.weight = emptyParameter(this.weightSizes(), { device, dtype });
    this.registerParameter("bias", bias ? emptyParameter([outChannels], { device, dtype }) : null);
    this.resetParameters();
  }

  /** @internal */
  protected weightSizes(): number[] {
    const { inChannels, outChannels, groups, transposed, kernelSize } = this;
    const channels = transposed ? [inChannels, outChannels / groups] : [outChannels, inChannels / groups];
    return [...channels, ...kernelSize];
  }

  /** Draws weight and bias anew: uniform within ±1/√(inputs of an output). */
  resetParameters(): void {
    kaimingUniform_(this.weight, Math.sqrt(5));
    if (this.bias === null) return;
    const [fanIn] = calculateFanInAndFanOut(this.weight);
    if (fanIn === 0) return;
    const bound = 1 / Math.sqrt(fanIn);
    uniform_(this.bias, -bound, bound);
  }

  /** @internal Takes the number of channels from the first input or what was loaded, and is of the class from then on. */
  protected becomeEager(given: Tensor, Class: { readonly prototype: ConvBase }): void {
    const input = readArgument(this.constructor.name, "input", tensor, given);
    const ndim = this.kernelSize.length;
    if (input.ndim !== ndim + 1 && input.ndim !== ndim + 2) {
      throw new Error(
        `Expected ${ndim + 1}D (unbatched) or ${ndim + 2}D (batched) input to ${this.constructor.name}, but got input of size: ${formatShape(input.shape)}`,
      );
    }
    const { sizes } = this.weight;
    const loaded = this.transposed ? (sizes[0] as number) : (sizes[1] as number) * this.groups;
    const channels = this[unsized]?.has("weight") ? (input.shape[input.ndim - ndim - 1] as number) : loaded;
    if (channels % this.groups !== 0) throw new Error("in_channels must be divisible by groups");
    this.inChannels = channels;
    Object.setPrototypeOf(this, Class.prototype);
    initialize(this, (key) => (key === "weight" ? this.weightSizes() : [this.outChannels]));
  }

  override extraRepr(): string {
    const { padding, dilation, outputPadding, groups, paddingMode } = this;
    const parts = [`${this.inChannels}, ${this.outChannels}`];
    parts.push(`kernel_size=${py(this.kernelSize)}`, `stride=${py(this.stride)}`);
    if (typeof padding === "string") parts.push(`padding=${padding}`);
    else if (padding.some((size) => size !== 0)) parts.push(`padding=${py(padding)}`);
    if (dilation.some((step) => step !== 1)) parts.push(`dilation=${py(dilation)}`);
    if (outputPadding.some((size) => size !== 0)) parts.push(`output_padding=${py(outputPadding)}`);
    if (groups !== 1) parts.push(`groups=${groups}`);
    if (this.bias === null) parts.push("bias=False");
    if (paddingMode !== "zeros") parts.push(`padding_mode=${paddingMode}`);
    return parts.join(", ");
  }
}
